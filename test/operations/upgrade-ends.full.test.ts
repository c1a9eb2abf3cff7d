import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { failure } from '../../local/nodes/scripted/outcomes';
import { apiOf } from '../helpers/api';
import { once } from './helpers/scripted';
import { cluster, expectUpgraded, kubelets, outcomes, settings, TARGET, unlocked, upgrade } from './helpers/upgrades';
import { World } from './helpers/world';
import type { Loose } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.startScripted();
});
afterEach(() => (world.onCall = world.onEvent = undefined));
afterAll(() => world?.stop());

describe('a node fails', () => {
  test('a worker of a wave: those under way come to their end, no other begins, nothing stays cordoned; then it goes on', async () => {
    const failing = cluster(world, 'failing', { workers: 5, loadBalancer: false });
    await settings(world, 'failing', { maxUnavailable: 2 });
    failing.secondsOf = ({ step, node }) => (step === 'upgrade-kubelet' && node.name === 'worker-3' ? 60 : 5);
    once(failing, 'upgrade-kubelet', () => failure('restart the kubelet', 'It does not start.'), 'worker-2');
    const ended = await world.run('upgrade', { cluster: 'failing', version: TARGET });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed' });
    expect(ended.cause).toMatch(/upgrade-kubelet failed on worker-2.*It does not start/);
    await unlocked(world, failing);
    expect([...failing.kubernetes.cordoned]).toEqual([]);
    expect(failing.nodes.map(({ versions }) => versions.kubelet)).toEqual([
      TARGET,
      TARGET,
      '1.36.3',
      TARGET,
      '1.36.3',
      '1.36.3',
    ]);

    const since = world.calls.length;
    await upgrade(world, failing);
    await expectUpgraded(world, failing);
    expect(kubelets(world, since).sort()).toEqual(['worker-2', 'worker-4', 'worker-5']);
  });

  test('a control plane: it is back in its load balancer and takes pods; a new start goes on there', async () => {
    const three = cluster(world, 'failing-cp', { controlPlanes: 3, workers: 1 });
    once(three, 'upgrade-kubelet', () => failure('restart the kubelet', 'It does not start.'), 'cp-3');
    const ended = await world.run('upgrade', { cluster: three.name, version: TARGET });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed', cause: expect.stringContaining('cp-3') });
    await unlocked(world, three);
    expect([...three.kubernetes.cordoned]).toEqual([]);
    expect(await world.loadBalancerRecord(three.name)).toBeUndefined();
    const since = world.calls.length;
    await upgrade(world, three);
    await expectUpgraded(world, three);
    expect(kubelets(world, since)).toEqual(['cp-3', 'cp-1', 'worker-1']);
  });

  // One that failed has come to its end: redriven, it fails once more.
  test('the execution is stopped while a control plane is upgraded, and redriven: it goes on there', async () => {
    const redriven = cluster(world, 'redriven', { controlPlanes: 3, workers: 1 });
    let arn = '';
    once(
      redriven,
      'upgrade-kubelet',
      async () => {
        await world.despite(1, () => world.stopExecution(arn));
        return failure('restart the kubelet', 'It was stopped.');
      },
      'cp-3',
    );
    arn = await world.start('upgrade', { cluster: redriven.name, version: TARGET });
    expect((await world.end(arn)).status).toBe('ABORTED');
    await unlocked(world, redriven);
    expect([...redriven.kubernetes.cordoned]).toEqual([]);
    expect(await world.loadBalancerRecord(redriven.name)).toBeUndefined();
    const since = world.calls.length;
    await world.redrive(arn);
    await world.passUntil(async () => (await world.lockHolder(redriven.name)) === arn);
    await world.succeeded(arn);
    await expectUpgraded(world, redriven);
    expect(kubelets(world, since)).toEqual(['cp-3', 'cp-1', 'worker-1']);
  });

  test('the execution is stopped while a worker is drained: it is uncordoned, and a new start goes on', async () => {
    const stopped = cluster(world, 'stopped', { workers: 2, loadBalancer: false });
    let arn = '';
    once(
      stopped,
      'upgrade-kubelet',
      async (answer) => {
        await world.despite(1, () => world.stopExecution(arn));
        return answer();
      },
      'worker-1',
    );
    arn = await world.start('upgrade', { cluster: 'stopped', version: TARGET });
    expect((await world.end(arn)).status).toBe('ABORTED');
    await unlocked(world, stopped);
    expect([...stopped.kubernetes.cordoned]).toEqual([]);
    const since = world.calls.length;
    await upgrade(world, stopped);
    await expectUpgraded(world, stopped);
    expect(kubelets(world, since)).toEqual(['worker-2']);
  });
});

