import { failure, nested } from '../../local/nodes/scripted/outcomes';
import type { ScriptedCluster } from '../../local/nodes/scripted/scripted-cluster';
import { expectScriptedWhole, letTheTokenAge, scriptedDeadCluster } from './helpers/repair';
import { once } from './helpers/scripted';
import { World } from './helpers/world';
import type { Ended } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.startScripted();
});
afterAll(() => world?.stop());

const dead = (options?: Parameters<typeof scriptedDeadCluster>[1]): ScriptedCluster =>
  scriptedDeadCluster(world, options);
const renew = (cluster: ScriptedCluster, input: object = {}): Promise<Ended> =>
  world.run('renew-certificates', { cluster: cluster.name, ...input });

test('the plan alone changes nothing and makes no secret', async () => {
  const cluster = dead();
  const since = world.calls.length;
  const { output } = await renew(cluster, { planOnly: true });
  expect(output).toMatchObject({ plan: { kind: 'repair', decision: 'act' } });
  expect(output.summary).toContain(
    `${cluster.name} is dead, because certificates of cp-1, cp-2 and cp-3 have expired.`,
  );
  expect(world.sent(since)).toEqual(['inspect-control-plane to cp-1, cp-2, cp-3']);
  expect(world.calls.slice(since).filter(({ action }) => action === 'PutParameter')).toEqual([]);
});

test('a control plane that is gone for good is left out, and the others come back', async () => {
  const cluster = dead({ workers: 0 });
  await cluster.node('cp-2').powerOff();
  const ended = await renew(cluster);
  expect(`${ended.status} ${ended.cause ?? ''}`.trim()).toBe('SUCCEEDED');
  expect(ended.output.plan.summary).toContain('cp-2 did not answer and is left out.');
  expect(ended.output.summary).toContain('2 of 3 nodes are Ready.');
  expect(cluster.notReady).toEqual(['cp-2']);
});

test('"kubelets": true lets a worker rejoin that was off for too long, and touches no control plane', async () => {
  const cluster = world.scriptedCluster('late-worker', {
    controlPlanes: 1,
    workers: 1,
    validity: (node, certificate) =>
      node === 'worker-1' && certificate === 'kubelet-client' ? { notAfter: -3600 } : { notAfter: 365 * 24 * 3600 },
  });
  expect(cluster.notReady).toEqual(['worker-1']);
  const { serials: before } = cluster.node('cp-1');
  const containers = { ...cluster.node('cp-1').containers };
  expectScriptedWhole(cluster, await renew(cluster, { kubelets: true }));
  expect(cluster.node('cp-1').serials).toEqual(before);
  expect(cluster.node('cp-1').containers).toEqual(containers);
});

test('a worker that fails is named, the others rejoin, and started for the kubelets alone it comes back', async () => {
  const cluster = dead({ controlPlanes: 1, workers: 2 });
  once(cluster, 'rejoin-kubelet', () => failure('read the bootstrap token', 'nobody answers'), 'worker-2');
  const ended = await renew(cluster);
  expect(`${ended.error}: ${ended.cause}`).toMatch(/^RenewalNotProven: .*worker-2/);
  expect(cluster.notReady).toEqual(['worker-2']);
  expectScriptedWhole(cluster, await renew(cluster, { kubelets: true }));
});

test('a worker whose answer would break what reads it costs itself, not the repair', async () => {
  const cluster = dead({ controlPlanes: 1, workers: 2 });
  once(cluster, 'rejoin-kubelet', () => nested(5000), 'worker-2');
  const ended = await renew(cluster);
  expect(`${ended.error}: ${ended.cause}`).toMatch(/^RenewalNotProven: .*worker-2 but its result nests deeper/);
  expect(cluster.notReady).toEqual(['worker-2']);
});

test('a node object that nobody stands behind any more does not make a failure of the repair', async () => {
  const cluster = dead({ controlPlanes: 1, workers: 1 });
  await cluster.node('worker-1').powerOff();
  const ended = await renew(cluster);
  expect(`${ended.status} ${ended.cause ?? ''}`.trim()).toBe('SUCCEEDED');
  expect(ended.output.summary).toContain('Not Ready: worker-1; see "A dead cluster" in the runbook.');
  const told = world.aws.published().find(({ subject }) => subject?.startsWith(`${cluster.name}: repaired`));
  expect(told!.subject).toBe(`${cluster.name}: repaired, 1 of 2 nodes Ready`);
  expect(told!.message).not.toContain('Load balancer');
});

test('workers took so long that the token is about to end: it is made to last longer before the control planes use it', async () => {
  const cluster = dead({ controlPlanes: 1, workers: 1 });
  const since = world.calls.length;
  letTheTokenAge(cluster);
  expectScriptedWhole(cluster, await renew(cluster));
  expect(world.sent(since).slice(-7, -2)).toEqual([
    'bootstrap-token to cp-1',
    'rejoin-kubelet to worker-1',
    'bootstrap-token to cp-1',
    'rejoin-kubelet to cp-1',
    'bootstrap-token to cp-1',
  ]);
});
