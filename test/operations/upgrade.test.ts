import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { newCertificate, YEAR_MS } from '../../local/nodes/scripted/certificates';
import { failure } from '../../local/nodes/scripted/outcomes';
import { apiOf } from '../helpers/api';
import { once } from './helpers/scripted';
import {
  cluster,
  expectUpgraded,
  kubelets,
  outcomes,
  settings,
  stuck,
  TARGET,
  unlocked,
  upgrade,
} from './helpers/upgrades';
import { World, until } from './helpers/world';
import type { Loose } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.startScripted();
});
afterEach(() => (world.onCall = world.onEvent = undefined));
afterAll(() => world?.stop());

test('one control plane and one worker', async () => {
  const small = cluster(world, 'small', { workers: 1, loadBalancer: false });
  const since = world.calls.length;
  const { output } = await upgrade(world, small);
  await expectUpgraded(world, small);
  expect(output).toMatchObject({ cluster: 'small', outcome: 'upgraded', plan: { from: '1.36.3', target: TARGET } });
  expect(output.rows).toEqual([
    expect.objectContaining({ node: 'cp-1', role: 'control-plane', before: '1.36.3', after: TARGET }),
    expect.objectContaining({ node: 'worker-1', role: 'worker', before: '1.36.3', after: TARGET }),
  ]);
  expect(Object.keys(output.rows[1].seconds).sort()).toEqual([
    ...['drain-node', 'uncordon-node', 'upgrade-kubeadm', 'upgrade-kubelet'],
  ]);
  expect(world.sent(since)).toEqual([
    'inspect-for-upgrade to cp-1, worker-1',
    'inspect-for-upgrade to cp-1, worker-1',
    'back-up-etcd to cp-1',
    'stage-upgrade to cp-1, worker-1',
    'inspect-control-plane to cp-1',
    'upgrade-kubeadm to cp-1',
    'drain-node to cp-1',
    'upgrade-kubelet to cp-1',
    'uncordon-node to cp-1',
    'inspect-for-upgrade to cp-1',
    'inspect-for-upgrade to cp-1',
    'upgrade-kubeadm to worker-1',
    'drain-node to cp-1',
    'upgrade-kubelet to worker-1',
    'uncordon-node to cp-1',
    'inspect-for-upgrade to cp-1',
  ]);
  const again = await upgrade(world, small);
  expect(again.output).toMatchObject({ outcome: 'nothing', plan: { decision: 'nothing' } });
});

test('state transitions: 57 for a worker and 67 for a control plane, of which docs and estimate are made', async () => {
  const counted = async (controlPlanes: number, workers: number): Promise<number> => {
    const before = world.aws.usage.stateTransitions;
    const name = `counted-${controlPlanes}-${workers}`;
    await upgrade(world, cluster(world, name, { controlPlanes, workers, loadBalancer: false }));
    return world.aws.usage.stateTransitions - before;
  };
  const small = await counted(1, 2);
  expect((await counted(1, 4)) - small).toBe(2 * 57);
  expect((await counted(3, 2)) - small).toBe(2 * 67);
});

test('a certificate that would lose keeps kubeadm from renewing any: those that gain are renewed by name first', async () => {
  const made = cluster(world, 'long-lived', { controlPlanes: 3, workers: 1 });
  for (const { certificates } of made.controlPlanes) certificates.set('apiserver', newCertificate(10 * YEAR_MS));
  const before = made.controlPlanes.map(({ serials }) => serials);
  const since = world.calls.length;
  await upgrade(world, made);
  await expectUpgraded(world, made);
  const changing = world.sent(since).filter((command) => /^(renew|refresh|upgrade-kubeadm)/.test(command));
  const steps = ['renew-certificates', 'refresh-kubeconfigs', 'upgrade-kubeadm'];
  expect(changing).toEqual([
    ...['cp-2', 'cp-3', 'cp-1'].flatMap((name) => steps.map((step) => `${step} to ${name}`)),
    'upgrade-kubeadm to worker-1',
  ]);
  made.controlPlanes.forEach(({ serials }, index) => {
    const same = Object.keys(serials).filter((name) => serials[name] === before[index]![name]);
    expect(same).toEqual(['apiserver']);
  });
});

