import type { ScriptedCluster } from '../../local/nodes/scripted/scripted-cluster';
import { isApproval } from './helpers/approvals';
import { functionThrows, injectFaults, invokesLambda, taskStates } from './helpers/faults';
import type { Fault } from './helpers/faults';
import { isRepair } from './helpers/repair-states';
import { WithAnother } from './helpers/with-another';
import { World, until } from './helpers/world';
import type { Ended, Machine } from './helpers/world';

let world: World;
let cluster: ScriptedCluster;

beforeAll(async () => {
  world = await World.startScripted();
  cluster = world.scriptedCluster('solo');
  // So that it may leave the load balancer.
  world.targetGroups.splice(0, Infinity, new WithAnother(cluster.targetGroup!));
});
afterEach(() => (world.onCall = undefined));
afterAll(() => world?.stop());

const COMPONENTS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
const CONCLUDE = 'Tell what failed';
/** They come after the renewal itself: to get there, it has to be done (`force`). */
const AFTER_RENEWAL = [
  'Return to the load balancer',
  'Refresh the copies of admin.conf',
  'Check all control planes afterwards',
  'Verify what is served',
  'Release the lock',
  'Tell the event bus',
  'Tell the operators',
];
/** Where there is a maintenance window, or an etcd machine: this cluster has neither. */
const ELSEWHERE = [
  'Stop when the maintenance window closes',
  'Gather facts from the etcd nodes',
  'Renew certificates on the etcd node',
  "Make a request for etcd's client",
  "Sign it with the key of etcd's CA",
  "Put the certificate of etcd's client in place",
];
const allOf = (machine: Machine, keep?: Parameters<typeof taskStates>[1]) =>
  taskStates(machine, keep).filter((state) => state !== CONCLUDE && !ELSEWHERE.includes(state));

/** Runs into the faults, and expects what every failure has to leave behind: a sentence, people who know, and no lock. */
async function failsWell(machine: Machine, input: object, ...faults: Fault[]): Promise<Ended> {
  const told = world.aws.published().length;
  const since = world.events.length;
  const hits = await injectFaults(world, ...faults);
  const ended = await world.run(machine, { cluster: 'solo', ...input });
  world.onCall = undefined;

  for (const [state, times] of hits)
    expect(`${state} was called ${times > 0 ? 'at least once' : 'never'}`).toBe(`${state} was called at least once`);
  expect(ended).toMatchObject({ status: 'FAILED', error: expect.stringMatching(/^[A-Z][A-Za-z0-9.]+$/) });
  expectSentence(ended.cause!);
  expect(ended.cause).toMatch(new RegExp(`^${machine} failed with |SSM took no command for cp-1`));
  await until('the lock is given back', async () => (await world.lockHolder('solo')) !== ended.arn);
  expect(
    world.aws
      .published()
      .slice(told)
      .map(({ subject }) => subject),
  ).toContain(`solo: ${machine} failed (${ended.error})`);
  expect(world.onBus(since)).toContainEqual([
    'Operation Failed',
    expect.objectContaining({ cluster: 'solo', error: ended.error, cause: ended.cause }),
  ]);
  expectNodeKeepsItsPods();
  await expectInLoadBalancer();
  return ended;
}

function expectSentence(cause: string): void {
  expect(cause).toMatch(/^\S.*[.]$/);
  expect(cause).not.toMatch(/[{}]|undefined|\[object/);
  expect(cause.length).toBeLessThanOrEqual(1000);
}

async function expectInLoadBalancer(): Promise<void> {
  const { instanceId } = cluster.node('cp-1');
  const registered = async () =>
    (await cluster.targetGroup!.targets()).some(({ id, state }) => id === instanceId && state !== 'draining');
  await until('cp-1 is registered again', registered);
  await until('nothing is written down', async () => !(await world.loadBalancerRecord('solo')));
}

function expectNodeKeepsItsPods(): void {
  expect(Object.keys(cluster.node('cp-1').containers).sort()).toEqual(COMPONENTS);
}

describe('check-certificates', () => {
  test.each(allOf('check-certificates'))('"%s" fails', async (state) => {
    // Told is whoever must be, started is what may be: each has a road of its own.
    const input = state === 'Tell the operators' ? { renew: false } : {};
    await failsWell('check-certificates', input, { machine: 'check-certificates', state });
    expect(await world.executions('renew-certificates')).toEqual([]);
  });

  test.each(allOf('check-certificates', invokesLambda))(
    'the function of "%s" throws something unexpected',
    async (state) => {
      const { cause } = await failsWell(
        'check-certificates',
        {},
        { machine: 'check-certificates', state, instead: functionThrows },
      );
      expect(cause).toContain('TypeError');
    },
  );

  test('"Tell what failed" fails as well: the execution still says what failed first', async () => {
    await injectFaults(
      world,
      { machine: 'check-certificates', state: 'Find the nodes' },
      { machine: 'check-certificates', state: CONCLUDE },
    );
    const ended = await world.run('check-certificates', { cluster: 'solo' });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'Lambda.ResourceNotFoundException' });
    expect(ended.cause).toContain('Refused by a test.');
  });

  test('a normal run succeeds after all that', async () => {
    const { output } = await world.runWell('check-certificates', { cluster: 'solo', renew: false });
    expect(output).toMatchObject({ nodesChecked: 1, next: 'notify' });
  });
});

