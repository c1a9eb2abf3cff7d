import type { ClusterNode } from '../contracts/node';
import type { Gate } from '../contracts/plan';
import type { RemovedNode } from '../contracts/remove';
import { passed, refused } from '../domain/plan';

// What the two halves of a replacement have to be to each other.

export function twoMachines(leaving: RemovedNode | undefined, joining: ClusterNode | undefined): Gate {
  const name = 'two-machines';
  if (!leaving || leaving.instanceId !== joining?.instanceId)
    return passed(name, 'One machine leaves, another one joins.');
  return refused(
    name,
    `${leaving.name} cannot take its own place.`,
    'Name another machine after with, or remove the node and let it join again.',
  );
}

/** A worker in the place of a control plane would leave the cluster with one control plane less. */
export function likeForLike(leaving: RemovedNode | undefined, joining: ClusterNode | undefined): Gate {
  const name = 'same-role';
  if (!leaving?.role || !joining || leaving.role === joining.role)
    return passed(name, 'The machine that joins has the role of the node that leaves.');
  return refused(
    name,
    `${joining.name} is a ${named(joining.role)} by its tag, and ${leaving.name} is a ${named(leaving.role)}.`,
    'Choose another machine, or correct the tag kubeadm-autopilot:role.',
  );
}

const named = (role: ClusterNode['role']): string => (role === 'control-plane' ? 'control plane' : role);