test('etcd that is too old for the minor is raised first, one member after the other out of the load balancer', async () => {
  const old = cluster(world, 'old-etcd', { controlPlanes: 3, workers: 1 });
  for (const name of ['cp-1', 'cp-3']) old.node(name).etcdVersion = '3.6.8';
  const since = world.calls.length;
  const { output } = await upgrade(world, old);
  await expectUpgraded(world, old);
  const changing = world.sent(since).filter((command) => /^(raise-etcd|upgrade-kubeadm)/.test(command));
  expect(changing).toEqual([
    ...['raise-etcd to cp-3', 'raise-etcd to cp-1'],
    ...['cp-2', 'cp-3', 'cp-1', 'worker-1'].map((name) => `upgrade-kubeadm to ${name}`),
  ]);
  expect(output.rows.find(({ node }: Loose) => node === 'cp-3').seconds).toHaveProperty('raise-etcd');
  expect(output.snapshot.objects).toHaveLength(3);
});

test('three control planes behind a load balancer, and workers', async () => {
  const three = cluster(world, 'three', { controlPlanes: 3, workers: 4 });
  const { output } = await upgrade(world, three);
  await expectUpgraded(world, three);
  expect(output.rows.map(({ node }: Loose) => node)).toEqual([
    ...['cp-2', 'cp-3', 'cp-1'],
    ...['worker-1', 'worker-2', 'worker-3', 'worker-4'],
  ]);
});

test('the canary goes alone, then a window of maxUnavailable slides on', async () => {
  const waves = cluster(world, 'waves', { workers: 7, loadBalancer: false });
  await settings(world, 'waves', { maxUnavailable: 3 });
  let atWork = 0;
  const seen: [string, number][] = [];
  waves.secondsOf = ({ step, node }) => (step === 'upgrade-kubelet' ? (node.name === 'worker-2' ? 100 : 10) : 1);
  waves.onStep = async (call, next) => {
    if (call.step === 'upgrade-kubeadm' && call.node.role === 'worker') seen.push([call.node.name, (atWork += 1)]);
    if (call.step === 'uncordon-node' && call.parameters['Node']?.startsWith('worker')) atWork -= 1;
    return next();
  };
  await upgrade(world, waves);
  await expectUpgraded(world, waves);
  expect(seen[0]).toEqual(['worker-1', 1]);
  expect(seen[1]![1]).toBe(1);
  expect(Math.max(...seen.map(([, many]) => many))).toBe(3);
  // worker-2 takes ten times as long: the window slides on beside it.
  expect(seen.map(([name]) => name).slice(-1)).toEqual(['worker-7']);
});

test('a drain that is stuck, stop: it ends there with pod and budget, and the node takes pods again', async () => {
  const held = await stuck(world, 'stuck-stop', 'stop');
  const since = world.events.length;
  const ended = await world.run('upgrade', { cluster: held.name, version: TARGET });
  expect(ended).toMatchObject({ status: 'FAILED', error: 'DrainStuck' });
  expect(ended.cause).toMatch(
    /^worker-1 was not drained within 1 minutes: shop\/cart-7d is held by the disruption budget shop\/cart/,
  );
  expect([...held.kubernetes.cordoned]).toEqual([]);
  expect(world.onBus(since)).toContainEqual([
    'Drain Blocked',
    expect.objectContaining({
      node: 'worker-1',
      blockedBy: [expect.objectContaining({ pod: 'shop/cart-7d', budget: 'shop/cart' })],
    }),
  ]);
  await unlocked(world, held);
  expect(held.node('worker-2').versions.kubelet).toBe('1.36.3');
  held.kubernetes.budgets.set('shop/cart', 1);
  const since2 = world.calls.length;
  await upgrade(world, held);
  await expectUpgraded(world, held);
  expect(kubelets(world, since2)).toEqual(['worker-1', 'worker-2']);
});

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

