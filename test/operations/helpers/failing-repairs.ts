import type { ScriptedCluster } from '../../../local/nodes/scripted/scripted-cluster';
import type { SimulatedCluster } from '../../../local/nodes/simulated';
import { isRepair } from './repair-states';
import { secretsLeft } from './repair';
import type { Ended, World } from './world';
import { until } from './world';

export interface Repairs<Cluster> {
  /** A dead cluster. */
  make(): Promise<Cluster>;
  renew(cluster: Cluster): Promise<Ended>;
  /** The cluster is well, and all starts together have renewed the files once. */
  expectRepaired(cluster: Cluster, ended: Ended): Promise<void> | void;
}

/** Repairs that fail in tests of their own, each on the cluster of the one before: it goes on behind what is done. */
export class FailingRepairs<Cluster extends ScriptedCluster | SimulatedCluster> {
  private left: Cluster | undefined;

  constructor(
    private readonly world: World,
    private readonly repairs: Repairs<Cluster>,
  ) {}

  /** Leaves the cluster to the next test, at the end of one that has passed: one in an unknown state is for nobody. */
  leave(cluster: Cluster): void {
    this.left = cluster;
  }

  /**
   * @param start starts a repair so that it fails in this state. When the cluster that was left is repaired without
   * coming there, it starts another, of a dead cluster.
   */
  async failIn(state: string, start: (cluster: Cluster) => Promise<Ended>): Promise<[Cluster, Ended]> {
    const left = this.take();
    const cluster = left ?? (await this.repairs.make());
    const ended = await start(cluster);
    const entered = await this.world.entered(ended.arn);
    if (left && !entered.includes(state)) {
      await this.repairs.expectRepaired(left, ended);
      return this.failIn(state, start);
    }
    expect(entered.filter(isRepair).at(-1)).toBe(state);
    return [cluster, ended];
  }

  /** Starts a repair in which nothing fails. */
  async finish(): Promise<void> {
    const cluster = this.take() ?? (await this.repairs.make());
    await this.repairs.expectRepaired(cluster, await this.repairs.renew(cluster));
  }

  private take(): Cluster | undefined {
    const { left } = this;
    this.left = undefined;
    return left;
  }
}

export async function expectNothingHeld(world: World, cluster: { name: string }): Promise<void> {
  await until('the lock is given back', async () => (await world.lockHolder(cluster.name)) === undefined);
  await until('no secret is left', () => secretsLeft(world, cluster).length === 0);
}
