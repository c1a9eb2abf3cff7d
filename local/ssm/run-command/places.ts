/** The agent's workers: each node runs at most 5 commands at a time, further ones wait their turn. */
export class Places {
  private readonly taken = new Map<string, number>();
  private readonly waiting = new Map<string, (() => void)[]>();

  constructor(private readonly perNode = 5) {}

  /** A place, given back by calling the answer; undefined when the signal came first. */
  async take(node: string, signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted) return undefined;
    const taken = this.taken.get(node) ?? 0;
    if (taken >= this.perNode && !(await this.turn(node, signal))) return undefined;
    if (taken < this.perNode) this.taken.set(node, taken + 1);
    let given = false;
    return () => {
      if (!given) this.giveBack(node);
      given = true;
    };
  }

  /** Whoever gives a place back hands it to the next in the queue, so that nobody overtakes. */
  private turn(node: string, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const queue = this.waiting.get(node) ?? [];
      this.waiting.set(node, queue);
      const next = () => {
        signal.removeEventListener('abort', leave);
        resolve(true);
      };
      const leave = () => {
        queue.splice(queue.indexOf(next), 1);
        resolve(false);
      };
      queue.push(next);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  private giveBack(node: string): void {
    const next = this.waiting.get(node)?.shift();
    if (next) next();
    else this.taken.set(node, this.taken.get(node)! - 1);
  }
}
