import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

const FIND_EVERY_MS = 10;

/**
 * The process group of a script inside a node. The process that entered the node stays outside as its parent; inside, the script leads a
 * group of its own, as under the SSM agent: `timeout`, when a script becomes it, would leave any other group and not be killed with it.
 */
export class ScriptGroup {
  private leader?: number;
  private readonly finding: NodeJS.Timeout;

  constructor(private readonly child: ChildProcess) {
    this.finding = setInterval(() => this.find(), FIND_EVERY_MS).unref();
    child.once('exit', () => clearInterval(this.finding));
  }

  /** SIGKILL to all of it, and to the process that entered the node. */
  kill(): void {
    this.find();
    for (const leader of [this.leader, this.child.pid]) {
      try {
        if (leader) process.kill(-leader, 'SIGKILL');
      } catch {
        // It has ended already.
      }
    }
  }

  /** The first child of the process outside; known as long as that lives, so it is looked up early. */
  private find(): void {
    if (this.leader !== undefined) return;
    try {
      const [child] = readFileSync(`/proc/${this.child.pid}/task/${this.child.pid}/children`, 'utf8').split(' ');
      if (!child || !leadsSession(child)) return;
      this.leader = Number(child);
      clearInterval(this.finding);
    } catch {
      // It has ended already.
    }
  }
}

/** Before it does, it is still the program that is entering. Fields after the name in parentheses: state, parent, group, session. */
function leadsSession(pid: string): boolean {
  const [, , , session] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return session === pid;
}
