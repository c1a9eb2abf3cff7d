import type { ScriptOutcome } from '../../local/nodes/node';
import { failure, lost, timeLimit } from '../../local/nodes/scripted/outcomes';
import type { ScriptedCluster } from '../../local/nodes/scripted/scripted-cluster';
import { cluster, expectUpgraded, TARGET, unlocked, upgrade } from './helpers/upgrades';
import { World } from './helpers/world';

let world: World;
let number = 0;
beforeAll(async () => {
  world = await World.startScripted();
});
afterEach(() => (world.onCall = world.onEvent = undefined));
afterAll(() => world?.stop());

/** The node that runs the step, and the node that the step is about: a control plane drains a worker. */
type Case = [step: string, on: string, about: string];

/** Every node step that an upgrade sends, at each place at which it does, in that order. */
const CASES: Case[] = [
  ['back-up-etcd', 'cp-1', 'cp-1'],
  ['stage-upgrade', 'cp-1', 'cp-1'],
  ['stage-upgrade', 'worker-1', 'worker-1'],
  ['raise-etcd', 'cp-1', 'cp-1'],
  ['upgrade-kubeadm', 'cp-1', 'cp-1'],
  ['drain-node', 'cp-1', 'cp-1'],
  ['upgrade-kubelet', 'cp-1', 'cp-1'],
  ['uncordon-node', 'cp-1', 'cp-1'],
  ['upgrade-kubeadm', 'worker-1', 'worker-1'],
  ['drain-node', 'cp-1', 'worker-1'],
  ['upgrade-kubelet', 'worker-1', 'worker-1'],
  ['uncordon-node', 'cp-1', 'worker-1'],
];

/** A control plane, whose etcd is too old for the minor, and a worker; or three behind a load balancer. */
function fresh(options: Parameters<typeof cluster>[2] = { loadBalancer: false }): ScriptedCluster {
  const made = cluster(world, `table-${(number += 1)}`, { workers: 1, ...options });
  for (const node of made.controlPlanes) node.etcdVersion = '3.6.8';
  return made;
}

/** The first time that the step is run on that node, about that node. */
function breakOnce(of: ScriptedCluster, [step, on, about]: Case, outcome: () => ScriptOutcome): void {
  of.onStep = async (call, next) => {
    if (call.step !== step || call.node.name !== on || (call.parameters['Node'] ?? on) !== about) return next();
    of.onStep = undefined;
    return outcome();
  };
}

/** It ends with a sentence that names node and step, and leaves nothing held; then another start comes to the end. */
async function failsAndGoesOn(of: ScriptedCluster, [step, on, about]: Case, error: string): Promise<void> {
  const { status, error: name, cause = '' } = await world.run('upgrade', { cluster: of.name, version: TARGET });
  expect(of.onStep).toBeUndefined();
  expect([status, name]).toEqual(['FAILED', error]);
  expect(cause).toMatch(/^\S.*[.…]$/);
  expect(cause).not.toMatch(/[{}]|undefined|\[object/);
  for (const word of error === 'GateRefused' ? [on] : [step, on, about]) expect(cause).toContain(word);
  await unlocked(world, of);
  expect([...of.kubernetes.cordoned]).toEqual([]);
  expect(await world.loadBalancerRecord(of.name)).toBeUndefined();
  await upgrade(world, of);
  await expectUpgraded(world, of);
}

/** A look at nodes that fails is an answer, and a gate judges it. */
const LOOKS = ['inspect-for-upgrade', 'inspect-control-plane'];

describe('each node step, at each place: nothing stays held, and another start goes on', () => {
  test.each(CASES)('%s on %s, about %s, fails', async (...one) => {
    const of = fresh();
    breakOnce(of, one, () => failure('a part of it', 'It could not be done.'));
    await failsAndGoesOn(of, one, 'NodeStepFailed');
  });

  test.each(CASES)('%s on %s, about %s, takes too long', async (...one) => {
    const of = fresh();
    breakOnce(of, one, timeLimit);
    await failsAndGoesOn(of, one, 'NodeStepTimedOut');
  });

  test.each(CASES)('%s on %s, about %s, is lost, as when the node reboots', async (...one) => {
    const of = fresh();
    breakOnce(of, one, lost);
    await failsAndGoesOn(of, one, 'NodeStepFailed');
  });

  test.each(LOOKS)('%s fails: a gate says no, and another start goes on', async (step) => {
    const of = fresh();
    breakOnce(of, [step, 'cp-1', 'cp-1'], () => failure('a part of it', 'It could not be done.'));
    await failsAndGoesOn(of, [step, 'cp-1', 'cp-1'], 'GateRefused');
  });

  test.each(CASES.filter(([, on]) => on === 'cp-1'))(
    '%s on %s, about %s, fails where three are behind a load balancer',
    async (...one) => {
      const of = fresh({ controlPlanes: 3 });
      breakOnce(of, one, () => failure('a part of it', 'It could not be done.'));
      await failsAndGoesOn(of, one, 'NodeStepFailed');
      expect((await of.targetGroup!.targets()).map(({ state }) => state)).not.toContain('draining');
    },
  );
});

describe('events of the ends of commands', () => {
  const isCommandEnd = (type: string) => type === 'EC2 Command Status-change Notification';
  const sentBy = async (of: ScriptedCluster): Promise<string[]> => {
    const since = world.calls.length;
    await upgrade(world, of);
    await expectUpgraded(world, of);
    return world.sent(since);
  };
  let usual: string[];
  beforeAll(async () => {
    // What follows a failure may still be under way.
    for (const name of world.runningOf('uncordon-nodes')) await world.end(name);
    usual = await sentBy(fresh());
  });

  test('each is delivered twice: each step is done once', async () => {
    world.onEvent = (event) => (isCommandEnd(event['detail-type']) ? [event, event] : [event]);
    expect(await sentBy(fresh())).toEqual(usual);
  });

  test('each is lost: each step is done once, a minute later', async () => {
    world.onEvent = (event) => (isCommandEnd(event['detail-type']) ? [] : [event]);
    expect(await sentBy(fresh())).toEqual(usual);
  });

  test('the table above has every step that an upgrade sends but the looks at the cluster', () => {
    const steps = [...new Set(usual.map((command) => command.split(' ')[0]))].sort();
    expect(steps.filter((step) => !step!.startsWith('inspect-'))).toEqual(
      [...new Set(CASES.map(([step]) => step))].sort(),
    );
  });
});