test('the cluster changes between the plan and the lock: a sentence, and nothing is done', async () => {
  const changing = cluster(world, 'changing', { workers: 1, loadBalancer: false });
  let asked = 0;
  changing.onStep = async (call, next) => {
    if (call.step === 'inspect-for-upgrade' && call.node.name === 'worker-1' && (asked += 1) === 2)
      call.node.versions.kubelet = TARGET;
    return next();
  };
  const since = world.calls.length;
  const ended = await world.run('upgrade', { cluster: 'changing', version: TARGET });
  expect(ended).toMatchObject({ status: 'FAILED', error: 'PlanChanged' });
  expect(ended.cause).toMatch(/^changing has changed between the plan and the lock, so nothing was done .*\.$/);
  expect(world.sent(since).filter((command) => !command.startsWith('inspect'))).toEqual([]);
});

test('a chain over two minors, and planOnly changes nothing', async () => {
  const chain = cluster(world, 'chain', { version: '1.35.5', controlPlanes: 3, workers: 2, loadBalancer: false });
  const { output: planned } = await upgrade(world, chain, { planOnly: true });
  expect(planned.plan.hops.map(({ version }: Loose) => version)).toEqual(['1.36.6', TARGET]);
  const { output } = await upgrade(world, chain);
  await expectUpgraded(world, chain);
  expect(output).toMatchObject({ outcome: 'upgraded', plan: { kind: 'chain', from: '1.35.5' } });
});

test('progress is told on the bus: the beginning and the end of each step, by the node that it is about', async () => {
  const told = cluster(world, 'told', { workers: 1, loadBalancer: false });
  const since = world.events.length;
  await upgrade(world, told);
  const progress = () =>
    world
      .onBus(since)
      .flatMap(([type, detail]) => (type === 'Node Progress' && detail.cluster === 'told' ? [detail] : []));
  await until('the last step is told', () =>
    progress().some(
      ({ step, state, node }) => step === 'uncordon-node' && state === 'succeeded' && node === 'worker-1',
    ),
  );
  for (const state of ['started', 'succeeded'])
    expect(
      progress()
        .filter((one) => one.state === state)
        .map(({ step, node }) => `${step} ${node}`)
        .sort(),
    ).toEqual([
      'back-up-etcd cp-1',
      ...['cp-1', 'worker-1'].map((node) => `drain-node ${node}`),
      ...['cp-1', 'worker-1'].map((node) => `stage-upgrade ${node}`),
      ...['cp-1', 'worker-1'].map((node) => `uncordon-node ${node}`),
      ...['cp-1', 'worker-1'].map((node) => `upgrade-kubeadm ${node}`),
      ...['cp-1', 'worker-1'].map((node) => `upgrade-kubelet ${node}`),
    ]);
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

  test('a renewal does not stop between two nodes', async () => {
    const api = await apiOf(world);
    const renewing = cluster(world, 'renewing', { loadBalancer: false });
    let refused: unknown;
    once(renewing, 'inspect-control-plane', async (answer) => {
      const { operations } = await world.despite(2, () =>
        api.call('listOperations', { query: { cluster: 'renewing' } }),
      );
      const ask = { parameters: { id: operations[0]!.id }, body: { reason: 'x', afterNode: true } };
      refused = await api.call('stopOperation', ask).catch((error: unknown) => error);
      return answer();
    });
    await world.run('renew-certificates', { cluster: 'renewing' }, 'renew-certificates-renewing-1');
    expect(refused).toMatchObject({ message: 'renew-certificates does not stop between two nodes; upgrade does.' });
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
    expect(refused.cause).toMatch(/maintenance window.*Start it at .*, or now with waitForWindow/);

    windowed.secondsOf = () => 1;
    const began = world.aws.clock.now();
    await world.succeeded(await world.start('upgrade', { cluster: 'windowed', version: TARGET, waitForWindow: true }));
    await expectUpgraded(world, windowed);
    // It waited for tomorrow's.
    expect(world.aws.clock.now().getTime() - began.getTime()).toBeGreaterThan(20 * 3_600_000);
  });
});