test('somebody asks to stop: the node at which it is comes to its end, and a new start goes on', async () => {
  const asked = cluster(world, 'asked', { controlPlanes: 3, workers: 2, loadBalancer: false });
  let arn = '';
  once(
    asked,
    'upgrade-kubelet',
    async (answer) => {
      await world.dynamodb.send(
        new PutItemCommand({ TableName: world.lockTable, Item: { cluster: { S: 'asked/stop' }, holder: { S: arn } } }),
      );
      return answer();
    },
    'cp-3',
  );
  arn = await world.start('upgrade', { cluster: 'asked', version: TARGET });
  const ended = await world.succeeded(arn);
  expect(ended.output).toMatchObject({ outcome: 'stopped' });
  expect(outcomes(ended)).toEqual({
    ...{ 'cp-2': 'upgraded', 'cp-3': 'upgraded', 'cp-1': 'not-begun' },
    ...{ 'worker-1': 'not-begun', 'worker-2': 'not-begun' },
  });
  const since = world.calls.length;
  await upgrade(world, asked);
  await expectUpgraded(world, asked);
  expect(kubelets(world, since)).toEqual(['cp-1', 'worker-1', 'worker-2']);
});

test('a chain over two minors, and planOnly changes nothing', async () => {
  const chain = cluster(world, 'chain', { version: '1.35.5', controlPlanes: 3, workers: 2, loadBalancer: false });
  const { output: planned } = await upgrade(world, chain, { planOnly: true });
  expect(planned.plan.hops.map(({ version }: Loose) => version)).toEqual(['1.36.6', TARGET]);
  const { output } = await upgrade(world, chain);
  await expectUpgraded(world, chain);
  expect(output).toMatchObject({ outcome: 'upgraded', plan: { kind: 'chain', from: '1.35.5' } });
});

describe('ways in which it ends between two nodes', () => {
  const untouched = { 'cp-1': 'not-begun', 'worker-1': 'not-begun', 'worker-2': 'not-begun' };

  test.each([
    ['stopOperation', (id: string) => ({ parameters: { id }, body: { reason: 'a call', afterNode: true } })],
    ['freezeCluster', () => ({ parameters: { cluster: 'by-freezecluster' }, body: { reason: 'an incident' } })],
  ] as const)('%s while it runs: the node at which it is is finished', async (route, request) => {
    const name = `by-${route.toLowerCase()}`;
    const one = cluster(world, name, { controlPlanes: 3, workers: 2, loadBalancer: false });
    const api = await apiOf(world);
    let arn = '';
    once(
      one,
      'upgrade-kubelet',
      async (answer) => {
        await api.call(route as 'stopOperation', request(arn.split(':').at(-1)!) as never);
        return answer();
      },
      'cp-3',
    );
    arn = await world.start('upgrade', { cluster: name, version: TARGET }, `upgrade-${name}-${'0'.repeat(20)}`);
    const ended = await world.succeeded(arn);
    expect(ended.output).toMatchObject({ outcome: 'stopped' });
    expect(outcomes(ended)).toEqual({ 'cp-2': 'upgraded', 'cp-3': 'upgraded', ...untouched });
  });

  test('a backup does not stop between two nodes', async () => {
    const api = await apiOf(world);
    const saving = cluster(world, 'saving', { loadBalancer: false });
    let refused: unknown;
    once(saving, 'back-up-etcd', async (answer) => {
      const { operations } = await world.despite(2, () => api.call('listOperations', { query: { cluster: 'saving' } }));
      const ask = { parameters: { id: operations[0]!.id }, body: { reason: 'x', afterNode: true } };
      refused = await api.call('stopOperation', ask).catch((error: unknown) => error);
      return answer();
    });
    await world.run('back-up-etcd', { cluster: 'saving' }, 'back-up-etcd-saving-1');
    expect(refused).toMatchObject({
      message: 'back-up-etcd does not stop between two nodes; renew-certificates, upgrade and reconfigure do.',
    });
  });

  test('the maintenance window closes: what is not begun by then waits for the next one', async () => {
    const opened = world.aws.clock.now();
    const windowed = cluster(world, 'windowed', { controlPlanes: 3, workers: 2, loadBalancer: false });
    const cron = `${opened.getUTCMinutes()} ${opened.getUTCHours()} * * *`;
    // Open for an hour; kubeadm takes a quarter of one on each control plane.
    await settings(world, 'windowed', {}, { maintenance: { windows: [{ cron, hours: 1 }] } });
    windowed.secondsOf = ({ step }) => (step === 'upgrade-kubeadm' ? 900 : 1);
    const ended = await world.succeeded(await world.start('upgrade', { cluster: 'windowed', version: TARGET }));
    expect(ended.output).toMatchObject({ outcome: 'stopped' });
    expect(Object.values(outcomes(ended))).toContain('not-begun');
    expect(Object.values(outcomes(ended))).toContain('upgraded');

    const refused = await world.run('upgrade', { cluster: 'windowed', version: TARGET });
    expect(refused).toMatchObject({ status: 'FAILED', error: 'GateRefused' });
    expect(refused.cause).toMatch(/maintenance window.*Start it at .*, or now with the option waitForWindow/);

    windowed.secondsOf = () => 1;
    const began = world.aws.clock.now();
    await world.succeeded(await world.start('upgrade', { cluster: 'windowed', version: TARGET, waitForWindow: true }));
    await expectUpgraded(world, windowed);
    // It waited for tomorrow's.
    expect(world.aws.clock.now().getTime() - began.getTime()).toBeGreaterThan(20 * 3_600_000);
  });
});
