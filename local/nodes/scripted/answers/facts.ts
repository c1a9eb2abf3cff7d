import type { ControlPlaneFacts } from '../../../../lambdas/contracts/node-steps';
import type { ScriptOutcome } from '../../node';
import { iso } from '../certificates';
import { done } from '../outcomes';
import type { ClusterModel } from '../cluster-model';
import type { NodeModel } from '../node-model';
import type { StepCall } from './step-call';
import { inventory } from './inventory';

/** inspect-control-plane.sh */
export function inspectControlPlane({ node, parameters }: StepCall, cluster: ClusterModel): ScriptOutcome {
  const { openRenewal, renewalFinished, isRejoining } = node;
  const facts: ControlPlaneFacts = {
    node: node.name,
    ...(parameters['Inventory'] === 'yes' && { inventory: inventory(node, cluster) }),
    health: {
      kubelet: health(node.kubeletRuns, 'kubelet is inactive'),
      apiServer: health(cluster.apiServes(node), 'readyz answers 500, failing: etcd'),
      controllerManager: { ok: true },
      scheduler: { ok: true },
    },
    etcd: etcd(node, cluster),
    caKeys: [...cluster.cas.keys()],
    disk: { freeKiB: 50_000_000, neededKiB: 10_000 },
    renewal: {
      ...(renewalFinished && { finishedAt: iso(renewalFinished) }),
      unfinished: openRenewal !== undefined,
      ...(openRenewal && !openRenewal.isProven && { toRestart: openRenewal.toRestart }),
      ...(isRejoining && { rejoining: true }),
    },
  };
  return done(facts);
}

const health = (ok: boolean, reason: string) => (ok ? { ok } : { ok, reason });

function etcd(node: NodeModel, { etcd }: ClusterModel): ControlPlaneFacts['etcd'] {
  const topology = 'stacked';
  if (!etcd.works(node))
    return { topology, healthy: false, reason: 'the etcd member of this node cannot be asked', members: [] };
  const members = etcd.members.map((member) => ({
    id: etcd.idOf(member),
    name: member.name,
    healthy: etcd.works(member),
  }));
  return {
    topology,
    healthy: true,
    members,
    memberId: etcd.idOf(node),
    ...(etcd.leader === node && { leader: true }),
  };
}
