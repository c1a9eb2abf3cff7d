import type { UpOptions } from '../../../local/nodes/lab/lab-cluster';
import { LabCluster } from '../../../local/nodes/lab/lab-cluster';
import type { LabNode } from '../../../local/nodes/lab/lab-node';
import type { Ended } from '../../operations/helpers/world';
import { World, until } from '../../operations/helpers/world';
import { KUBERNETES } from './kubernetes-version';
import { stateOfAll } from './node-state';
import { runNodeScript } from './node-script';

/** A lab cluster and the app that operates it, on a local AWS of its own. */
export class OperatedCluster {
  /** What happened, a line each, for who reads the log of the tests. */
  readonly told: string[] = [];

  private constructor(
    readonly cluster: LabCluster,
    private current: World,
  ) {}

  static async up(options: UpOptions & { name: string }): Promise<OperatedCluster> {
    const cluster = await LabCluster.up({ ...KUBERNETES, ...options });
    return new OperatedCluster(cluster, await worldOver(cluster));
  }

  get world(): World {
    return this.current;
  }

  /** While `act` runs, no app of ours operates the cluster; after it a new one does, which knows nothing of what was before. */
  async whileAnotherOperates<T>(act: () => Promise<T>): Promise<T> {
    const { targetGroups } = this.current;
    await this.current.stop();
    try {
      return await act();
    } finally {
      this.current = await worldOver(this.cluster);
      this.current.targetGroups.push(...targetGroups);
    }
  }

  async down(): Promise<void> {
    await this.world.stop();
    await this.cluster.down();
    console.log(this.told.join('\n'));
  }

  get name(): string {
    return this.cluster.name;
  }

  node(name: string): LabNode {
    return this.cluster.node(name);
  }

  tell(what: string, ended: Ended): Ended {
    const { status, error, cause, output } = ended;
    this.told.push(`${what}: ${status}. ${error ? `${error}: ${cause}` : (output.summary ?? output.because)}`);
    return ended;
  }

  async check(what: string): Promise<Ended> {
    return this.tell(what, await this.world.runWell('check-certificates', { cluster: this.name }));
  }

  async renew(what: string, input: object = {}): Promise<Ended> {
    return this.tell(what, await this.world.run('renew-certificates', { cluster: this.name, ...input }));
  }

  /** An operation that a gate refuses, in these words, and that leaves every node that is on exactly as it was. */
  async refusesToRenew(what: string, sentence: RegExp): Promise<void> {
    const before = await stateOfAll(this.cluster);
    const calls = this.world.calls.length;
    const refused = await this.renew(what);
    expect(refused).toMatchObject({ status: 'FAILED', error: 'GateRefused', cause: expect.stringMatching(sentence) });
    expect(this.world.sent(calls).filter((command) => command.startsWith('renew'))).toEqual([]);
    expect(await this.world.lockHolder(this.name)).toBeUndefined();
    expect(await stateOfAll(this.cluster)).toEqual(before);
  }

  /** Starts a renewal, and waits until its script says something on a node. */
  async renewUntil(text: string, input: object = {}): Promise<{ arn: string; node: LabNode }> {
    const since = this.world.lines.length;
    const arn = await this.world.start('renew-certificates', { cluster: this.name, ...input });
    const { node } = await until(`a script says "${text}"`, () =>
      this.world.lines.slice(since).find(({ line }) => line.includes(text)),
    );
    return { arn, node: this.node(node) };
  }

  async lockIsFree(): Promise<void> {
    await until('the lock is given back', async () => (await this.world.lockHolder(this.name)) === undefined);
  }

  /** Every API server says so itself, with its etcd member. */
  async allReady(): Promise<void> {
    await Promise.all(this.cluster.controlPlanes.map((node) => runNodeScript(node, 'wait-until-ready')));
  }

  /** What a look at each control plane shows, by name. */
  async ofEach<T>(look: (node: LabNode) => Promise<T>): Promise<Record<string, T>> {
    return Object.fromEntries(
      await Promise.all(this.cluster.controlPlanes.map(async (node) => [node.name, await look(node)] as const)),
    );
  }
}

async function worldOver(cluster: LabCluster): Promise<World> {
  const world = await World.start();
  world.nodes.push(...cluster.nodes);
  return world;
}