describe('run-on-nodes, below renew-certificates', () => {
  const FIRST = 'Send the command';
  test.each(allOf('run-on-nodes'))('"%s" fails', async (state) => {
    const before = cluster.node('cp-1').serials;
    const faults: Fault[] = [{ machine: 'run-on-nodes', state }];
    // Asked for only when it is not known whether the command was sent.
    if (state === 'Find the command' || state.endsWith(' again'))
      faults.push({ machine: 'run-on-nodes', state: FIRST });
    const ended = await failsWell('renew-certificates', {}, ...faults);
    expect(ended.cause).toMatch(/Refused by a test/);
    expect(cluster.node('cp-1').serials).toEqual(before);
  });
});

describe('renew-certificates', () => {
  // Those of a repair are in repair-failing-steps.test.ts, those of an approval in approval-failing-steps.full.test.ts.
  const own = allOf('renew-certificates').filter((state) => !isRepair(state) && !isApproval(state));
  const before = own.filter((state) => !AFTER_RENEWAL.includes(state));

  test.each(before)('"%s" fails: nothing is renewed', async (state) => {
    const had = cluster.node('cp-1').serials;
    if (state.startsWith('Take over')) await world.putLock('solo', await aFinishedExecution());
    const sent = world.calls.length;
    await failsWell('renew-certificates', {}, { machine: 'renew-certificates', state });
    // Who failed before taking it over leaves another's lock as it is.
    if (state.startsWith('Take over')) await world.deleteLock('solo');
    expect(await world.lockHolder('solo')).toBeUndefined();
    expect(world.sent(sent).filter((command) => command.startsWith('renew'))).toEqual([]);
    expect(cluster.node('cp-1').serials).toEqual(had);
  });

  test.each(
    allOf('renew-certificates', invokesLambda).filter(
      (state) => before.includes(state) && !state.startsWith('Take over'),
    ),
  )('the function of "%s" throws something unexpected: nothing is renewed', async (state) => {
    const had = cluster.node('cp-1').serials;
    const { cause } = await failsWell(
      'renew-certificates',
      {},
      { machine: 'renew-certificates', state, instead: functionThrows },
    );
    expect(cause).toContain('TypeError');
    expect(cluster.node('cp-1').serials).toEqual(had);
  });

  test('"Tell what failed" fails as well: the lock is given back all the same', async () => {
    await injectFaults(
      world,
      { machine: 'renew-certificates', state: 'Check the control planes' },
      { machine: 'renew-certificates', state: CONCLUDE },
    );
    const ended = await world.run('renew-certificates', { cluster: 'solo' });
    expect(ended).toMatchObject({ status: 'FAILED' });
    expect(ended.cause).toContain('Refused by a test.');
    await until('on-operation-ended gives the lock back', async () => (await world.lockHolder('solo')) === undefined);
  });

  test('a normal run succeeds after all that', async () => {
    const had = cluster.node('cp-1').serials;
    const { output } = await world.runWell('renew-certificates', { cluster: 'solo' });
    expect(output.renewedNodes).toEqual(['cp-1']);
    for (const [file, serial] of Object.entries(cluster.node('cp-1').serials))
      expect(`${file} ${serial}`).not.toBe(`${file} ${had[file]}`);
  });

  test.each(AFTER_RENEWAL)('"%s" fails: the renewal is done and the failure told', async (state) => {
    await failsWell('renew-certificates', { force: true }, { machine: 'renew-certificates', state });
  });

  test('nothing is left to do after all that', async () => {
    const { output } = await world.runWell('renew-certificates', { cluster: 'solo' });
    expect(output.plan.decision).toBe('nothing');
  });

  test('every state that calls a service has been made to fail here', () => {
    expect([...before, ...AFTER_RENEWAL].sort()).toEqual([...own].sort());
  });
});

/** The oldest: the event of its end has been handled long since, and so takes away no lock that is put under its name. */
async function aFinishedExecution(): Promise<string> {
  const executions = await world.executions('renew-certificates');
  return executions.at(-1)!;
}
