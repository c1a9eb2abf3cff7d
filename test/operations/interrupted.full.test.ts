import type { SimulatedCluster, SimulatedNode } from '../../local/nodes/simulated';
import { statesOf } from '../helpers/state-machine';
import { onDisk, serials } from './helpers/openssl';
import { World, until } from './helpers/world';
import type { Loose } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.start();
  await world.redefine('run-on-nodes', (definition) => {
    // A node that goes off never tells the end: do not wait a minute for it.
    statesOf(definition)['Send the command']!['HeartbeatSeconds'] = 5;
  });
});
afterEach(() => (world.onCall = world.onLine = undefined));
afterAll(() => world?.stop());

const disk = (node: SimulatedNode) => serials(onDisk(node));
const renewedOn = (node: SimulatedNode, had: Record<string, string>) =>
  Object.entries(disk(node)).filter(([file, serial]) => had[file] !== serial).length;
const noLock = (cluster: string) => async () => (await world.lockHolder(cluster)) === undefined;
/** Resolves when a node's script tells this. */
const told = (node: string, text: string | RegExp) =>
  new Promise<void>((resolve) => {
    world.onLine = (line) => {
      if (line.node === node && new RegExp(text).test(line.line)) resolve();
    };
  });
const scriptEnds = (since: number) =>
  until('the script on the node ends', () =>
    world.lines
      .slice(since)
      .some(({ document, line }) => document === 'renew-certificates' && line.startsWith('KUBEADM_AUTOPILOT_RESULT')),
  );

test('a node goes off in the middle of a restart: the second run completes, and renews nothing twice', async () => {
  const cluster = await world.cluster('powercut');
  const node = cluster.node('cp-1');
  const had = disk(node);
  const inTheMiddle = told('cp-1', 'remove sandbox .* of kube-apiserver');
  const arn = await world.start('renew-certificates', { cluster: 'powercut' });
  await inTheMiddle;
  await node.powerOff();
  const half = disk(node);
  expect(renewedOn(node, had)).toBe(Object.keys(had).length);
  await node.powerOn();
  const first = await world.end(arn);
  expect(first).toMatchObject({ status: 'FAILED', error: expect.stringMatching(/^Node/) });
  expect(first.cause).toMatch(/cp-1/);
  await until('the lock is given back', noLock('powercut'));
  await until('the node has come up', () => node.isSettled);

  const { output } = await world.runWell('renew-certificates', { cluster: 'powercut' });
  expect(output.plan.steps).toEqual([
    expect.objectContaining({ name: 'cp-1', why: expect.stringContaining('cut off') }),
  ]);
  expect(disk(node)).toEqual(half);
  expect((await world.runWell('renew-certificates', { cluster: 'powercut' })).output.plan.decision).toBe('nothing');
  await cluster.stop();
});

test('the script fails on the second of three: the third is left alone, and the second run goes on with it', async () => {
  const cluster = await world.cluster('three', { controlPlanes: 3 });
  cluster.etcd.moveLeader('cp-3');
  const had = cluster.nodes.map(disk);
  const broken = cluster.node('cp-2');
  broken.addFault({ tool: 'kubeadm', arguments: 'certs renew *', action: 1, stderr: 'error: out of entropy', call: 1 });

  const first = await world.run('renew-certificates', { cluster: 'three' });
  expect(first).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed' });
  expect(first.cause).toMatch(/cp-2/);
  expect(first.cause).toMatch(/renew the files/);
  expect(first.cause).toMatch(/out of entropy/);
  await until('the lock is given back', noLock('three'));
  const afterFirst = cluster.nodes.map(disk);
  expect(cluster.nodes.map((node, index) => renewedOn(node, had[index]!))).toEqual([Object.keys(had[0]!).length, 0, 0]);
  expect(cluster.node('cp-3').calls.filter((call) => /crictl rmp|kubeadm certs renew/.test(call))).toEqual([]);

  const { output } = await world.runWell('renew-certificates', { cluster: 'three' });
  expect(output.plan.steps.map(({ name }: Loose) => name)).toEqual(['cp-2', 'cp-3']);
  expect(disk(cluster.node('cp-1'))).toEqual(afterFirst[0]);
  for (const index of [1, 2])
    expect(renewedOn(cluster.nodes[index]!, had[index]!)).toBe(Object.keys(had[index]!).length);
  await cluster.stop();
});

describe('the execution itself', () => {
  let cluster: SimulatedCluster;
  let node: SimulatedNode;
  beforeAll(async () => {
    cluster = await world.cluster('solo');
    node = cluster.node('cp-1');
  });

  test('stopped in the middle: the lock is given back, people are told, and a redrive goes on only with the lock', async () => {
    const since = world.lines.length;
    const inTheMiddle = told('cp-1', 'restart etcd');
    const arn = await world.start('renew-certificates', { cluster: 'solo' });
    await inTheMiddle;
    const half = disk(node);
    await world.stopExecution(arn);
    expect((await world.describe(arn)).status).toBe('ABORTED');
    await until('on-operation-ended gives the lock back', noLock('solo'));
    await until('people are told', () =>
      world.aws.published().some(({ subject }) => subject === 'solo: renew-certificates failed (Aborted)'),
    );
    await scriptEnds(since);

    // Another one is at work by now: the redriven execution sends nothing that changes the node.
    await world.putLock('solo', `${arn}-another`);
    const calls = world.calls.length;
    await world.redrive(arn);
    const locked = await world.end(arn);
    expect(locked).toMatchObject({ status: 'FAILED', error: 'ClusterLocked' });
    expect(world.sent(calls).filter((command) => command.startsWith('renew'))).toEqual([]);
    expect(await world.lockHolder('solo')).toBe(`${arn}-another`);
    await world.deleteLock('solo');

    const { output } = await world.runWell('renew-certificates', { cluster: 'solo' });
    // The script ended, but the copies of admin.conf were not refreshed: the next run does that, and renews nothing twice.
    expect(output.plan.steps).toEqual([
      expect.objectContaining({ name: 'cp-1', why: expect.stringContaining('cut off') }),
    ]);
    expect(disk(node)).toEqual(half);
    expect((await world.runWell('renew-certificates', { cluster: 'solo' })).output.plan.decision).toBe('nothing');
  });
});
