import { failure } from '../../local/nodes/scripted/outcomes';
import type { ScriptedCluster } from '../../local/nodes/scripted/scripted-cluster';
import { FailingRepairs, expectNothingHeld } from './helpers/failing-repairs';
import { functionThrows, injectFaults, invokesLambda, taskStates } from './helpers/faults';
import { expectScriptedWhole, letTheTokenAge, scriptedDeadCluster } from './helpers/repair';
import { isRepair, repairStates } from './helpers/repair-states';
import { World } from './helpers/world';
import type { Ended } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.startScripted();
});
afterEach(() => (world.onCall = undefined));
afterAll(() => world?.stop());

const renew = (cluster: ScriptedCluster): Promise<Ended> => world.run('renew-certificates', { cluster: cluster.name });

/** On clusters of so many control planes. */
const failingRepairs = (controlPlanes: number) =>
  new FailingRepairs<ScriptedCluster>(world, {
    make: async () => scriptedDeadCluster(world, { controlPlanes }),
    renew,
    expectRepaired: (cluster, ended) => {
      expectScriptedWhole(cluster, ended);
      expect(cluster.controlPlanes.map((node) => node.renewals)).toEqual(cluster.controlPlanes.map(() => 1));
    },
  });

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
    let repairs: FailingRepairs<ScriptedCluster>;
    beforeAll(() => void (repairs = failingRepairs(1)));

    test.each(inOrder)('$title', async ({ title, state, cause, instead }) => {
      let hits = 0;
      const [cluster, failed] = await repairs.failIn(state, async (cluster) => {
        const counted = await injectFaults(world, { machine: 'renew-certificates', state, instead });
        if (state === 'Make the token last longer') letTheTokenAge(cluster);
        const ended = await renew(cluster);
        world.onCall = undefined;
        hits = counted.get(state)!;
        return ended;
      });
      expect([state, hits > 0]).toEqual([state, true]);
      expect(failed).toMatchObject({ status: 'FAILED', error: expect.stringMatching(/^[A-Z][A-Za-z0-9.]+$/) });
      expect(failed.cause).toMatch(/^\S[^{}]*[.]$/);
      expect(failed.cause).toMatch(cause);
      await expectNothingHeld(world, cluster);
      seen.push(title);
      repairs.leave(cluster);
    });

    test('nothing fails any more', () => repairs.finish());

    test('every state that calls a service has been made to fail here', () => {
      expect(seen.sort()).toEqual(faults.map(({ title }) => title).sort());
    });
  });

  describe('a step on one of three nodes', () => {
    let repairs: FailingRepairs<ScriptedCluster>;
    beforeAll(() => void (repairs = failingRepairs(3)));

    test.each([
      ['Renew the files on all of them', 'renew-certificates', 'files'],
      ['Give their kubelets credentials', 'rejoin-kubelet', undefined],
      ['Restart etcd on all of them', 'renew-certificates', 'etcd'],
      ['Restart the API servers', 'renew-certificates', 'kube-apiserver'],
      ['Restart the rest and prove what is served', 'renew-certificates', 'all'],
      ['Refresh the copies of admin.conf on all of them', 'refresh-kubeconfigs', undefined],
    ])('"%s" fails', async (state, step, until) => {
      const [cluster, failed] = await repairs.failIn(state, async (cluster) => {
        cluster.onStep = async ({ node, step: asked, parameters }, next) =>
          node.name === 'cp-2' && asked === step && parameters['Until'] === until
            ? failure('restart', 'out of entropy')
            : next();
        const ended = await renew(cluster);
        cluster.onStep = undefined;
        return ended;
      });
      expect(failed).toMatchObject({
        status: 'FAILED',
        error: 'NodeStepFailed',
        cause: expect.stringContaining('cp-2'),
      });
      await expectNothingHeld(world, cluster);
      repairs.leave(cluster);
    });

    test('nothing fails any more', () => repairs.finish());
  });
});
