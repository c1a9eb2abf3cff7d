import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { failure } from '../../local/nodes/scripted/outcomes';
import type { ScriptedCluster } from '../../local/nodes/scripted/scripted-cluster';
import { apiOf } from '../helpers/api';
import { once } from './helpers/scripted';
import { World } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.startScripted();
});
afterAll(() => world?.stop());
afterEach(() => {
  expect(world.problems).toEqual([]);
});

const KUBERNETES = { version: '1.36.3', endpoint: 'api.demo.internal:6443', podSubnet: '10.244.0.0/16' };
const AUDIT = { extraArgs: { apiServer: [{ name: 'audit-log-maxage', value: '30' }] } };

/** What a user would write and deploy. */
const settle = (cluster: ScriptedCluster, kubernetes: object | undefined, others: object = {}) =>
  world.ssm.send(
    new PutParameterCommand({
      Name: `/kubeadm-autopilot/clusters/${cluster.name}`,
      Value: JSON.stringify({ cluster: cluster.name, ...(kubernetes && { kubernetes }), ...others }),
      Type: 'String',
      Overwrite: true,
    }),
  );

async function clusterWith(name: string, kubernetes: object, options: Parameters<World['scriptedCluster']>[1] = {}) {
  const cluster = world.scriptedCluster(name, { controlPlanes: 3, workers: 3, ...options });
  await settle(cluster, { ...KUBERNETES, version: cluster.kubernetes.version, ...kubernetes });
  return cluster;
}

const reconfigure = ({ name }: ScriptedCluster, input: object = {}) =>
  world.run('reconfigure', { cluster: name, ...input });
const configured = (cluster: ScriptedCluster) =>
  cluster.nodes.map(({ name, role }) => {
    const { staticPods, kubelet } = cluster.configuration.of(name, role);
    const { stored } = cluster.configuration;
    return `${name}: ${[...(staticPods === stored.cluster ? ['static pods'] : []), ...(kubelet === stored.kubelet ? ['kubelet'] : [])].join(', ')}`;
  });
const ALL_DONE = [
  ...['cp-1: static pods, kubelet', 'cp-2: static pods, kubelet', 'cp-3: static pods, kubelet'],
  ...['worker-1: kubelet', 'worker-2: kubelet', 'worker-3: kubelet'],
];
const CHECKS = /^(inspect-|preflight)/;

test('flags of the API server and a field of all kubelets: control planes one by one, one worker, the others; again: nothing', async () => {
  const cluster = await clusterWith('changes', { ...AUDIT, kubelet: { maxPods: 50 } });
  const [since, events] = [world.calls.length, world.events.length];
  const ended = await reconfigure(cluster);
  expect(ended).toMatchObject({
    status: 'SUCCEEDED',
    output: {
      outcome: 'reconfigured',
      changedNodes: ['cp-1', 'cp-2', 'cp-3', 'worker-1', 'worker-2', 'worker-3'],
      plan: { kind: 'reconfigure', text: 'kube-apiserver\n  + audit-log-maxage=30\nkubelet\n  + maxPods: 50' },
    },
  });
  expect(ended.output.plan).not.toHaveProperty('parameters');
  expect(world.sent(since).filter((command) => !CHECKS.test(command))).toEqual([
    'store-configuration to cp-1',
    ...['cp-1', 'cp-2', 'cp-3'].flatMap((node) => [
      `reconfigure-control-plane to ${node}`,
      `reconfigure-kubelet to ${node}`,
    ]),
    'reconfigure-kubelet to worker-1',
    'reconfigure-kubelet to worker-2, worker-3',
    'store-configuration to cp-1',
  ]);
  expect(configured(cluster)).toEqual(ALL_DONE);
  expect(cluster.configuration.previous).toEqual([]);
  expect((await cluster.targetGroup!.targets()).map(({ state }) => state)).toEqual(['healthy', 'healthy', 'healthy']);
  expect(world.onBus(events)).toContainEqual([
    'Cluster Reconfigured',
    expect.objectContaining({ cluster: 'changes', nodes: ended.output.changedNodes }),
  ]);
  expect(await world.lockHolder('changes')).toBeUndefined();
  expect(await reconfigure(cluster)).toMatchObject({
    status: 'SUCCEEDED',
    output: { outcome: 'nothing', plan: { kind: 'nothing', steps: [] } },
  });
});

