import type { Hop, UpgradeGroup, UpgradeTurn } from '../../contracts/upgrade';
import { orderControlPlanes } from '../../domain/upgrade/order';
import type { Machine, UpgradeView } from '../../domain/upgrade/view';
import { whatIsDone } from './what-is-done';
import { kubeadmParameters } from './kubeadm-parameters';
import { etcdAlong } from './etcd-along';

/** What every hop does with every node. A hop after which nothing would be different is left out. */
export function planHops(view: UpgradeView, versions: string[]): Hop[] {
  const etcd = etcdAlong(view, versions);
  return versions
    .map((version, index): Hop => {
      const raise = etcd[index];
      return {
        version,
        ...(raise && { raiseEtcd: raise }),
        kubeadm: kubeadmParameters(view, versions.slice(0, index), version),
        kubeletsLast: view.controlPlanes.some(({ value }) => value.controlPlane.kubeletServer === 'other'),
        controlPlanes: controlPlaneTurns(view, version),
        workers: workerGroups(view, version),
      };
    })
    .filter(({ controlPlanes, workers }) => controlPlanes.length > 0 || workers.length > 0);
}

/** The first one applies, unless an earlier run has finished one: that one's kubeadm has. */
function controlPlaneTurns(view: UpgradeView, version: string): UpgradeTurn[] {
  const turns = orderControlPlanes(view.controlPlanes).flatMap((node) => turnOf(view, node, version) ?? []);
  const applied = turns.length < view.controlPlanes.length && view.facts?.configuration.kubernetesVersion === version;
  return turns.map((turn, index) => (index === 0 && !applied ? { ...turn, command: 'apply' } : turn));
}

function turnOf(view: UpgradeView, node: Machine, version: string): UpgradeTurn | undefined {
  const done = whatIsDone(view, node, version);
  const { instanceId, name, value } = node;
  return done === 'all' ? undefined : { instanceId, name, nodeName: value.node, command: 'node', done };
}

/** By the name of the group; the first node of each is its canary. */
function workerGroups(view: UpgradeView, version: string): UpgradeGroup[] {
  const groupOf = new Map(view.nodes.map(({ instanceId, group }) => [instanceId, group ?? 'workers']));
  const groups = Map.groupBy(view.workers, ({ instanceId }) => groupOf.get(instanceId) ?? 'workers');
  return [...groups]
    .map(([group, members]) => ({
      group,
      maxUnavailable: atOnce(view.config.upgrade.maxUnavailable, members.length),
      nodes: members.flatMap((node) => turnOf(view, node, version) ?? []),
    }))
    .filter(({ nodes }) => nodes.length > 0)
    .sort((a, b) => (a.group < b.group ? -1 : 1));
}

/** A percentage is rounded down, as a Deployment's is; one worker at least. */
export function atOnce(maxUnavailable: number | string, workers: number): number {
  const number =
    typeof maxUnavailable === 'string' && maxUnavailable.endsWith('%')
      ? Math.floor((workers * Number.parseInt(maxUnavailable, 10)) / 100)
      : Number(maxUnavailable);
  return Math.max(1, number);
}
