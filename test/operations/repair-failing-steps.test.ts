import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedCluster } from '../../local/nodes/simulated';
import { functionThrows, injectFaults, invokesLambda, taskStates } from './helpers/faults';
import { deadCluster, expectWhole, letTheTokenAge, secretsLeft } from './helpers/repair';
import { isRepair } from './helpers/repair-states';
import { World, until } from './helpers/world';
import type { Ended } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterEach(() => (world.onCall = undefined));
afterAll(() => world?.stop());

const renew = (cluster: SimulatedCluster): Promise<Ended> => world.run('renew-certificates', { cluster: cluster.name });

describe('whatever step fails, starting again finishes the repair', () => {
  test.each(taskStates('renew-certificates').filter(isRepair))('"%s" fails', async (state) => {
    const cluster = await deadCluster(world, { controlPlanes: 1 });
    const hits = await injectFaults(world, { machine: 'renew-certificates', state });
    if (state === 'Make the token last longer') letTheTokenAge(world);
    const failed = await renew(cluster);
    world.onCall = undefined;
    expect([state, hits.get(state)! > 0]).toEqual([state, true]);
    expect(failed).toMatchObject({ status: 'FAILED', error: expect.stringMatching(/^[A-Z][A-Za-z0-9.]+$/) });
    expect(failed.cause).toMatch(/^\S[^{}]*[.]$/);
    await until('the lock is given back', async () => (await world.lockHolder(cluster.name)) === undefined);
    await until('no secret is left', () => secretsLeft(world, cluster).length === 0);
    expectWhole(cluster, await renew(cluster));
  });

  test.each(taskStates('renew-certificates', invokesLambda).filter(isRepair))(
    'the function of "%s" throws something unexpected',
    async (state) => {
      const cluster = await deadCluster(world, { controlPlanes: 1, workers: 0 });
      await injectFaults(world, { machine: 'renew-certificates', state, instead: functionThrows });
      const failed = await renew(cluster);
      world.onCall = undefined;
      expect(failed.cause).toContain('TypeError');
      await until('no secret is left', () => secretsLeft(world, cluster).length === 0);
      expectWhole(cluster, await renew(cluster));
    },
  );

  test.each([
    ['Restart etcd on all of them', 'crictl', 'pods * --name ^etcd-*'],
    ['Restart the API servers', 'crictl', 'pods * --name ^kube-apiserver-*'],
    ['Restart the rest and prove what is served', 'crictl', 'pods * --name ^kube-scheduler-*'],
  ])('"%s" fails on one of three nodes, because %s %s does', async (state, tool, call) => {
    const cluster = await deadCluster(world);
    const node = cluster.node('cp-2');
    node.addFault({ tool, arguments: call, action: 1, stderr: 'out of entropy' });
    const failed = await renew(cluster);
    expect(failed).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed', cause: expect.stringContaining('cp-2') });
    expect((await world.entered(failed.arn)).filter((name) => isRepair(name)).at(-1)).toBe(state);
    rmSync(join(node.root, 'faults'), { recursive: true });
    expectWhole(cluster, await renew(cluster));
  });

  test('it is stopped by a person while etcd restarts everywhere', async () => {
    const cluster = await deadCluster(world);
    const since = world.lines.length;
    const arn = await world.start('renew-certificates', { cluster: cluster.name });
    await until('etcd restarts', () => world.lines.slice(since).some(({ line }) => line.includes('restart etcd')));
    await world.stopExecution(arn);
    await until('the lock is given back', async () => (await world.lockHolder(cluster.name)) === undefined);
    await until('no secret is left', () => secretsLeft(world, cluster).length === 0);
    // A script of the stopped operation may still be at work: then the next one says so.
    let again = await renew(cluster);
    for (let tries = 0; tries < 60 && again.error === 'GateRefused'; tries++) again = await renew(cluster);
    expectWhole(cluster, again);
  });
});