test('where nothing but kubelets change no control plane leaves its load balancer', async () => {
  const cluster = await clusterWith('kubelets', { kubelet: { maxPods: 50 } });
  const since = world.calls.length;
  expect(await reconfigure(cluster)).toMatchObject({ status: 'SUCCEEDED' });
  const calls = world.calls.slice(since).map(({ action }) => action);
  expect(calls).not.toContain('DeregisterTargets');
  expect(world.sent(since).filter((command) => command.includes('control-plane to'))).toEqual(
    world.sent(since).filter((command) => command.startsWith('inspect-control-plane')),
  );
  expect(configured(cluster)).toEqual(ALL_DONE);
});

test('asked to stop, it finishes the node at which it is and begins no other; a new start goes on', async () => {
  const cluster = await clusterWith('asked', { ...AUDIT, kubelet: { maxPods: 50 } });
  const api = await apiOf(world);
  let id = '';
  once(cluster, 'reconfigure-control-plane', async (answer) => {
    const stop = () =>
      api.call('stopOperation', { parameters: { id }, body: { reason: 'enough for today', afterNode: true } });
    await world.despite(1, stop);
    return answer();
  });
  const started = { parameters: { cluster: 'asked', operation: 'reconfigure' as const } };
  id = (await api.call('startOperation', started)).id;
  await world.passUntil(async () => (await api.call('describeOperation', { parameters: { id } })).status !== 'RUNNING');
  expect(await api.call('describeOperation', { parameters: { id } })).toMatchObject({
    status: 'SUCCEEDED',
    output: {
      outcome: 'stopped',
      changedNodes: ['cp-1'],
      summary:
        'asked is reconfigured in part (cp-1 changed): it stopped before cp-2, cp-3, worker-1, worker-2, worker-3, as somebody asked or its maintenance window wants it. Started again, it goes on there.',
    },
  });
  // What was there before is kept until all nodes are done.
  expect(cluster.configuration.previous).not.toEqual([]);
  expect(await world.lockHolder('asked')).toBeUndefined();
  expect(await reconfigure(cluster)).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'reconfigured' } });
  expect(configured(cluster)).toEqual(ALL_DONE);
  expect(cluster.configuration.previous).toEqual([]);
});

