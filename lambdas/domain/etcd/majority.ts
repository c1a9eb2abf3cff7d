import type { ControlPlaneFacts } from '../../contracts/node-steps';
import type { Answer } from '../nodes/answers';

export interface Member {
  id: string;
  name: string;
  learner: boolean;
  healthy: boolean;
  /** The control plane it runs on, where it is one of those that answered. */
  node?: string;
}

/** What a control plane knows of etcd. */
export type EtcdWitness = Answer<Pick<ControlPlaneFacts, 'node' | 'etcd'>>;

/** etcd as all control planes together see it. */
export interface EtcdView {
  /** external: no member runs on a control plane, so no restart of ours touches one. */
  topology: 'stacked' | 'external';
  members: Member[];
}

/**
 * Puts the control planes' views together, on the safe side: a member is healthy only when every member that works itself says so,
 * and when its own node does not deny it. When no member works, none is healthy.
 */
export function viewEtcd(nodes: EtcdWitness[]): EtcdView {
  const stacked = nodes.filter(({ value }) => value.etcd.topology === 'stacked');
  if (stacked.length === 0) return { topology: 'external', members: [] };
  const working = stacked.filter(({ value }) => value.etcd.healthy && value.etcd.members.length > 0);
  const members = new Map<string, Member>();
  for (const { value } of working.length > 0 ? working : stacked) {
    for (const { id, name, learner } of value.etcd.members) {
      const known = members.get(id);
      // It votes as soon as anybody says so: counting a voter too many is safe, one too few is not.
      members.set(id, { id, name, learner: (learner ?? false) && (known?.learner ?? true), healthy: false });
    }
  }
  for (const member of members.values()) {
    const owner = stacked.find((node) => isOn(member, node));
    if (owner) member.node = owner.name;
    member.healthy =
      working.length > 0 &&
      owner?.value.etcd.healthy !== false &&
      working.every(({ value }) => value.etcd.members.find(({ id }) => id === member.id)?.healthy ?? false);
  }
  return { topology: 'stacked', members: [...members.values()].sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

/** A member that does not answer cannot tell its id; then its name does, which kubeadm takes from the node. */
function isOn(member: { id: string; name: string }, { value }: EtcdWitness): boolean {
  return value.etcd.memberId !== undefined
    ? value.etcd.memberId === member.id
    : member.name !== '' && member.name === value.node;
}

export interface Majority {
  voters: number;
  /** How many of them have to be healthy for etcd to work. */
  needed: number;
  healthy: number;
  /** How many are left while `nodes` restart. */
  healthyWithout: number;
}

export function majorityWithout(view: EtcdView, ...nodes: string[]): Majority {
  const voters = view.members.filter(({ learner }) => !learner);
  const healthy = voters.filter((member) => member.healthy);
  return {
    voters: voters.length,
    needed: Math.floor(voters.length / 2) + 1,
    healthy: healthy.length,
    healthyWithout: healthy.filter(({ node }) => node === undefined || !nodes.includes(node)).length,
  };
}

/** etcd without a majority; undefined when it has one, runs elsewhere, or has one member, which is alone with its control plane. */
export function lostMajority(answers: Answer<ControlPlaneFacts>[]): Majority | undefined {
  const view = viewEtcd(answers);
  if (view.topology === 'external' || (answers.length === 1 && view.members.length <= 1)) return undefined;
  const majority = majorityWithout(view);
  return majority.voters > 0 && majority.healthy >= majority.needed ? undefined : majority;
}

/** "1 of 3 voting members healthy, 2 needed", for what has no majority. */
export function describeMajority({ voters, needed, healthy }: Majority): string {
  return voters === 0 ? 'no member answers' : `${healthy} of ${voters} voting members healthy, ${needed} needed`;
}
