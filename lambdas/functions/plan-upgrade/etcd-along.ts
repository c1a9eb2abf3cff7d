import type { Hop } from '../../contracts/upgrade';
import { hazardsOf } from '../../domain/hazards/hazards';
import { orderControlPlanes } from '../../domain/upgrade/order';
import type { UpgradeView } from '../../domain/upgrade/view';
import { isOlder, minorOf, newest } from '../../domain/versions/version';

/**
 * For each hop, the members that are older than etcd's own rule asks before it. Of a later hop that is what the hop before will have installed:
 * what kubeadm pins, unless the ClusterConfiguration has a tag or what runs is newer.
 */
export function etcdAlong(view: UpgradeView, versions: string[]): (Hop['raiseEtcd'] | undefined)[] {
  if (view.etcd.topology === 'external') return versions.map(() => undefined);
  const stays = view.facts?.configuration.etcdImageTag !== undefined;
  const members = orderControlPlanes(view.controlPlanes).map(({ instanceId, name, value }) => ({
    ...{ instanceId, name, nodeName: value.node },
    version: value.controlPlane.etcd.version,
  }));
  return versions.map((version) => {
    const etcd = hazardsOf(minorOf(version))?.etcd;
    const old = members.filter((member) => etcd?.before && isOlder(member.version, etcd.before.version));
    const raise = etcd?.before &&
      old.length > 0 && {
        imageTag: etcd.before.imageTag,
        nodes: old.map(({ instanceId, name, nodeName }) => ({
          ...{ instanceId, name, nodeName },
          ...({ command: 'node', done: 'nothing' } as const),
        })),
      };
    for (const member of members) if (!stays) member.version = newest([member.version, etcd?.pin]);
    return raise || undefined;
  });
}