test('outside a maintenance window it is refused, or waits, as asked', async () => {
  const cluster = await clusterWith('closed', AUDIT);
  const opens = new Date(world.aws.clock.now().getTime() + 6 * 3_600_000);
  const cron = `${opens.getUTCMinutes()} ${opens.getUTCHours()} * * *`;
  const kubernetes = { ...KUBERNETES, version: cluster.kubernetes.version, ...AUDIT };
  await settle(cluster, kubernetes, { maintenance: { windows: [{ cron, hours: 2 }] } });
  const since = world.calls.length;
  const refused = await reconfigure(cluster);
  expect(refused).toMatchObject({ status: 'FAILED', error: 'GateRefused' });
  expect(refused.cause).toMatch(/outside the cluster's maintenance windows.*or now with the option waitForWindow/);
  expect(world.sent(since).filter((command) => !CHECKS.test(command))).toEqual([]);
  const began = world.aws.clock.now().getTime();
  expect(await reconfigure(cluster, { waitForWindow: true })).toMatchObject({ status: 'SUCCEEDED' });
  expect(world.aws.clock.now().getTime() - began).toBeGreaterThan(5 * 3_600_000);
});

test('planOnly shows the difference and changes nothing', async () => {
  const cluster = await clusterWith('shown', AUDIT);
  const since = world.calls.length;
  const ended = await reconfigure(cluster, { planOnly: true });
  expect(ended.output).toMatchObject({
    outcome: 'nothing',
    plan: { decision: 'act', changes: [{ where: 'kube-apiserver', name: 'audit-log-maxage', to: '30' }] },
  });
  expect(world.sent(since)).toEqual(['inspect-configuration to cp-1, cp-2, cp-3, worker-1, worker-2, worker-3']);
});

test('what was changed by hand stops it, unless the settings say it or it is to be replaced', async () => {
  const cluster = await clusterWith('by-hand', AUDIT);
  const here = cluster.configuration.of('cp-2', 'control-plane');
  here.byHand = ['+    - --profiling=false'];
  const since = world.calls.length;
  const refused = await reconfigure(cluster);
  expect(refused).toMatchObject({ status: 'FAILED', error: 'GateRefused' });
  expect(refused.cause).toMatch(
    /Changes made by hand would be lost: cp-2, kube-apiserver: \+ --profiling=false\. Write them into the section kubernetes of clusters\/by-hand\.yaml/,
  );
  expect(world.sent(since)).toHaveLength(1);
  const both = [...AUDIT.extraArgs.apiServer, { name: 'profiling', value: 'false' }];
  await settle(cluster, { ...KUBERNETES, version: cluster.kubernetes.version, extraArgs: { apiServer: both } });
  expect(await reconfigure(cluster, { planOnly: true })).toMatchObject({
    output: { plan: { decision: 'act', lost: [] } },
  });
  await settle(cluster, { ...KUBERNETES, version: cluster.kubernetes.version, ...AUDIT });
  expect(await reconfigure(cluster, { overwrite: true })).toMatchObject({ status: 'SUCCEEDED' });
  expect(here.byHand).toEqual([]);
});

test('a control plane that fails: those after it are left alone, and started again it goes on where it stopped', async () => {
  const cluster = await clusterWith('cut-off', { ...AUDIT, kubelet: { maxPods: 50 } });
  once(
    cluster,
    'reconfigure-control-plane',
    () => failure('give the static pods their manifests', 'The disk is full.'),
    'cp-2',
  );
  const failed = await reconfigure(cluster);
  expect(failed).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed' });
  expect(failed.cause).toMatch(/cp-2.*The disk is full\./);
  expect(configured(cluster)).toEqual([
    ...['cp-1: static pods, kubelet', 'cp-2: ', 'cp-3: '],
    ...['worker-1: ', 'worker-2: ', 'worker-3: '],
  ]);
  expect((await cluster.targetGroup!.targets()).map(({ state }) => state)).not.toContain('draining');
  expect(await world.lockHolder('cut-off')).toBeUndefined();
  const again = await reconfigure(cluster);
  expect(again).toMatchObject({ status: 'SUCCEEDED', output: { plan: { kind: 'continue', lost: [] } } });
  expect(again.output.changedNodes).toEqual(['cp-2', 'cp-3', 'worker-1', 'worker-2', 'worker-3']);
  expect(configured(cluster)).toEqual(ALL_DONE);
});

test('a kubelet that does not come up with it: the other workers keep what they have', async () => {
  const cluster = await clusterWith('canary', { kubelet: { maxPods: 50 } });
  once(
    cluster,
    'reconfigure-kubelet',
    () => failure('restart the kubelet', 'With its new configuration the kubelet does not stay active.'),
    'worker-1',
  );
  const failed = await reconfigure(cluster);
  expect(failed).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed' });
  expect(failed.cause).toMatch(/worker-1.*does not stay active/);
  expect(configured(cluster).slice(3)).toEqual(['worker-1: ', 'worker-2: ', 'worker-3: ']);
});

test.each<[string, object | undefined, string, RegExp]>([
  ['no section kubernetes', undefined, 'InvalidClusterConfig', /have no section kubernetes/],
  [
    'another endpoint',
    { ...KUBERNETES, endpoint: 'other:6443' },
    'GateRefused',
    /endpoint is api\.demo\.internal:6443, not other:6443/,
  ],
  [
    'a flag that says who etcd is',
    { ...KUBERNETES, extraArgs: { etcd: [{ name: 'data-dir', value: '/x' }] } },
    'GateRefused',
    /the flag data-dir of etcd/,
  ],
])('%s: refused before anything changes', async (what, kubernetes, error, sentence) => {
  const cluster = world.scriptedCluster(`no-${what.replaceAll(' ', '-').slice(0, 20)}`, {
    controlPlanes: 1,
    workers: 1,
  });
  await settle(cluster, kubernetes);
  const since = world.calls.length;
  const refused = await reconfigure(cluster);
  expect(refused).toMatchObject({ status: 'FAILED', error });
  expect(refused.cause).toMatch(sentence);
  expect(world.sent(since).filter((command) => !CHECKS.test(command))).toEqual([]);
});

test('a frozen cluster and a node that does not answer stop it', async () => {
  const cluster = await clusterWith('silent', AUDIT);
  once(cluster, 'inspect-configuration', () => failure('compare', 'The API server does not answer.'), 'worker-2');
  expect((await reconfigure(cluster)).cause).toMatch(/1 of 6 machines did not answer \(worker-2\)/);
});
