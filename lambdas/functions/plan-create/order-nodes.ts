import type { Asked } from '../../domain/create/asked-machines';
import {
  controlPlanesOf,
  isJoined,
  isUnproven,
  type CreateView,
  type Machine,
  type MachinesView,
} from '../../domain/create/machines';

/** Who becomes a node of the cluster, in which order. */
export interface Order {
  /** The cluster begins with it, or it is a control plane that there is already. Undefined where no control plane answered. */
  first?: Machine;
  /** Runs etcd before kubeadm init, and signs what `first` shows it. */
  etcd: Machine[];
  /** kubeadm init has to run on `first`. */
  isNew: boolean;
  /** To join, one after the other. */
  controlPlanes: Machine[];
  /** To join, all at once. */
  workers: Machine[];
  /** Joined, and to be looked at. */
  unproven: Machine[];
}

/**
 * The first control plane by name, unless one is there already, or one was begun with: then it goes on from there. So it is the same
 * however often the operation is cut off and started again.
 */
export function orderNodes(view: CreateView): Order {
  const controlPlanes = controlPlanesOf(view);
  const joined = controlPlanes.find(isJoined);
  const begun = controlPlanes.find(({ value }) => value.cluster.step === 'init');
  const first = joined ?? begun ?? controlPlanes[0];
  const isNew = first !== undefined && joined === undefined;
  return {
    ...(first && { first }),
    etcd: isNew ? view.etcdMachines : [],
    isNew,
    controlPlanes: controlPlanes.filter((machine) => machine !== first && !isJoined(machine)),
    workers: view.machines.filter((machine) => machine.role === 'worker' && !isJoined(machine)),
    unproven: view.machines.filter(isUnproven),
  };
}

/** The same where machines join a cluster that is there: a control plane that is a node already lets them in. */
export function orderJoining({ machines }: MachinesView, { nodes }: Asked): Order {
  const first = controlPlanesOf({ machines }).find(isJoined);
  const asked = machines.filter(({ instanceId }) => nodes.some((node) => node.instanceId === instanceId));
  const joining = asked.filter((machine) => !isJoined(machine));
  return {
    ...(first && { first }),
    etcd: [],
    isNew: false,
    controlPlanes: joining.filter(({ role }) => role === 'control-plane'),
    workers: joining.filter(({ role }) => role === 'worker'),
    unproven: asked.filter(isUnproven),
  };
}
