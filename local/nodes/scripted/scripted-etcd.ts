import { createHash } from 'node:crypto';
import { isValid } from './certificates';
import type { ScriptedNode } from './scripted-node';

/** etcd with a member on each control plane: it works while a majority of them have certificates that the others take. */
export class ScriptedEtcd {
  leader: ScriptedNode | undefined;

  constructor(readonly members: ScriptedNode[]) {
    this.leader = members[0];
  }

  idOf({ name }: ScriptedNode): string {
    return createHash('sha256').update(name).digest('hex').slice(0, 16);
  }

  works(node: ScriptedNode): boolean {
    return this.isUp(node) && this.members.filter((member) => this.isUp(member)).length > this.members.length / 2;
  }

  moveLeader(name: string): void {
    this.leader = this.members.find((member) => member.name === name);
  }

  /** Before its member restarts, the leader lets another one lead, where there is one. */
  handOver(node: ScriptedNode): void {
    if (this.leader !== node) return;
    this.leader = this.members.find((member) => member !== node && this.isUp(member)) ?? node;
  }

  private isUp({ isOn, loaded }: ScriptedNode): boolean {
    return isOn && isValid(loaded.get('etcd-server')) && isValid(loaded.get('etcd-peer'));
  }
}
