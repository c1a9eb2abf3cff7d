import type { ScriptedCluster } from '../../local/nodes/scripted/scripted-cluster';
import type { ScriptedNode } from '../../local/nodes/scripted/scripted-node';
import { failure, lost, silence, timeLimit } from '../../local/nodes/scripted/outcomes';
import { injectFaults } from './helpers/faults';
import { once } from './helpers/scripted';
import { World, until } from './helpers/world';
import type { Loose } from './helpers/world';

let world: World;
let cluster: ScriptedCluster;
let node: ScriptedNode;
beforeAll(async () => {
  world = await World.startScripted();
  cluster = world.scriptedCluster('solo');
  node = cluster.node('cp-1');
});
afterEach(() => (world.onCall = cluster.onStep = undefined));
afterAll(() => world?.stop());

const renewedOn = (node: ScriptedNode, had: Record<string, string>) =>
  Object.entries(node.serials).filter(([file, serial]) => had[file] !== serial).length;
const noLock = (cluster: string) => async () => (await world.lockHolder(cluster)) === undefined;

describe('the execution itself', () => {
  test('stopped before the command, redriven: it takes the lock again and completes', async () => {
    let arn = '';
    await injectFaults(world, {
      machine: 'renew-certificates',
      state: 'Renew certificates on the node',
      times: 1,
      instead: async () => {
        await world.stopExecution(arn);
        return {};
      },
    });
    const had = node.serials;
    arn = await world.start('renew-certificates', { cluster: 'solo', force: true });
    expect((await world.end(arn)).status).toBe('ABORTED');
    await until('the lock is given back', noLock('solo'));
    expect(node.serials).toEqual(had);

    world.onCall = undefined;
    const calls = world.calls.length;
    await world.redrive(arn);
    await world.passUntil(async () => (await world.lockHolder('solo')) === arn);
    const { output } = await world.succeeded(arn);
    expect(output.renewedNodes).toEqual(['cp-1']);
    expect(renewedOn(node, had)).toBe(Object.keys(had).length);
    expect(world.sent(calls).filter((command) => command.startsWith('renew'))).toHaveLength(1);
    expect(await world.lockHolder('solo')).toBeUndefined();
  });

  test('out of time: the lock is given back, and people are told', async () => {
    const before = await world.definition('renew-certificates');
    await world.redefine('renew-certificates', (definition) => (definition.TimeoutSeconds = 60));
    let arn = '';
    let heldLock: string | undefined;
    await injectFaults(world, {
      machine: 'renew-certificates',
      state: 'Pass the gate for this node',
      instead: async (_call, next) => {
        heldLock = await world.lockHolder('solo');
        world.aws.clock.advance(60_000);
        await until('the time is over', async () => (await world.describe(arn)).status !== 'RUNNING');
        return next();
      },
    });
    arn = await world.start('renew-certificates', { cluster: 'solo', force: true });
    expect((await world.end(arn)).status).toBe('TIMED_OUT');
    expect(heldLock).toBe(arn);
    await until('on-operation-ended gives the lock back', noLock('solo'));
    await until('people are told', () =>
      world.aws.published().some(({ subject }) => subject === 'solo: renew-certificates failed (States.Timeout)'),
    );
    await world.redefine('renew-certificates', (definition) => (definition.TimeoutSeconds = before.TimeoutSeconds));
  });
});

/** What can become of the script on the second of three control planes, and what the operation makes of it. */
describe.each<[string, Parameters<typeof once>[2], string, RegExp]>([
  ['fails', () => failure('renew the files', 'out of entropy'), 'NodeStepFailed', /failed on cp-2.*out of entropy/],
  ['refuses', () => failure('start', 'not here', 'refused'), 'NodeStepFailed', /was refused on cp-2.*not here/],
  [
    'finds another at work',
    () => failure('start', 'wait', 'busy'),
    'NodeStepFailed',
    /found another run at work on cp-2/,
  ],
  [
    'ends itself at its limit',
    () => failure('x', 'too long', 'timed-out'),
    'NodeStepTimedOut',
    /ran out of time on cp-2/,
  ],
  ['is killed at its limit', () => timeLimit(), 'NodeStepTimedOut', /was killed on cp-2/],
  ['is lost with its agent', () => lost(), 'NodeStepFailed', /was lost on cp-2/],
  ['says nothing', () => silence(), 'NodeStepFailed', /ended well on cp-2 but gave no result/],
  [
    'goes off with its node',
    async (_answer, { node }) => {
      await node.powerOff();
      return lost();
    },
    'NodeUnreachable',
    /cp-2 did not take the command renew-certificates in time or was lost/,
  ],
])('the script on the second of three %s', (what, instead, error, cause) => {
  const name = what.replaceAll(' ', '-');

  test('the third is left alone, and the second run goes on with it', async () => {
    const { three, ended } = await renewUntil(instead);
    expect(ended).toMatchObject({ status: 'FAILED', error });
    expect(ended.cause).toMatch(cause);
    expect(renewals(three)).toEqual([1, 0, 0]);
    await secondRun(three, ['cp-2', 'cp-3']);
  });

  test('and it has done its work: the second run refreshes its copies of admin.conf and goes on with the third', async () => {
    const { three, ended } = await renewUntil(async (answer, call) => {
      answer();
      return instead(answer, call);
    });
    expect(ended).toMatchObject({ status: 'FAILED', error });
    expect(renewals(three)).toEqual([1, 1, 0]);
    await secondRun(three, ['cp-2', 'cp-3']);
  });

  async function renewUntil(instead: Parameters<typeof once>[2]) {
    const three = world.scriptedCluster(`${name}-${(made += 1)}`, { controlPlanes: 3, loadBalancer: false });
    three.etcd.moveLeader('cp-3');
    once(three, 'renew-certificates', instead, 'cp-2');
    const ended = await world.run('renew-certificates', { cluster: three.name });
    await until('the lock is given back', noLock(three.name));
    return { three, ended };
  }

  async function secondRun(three: ScriptedCluster, nodes: string[]): Promise<void> {
    for (const node of three.nodes) await node.powerOn();
    const { output } = await world.runWell('renew-certificates', { cluster: three.name });
    expect(output.plan.steps.map(({ name }: Loose) => name)).toEqual(nodes);
    expect(renewals(three)).toEqual([1, 1, 1]);
  }
});

let made = 0;
const renewals = ({ nodes }: ScriptedCluster): number[] => nodes.map((node) => node.renewals);
