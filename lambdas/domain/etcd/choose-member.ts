import type { NamedInstance } from '../../contracts/node';
import { byName } from '../nodes/answers';
import type { EtcdWitness } from './majority';

/** The control plane whose etcd member gives a snapshot: a healthy one that does not lead, because a snapshot takes some of its disk and processor; the leader where it is alone. */
export function chooseMember(controlPlanes: EtcdWitness[]): NamedInstance | undefined {
  const healthy = controlPlanes
    .filter(({ value }) => value.etcd.topology === 'stacked' && value.etcd.healthy)
    .sort(byName);
  const chosen = healthy.find(({ value }) => value.etcd.leader !== true) ?? healthy[0];
  return chosen && { instanceId: chosen.instanceId, name: chosen.name };
}
