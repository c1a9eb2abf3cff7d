import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedCluster } from '../../local/nodes/simulated';
import { functionThrows, injectFaults, invokesLambda, taskStates } from './helpers/faults';
import { deadCluster, expectWhole, letTheTokenAge, secretsLeft } from './helpers/repair';
import { isRepair, repairStates } from './helpers/repair-states';
import { World, until } from './helpers/world';
import type { ClusterOptions, Ended } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterEach(() => (world.onCall = undefined));
afterAll(() => world?.stop());

const renew = (cluster: SimulatedCluster): Promise<Ended> => world.run('renew-certificates', { cluster: cluster.name });

async function expectNothingHeld(cluster: SimulatedCluster): Promise<void> {
  await until('the lock is given back', async () => (await world.lockHolder(cluster.name)) === undefined);
  await until('no secret is left', () => secretsLeft(world, cluster).length === 0);
}

/** Repairs that fail in tests of their own, each on the cluster of the one before: it goes on behind what is done. */
class FailingRepairs {
  private left: SimulatedCluster | undefined;

  constructor(private readonly options: ClusterOptions = {}) {}

  /** Leaves the cluster to the next test, at the end of one that has passed: one in an unknown state is for nobody. */
  leave(cluster: SimulatedCluster): void {
    this.left = cluster;
  }

  /**
   * @param start starts a repair so that it fails in this state. When the cluster that was left is repaired without
   * coming there, it starts another, of a dead cluster.
   */
  async failIn(
    state: string,
    start: (cluster: SimulatedCluster) => Promise<Ended>,
  ): Promise<[SimulatedCluster, Ended]> {
    const left = this.take();
    const cluster = left ?? (await deadCluster(world, this.options));
    const ended = await start(cluster);
    const entered = await world.entered(ended.arn);
    if (left && !entered.includes(state)) {
      await this.expectRepaired(left, ended);
      return this.failIn(state, start);
    }
    expect(entered.filter(isRepair).at(-1)).toBe(state);
    return [cluster, ended];
  }

  /** Starts a repair in which nothing fails. */
  async finish(): Promise<void> {
    const cluster = this.take() ?? (await deadCluster(world, this.options));
    await this.expectRepaired(cluster, await renew(cluster));
  }

  private take(): SimulatedCluster | undefined {
    const { left } = this;
    this.left = undefined;
    return left;
  }

  /** All starts together have renewed the files once. Powers the cluster off. */
  private async expectRepaired(cluster: SimulatedCluster, ended: Ended): Promise<void> {
    expectWhole(cluster, ended);
    const controlPlanes = cluster.nodes.filter(({ role }) => role === 'control-plane');
    const renewals = controlPlanes.map(({ name, calls }) => [
      name,
      calls.filter((call) => /certs renew/.test(call)).length,
    ]);
    expect(renewals).toEqual(controlPlanes.map(({ name }) => [name, 1]));
    await cluster.stop();
  }
}

describe('whatever step fails, starting again finishes the repair', () => {
  const refused = (state: string) => ({ title: `"${state}" fails`, state, cause: /./, instead: undefined });
  const thrown = (state: string) => ({
    title: `the function of "${state}" throws something unexpected`,
    state,
    cause: /TypeError/,
    instead: functionThrows,
  });
  const faults = [
    ...taskStates('renew-certificates').map(refused),
    ...taskStates('renew-certificates', invokesLambda).map(thrown),
  ].filter(({ state }) => isRepair(state));
  // So one cluster does for all of them until it is alive again.
  const inOrder = repairStates().flatMap((name) => faults.filter(({ state }) => state === name));
  const seen: string[] = [];

  describe('each step once', () => {
    const repairs = new FailingRepairs({ controlPlanes: 1 });

    test.each(inOrder)('$title', async ({ title, state, cause, instead }) => {
      let hits = 0;
      const [cluster, failed] = await repairs.failIn(state, async (cluster) => {
        const counted = await injectFaults(world, { machine: 'renew-certificates', state, instead });
        if (state === 'Make the token last longer') letTheTokenAge(world);
        const ended = await renew(cluster);
        world.onCall = undefined;
        hits = counted.get(state)!;
        return ended;
      });
      expect([state, hits > 0]).toEqual([state, true]);
      expect(failed).toMatchObject({ status: 'FAILED', error: expect.stringMatching(/^[A-Z][A-Za-z0-9.]+$/) });
      expect(failed.cause).toMatch(/^\S[^{}]*[.]$/);
      expect(failed.cause).toMatch(cause);
      await expectNothingHeld(cluster);
      seen.push(title);
      repairs.leave(cluster);
    });

    test('nothing fails any more', () => repairs.finish());

    test('every state that calls a service has been made to fail here', () => {
      expect(seen.sort()).toEqual(faults.map(({ title }) => title).sort());
    });
  });

  describe('a step on one of three nodes', () => {
    const repairs = new FailingRepairs();

    test.each([
      ['Restart etcd on all of them', 'crictl', 'pods * --name ^etcd-*'],
      ['Restart the API servers', 'crictl', 'pods * --name ^kube-apiserver-*'],
      ['Restart the rest and prove what is served', 'crictl', 'pods * --name ^kube-scheduler-*'],
    ])('"%s" fails, because %s %s does', async (state, tool, call) => {
      const [cluster, failed] = await repairs.failIn(state, async (cluster) => {
        const node = cluster.node('cp-2');
        node.addFault({ tool, arguments: call, action: 1, stderr: 'out of entropy' });
        const ended = await renew(cluster);
        rmSync(join(node.root, 'faults'), { recursive: true });
        return ended;
      });
      expect(failed).toMatchObject({
        status: 'FAILED',
        error: 'NodeStepFailed',
        cause: expect.stringContaining('cp-2'),
      });
      repairs.leave(cluster);
    });

    test('nothing fails any more', () => repairs.finish());
  });

  test('it is stopped by a person while etcd restarts everywhere', async () => {
    const cluster = await deadCluster(world);
    const since = world.lines.length;
    const arn = await world.start('renew-certificates', { cluster: cluster.name });
    await until('etcd restarts', () => world.lines.slice(since).some(({ line }) => line.includes('restart etcd')));
    await world.stopExecution(arn);
    await expectNothingHeld(cluster);
    // A script of the stopped operation may still be at work: then the next one says so.
    let again = await renew(cluster);
    for (let tries = 0; tries < 60 && again.error === 'GateRefused'; tries++) again = await renew(cluster);
    expectWhole(cluster, again);
  });
});
