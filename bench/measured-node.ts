import type { Node, ScriptOutcome, ScriptRun } from '../local/nodes/node';

/** Intervals in which at least one script was running on any of the nodes, in milliseconds of `performance.now()`. */
export class ScriptTimes {
  private running = 0;
  private since = 0;
  private total = 0;
  scripts = 0;

  /** The same nodes; each script they run is timed. */
  measure(nodes: Node[]): Node[] {
    return nodes.map((node) => new Proxy(node, { get: (target, property) => this.member(target, property) }));
  }

  /** Milliseconds in which a script was running since the last call. */
  take(): number {
    const taken = this.total;
    this.total = 0;
    return taken;
  }

  private member(node: Node, property: string | symbol): unknown {
    if (property === 'run') return (run: ScriptRun) => this.timed(() => node.run(run));
    const value: unknown = Reflect.get(node, property, node);
    return typeof value === 'function' ? value.bind(node) : value;
  }

  private async timed(run: () => Promise<ScriptOutcome>): Promise<ScriptOutcome> {
    if (this.running++ === 0) this.since = performance.now();
    this.scripts++;
    try {
      return await run();
    } finally {
      if (--this.running === 0) this.total += performance.now() - this.since;
    }
  }
}
