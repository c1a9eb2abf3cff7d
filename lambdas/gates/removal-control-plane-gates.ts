import type { Gate, Refusal } from '../contracts/plan';
import { describeMajority, majorityWithout, type EtcdView, type Member } from '../domain/etcd/majority';
import { passed, refused, warned } from '../domain/plan';
import { count, listNames, shorten } from '../domain/text/plain-text';

// A control plane leaves for good: what those that stay have to be.

/** An API server that stays, and whether it is ready. */
export interface Staying {
  name: string;
  ok: boolean;
  reason?: string | undefined;
}

/**
 * @param leaving the control plane that leaves
 * @param joining the machine that becomes a control plane before, and is looked at again then
 */
export function othersServe(leaving: string, staying: Staying[], joining?: string): Gate {
  const name = 'other-control-planes';
  if (staying.length === 0) {
    if (joining !== undefined) return passed(name, `${joining} joins before ${leaving} leaves.`);
    return refused(
      name,
      `${leaving} is the last control plane that answers, and without one there is no cluster.`,
      'Let another control plane join first, or delete the cluster by hand.',
    );
  }
  const down = staying.filter(({ ok }) => !ok);
  if (down.length === 0)
    return passed(name, `The API servers of ${listNames(staying.map((one) => one.name))} are ready.`);
  return refused(
    name,
    `The API server of ${listNames(down.map((one) => one.name))} is not ready (${shorten(down[0]!.reason ?? 'no reason given', 200)}), and all that stay have to be when ${leaving} leaves.`,
    'Repair it first.',
  );
}

const QUORUM = 'etcd-quorum';

/** Refuses where etcd works no more, with which neither a member nor a Node can be removed. */
export function etcdHasMajority(view: EtcdView): Refusal | undefined {
  const majority = majorityWithout(view);
  if (view.topology === 'external' || majority.healthy >= majority.needed) return undefined;
  return refused(
    QUORUM,
    `etcd has no majority (${describeMajority(majority)}), so nothing can be removed.`,
    'Bring the members back that are away, or restore a snapshot (see "Restore a snapshot of etcd" in the runbook).',
  );
}

/**
 * Whether etcd works on without this member. One that works may leave only while all others do; a dead one may always leave while there is a
 * majority, because that makes the list shorter and takes nothing away.
 */
export function etcdCanSpare(leaving: Member | undefined, view: EtcdView): Gate {
  const name = QUORUM;
  if (view.topology === 'external') return passed(name, 'etcd is external: no member of it leaves.');
  const lost = etcdHasMajority(view);
  if (lost) return lost;
  if (!leaving) return passed(name, 'It has no etcd member.');
  const { voters, healthy } = majorityWithout(view);
  if (leaving.learner) return passed(name, 'Its etcd member is a learner, which has no vote.');
  const others = view.members.filter(({ id }) => id !== leaving.id);
  const left = voters - 1;
  if (left < 1) {
    return refused(name, 'It has the only etcd member that votes.', 'Let another control plane join first.');
  }
  const ill = others.filter((one) => !one.healthy || one.learner).map((one) => one.node ?? one.name);
  if (leaving.healthy && ill.length > 0) {
    return refused(
      name,
      `${listNames(ill)} ${ill.length === 1 ? 'is no healthy member' : 'are no healthy members'} of etcd, and all others have to be when one that works leaves.`,
      `Repair ${ill.length === 1 ? 'it' : 'them'} first, or remove ${ill.length === 1 ? 'that node' : 'those nodes'} first.`,
    );
  }
  const survivors = leaving.healthy ? healthy - 1 : healthy;
  const said = `Without it ${survivors} of ${count(left, 'voting etcd member')} ${survivors === 1 ? 'is' : 'are'} healthy, ${Math.floor(left / 2) + 1} needed.`;
  return left % 2 === 0
    ? warned(name, `${said} An even number survives no more losses than one less: let another control plane join.`)
    : passed(name, said);
}
