import { GetParametersByPathCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { failure, done } from '../../local/nodes/scripted/outcomes';
import type { ScriptedCluster } from '../../local/nodes/scripted/scripted-cluster';
import { AwsError } from '../../local/aws/aws-call';
import { targetGroupArn } from '../../local/services/elastic-load-balancing/target-groups';
import { deny } from './helpers/faults';
import { expectNoSecret } from './helpers/no-secret';
import { once } from './helpers/scripted';
import type { Loose } from './helpers/world';
import { World } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.startScripted();
});
afterAll(() => world?.stop());
afterEach(() => {
  world.onCall = undefined;
  expect(world.problems).toEqual([]);
});

const KUBERNETES = { version: '1.37.2', endpoint: 'api.demo.internal:6443', podSubnet: '10.244.0.0/16' };

/** Bare machines with the settings that a cluster is made by. */
async function machines(
  name: string,
  options: Parameters<World['scriptedCluster']>[1] = {},
  settings: object = {},
): Promise<ScriptedCluster> {
  const cluster = world.scriptedCluster(name, { controlPlanes: 1, bare: true, ...options });
  const group = cluster.targetGroup;
  const kubernetes = { ...KUBERNETES, ...(group && { targetGroups: [targetGroupArn(group)] }), ...settings };
  await world.ssm.send(
    new PutParameterCommand({
      Name: `/kubeadm-autopilot/clusters/${name}`,
      Value: JSON.stringify({ cluster: name, kubernetes }),
      Type: 'String',
    }),
  );
  return cluster;
}

const create = (cluster: ScriptedCluster) => world.run('create-cluster', { cluster: cluster.name });

/** Names of the secrets that a cluster's executions have left. */
async function secretsOf(cluster: string): Promise<string[]> {
  const path = `/kubeadm-autopilot/secrets/${cluster}`;
  const { Parameters: left = [] } = await world.ssm.send(new GetParametersByPathCommand({ Path: path }));
  return left.map(({ Name }) => Name!);
}

/** All are nodes of the cluster, and what the operation needed for that is gone. */
async function expectCreated(cluster: ScriptedCluster): Promise<void> {
  expect(cluster.joined.length).toBe(cluster.nodes.filter(({ role }) => role !== 'etcd').length);
  expect(cluster.knowsToken).toBe(false);
  expect(await secretsOf(cluster.name)).toEqual([]);
  expect(await world.lockHolder(cluster.name)).toBeUndefined();
}

test('one control plane and one worker, without a load balancer', async () => {
  const cluster = await machines('small', { workers: 1, loadBalancer: false });
  const [since, events] = [world.calls.length, world.events.length];
  const ended = await create(cluster);
  expect(ended).toMatchObject({ status: 'SUCCEEDED' });
  expect(ended.output).toMatchObject({
    outcome: 'created',
    summary:
      "All 2 nodes of small are Ready with Kubernetes 1.37.2, pods on them reach each other, and the cluster's DNS answers on each.",
    plan: { kind: 'create', first: { name: 'cp-1' }, controlPlanes: [], workers: [{ name: 'worker-1' }] },
  });
  await expectCreated(cluster);
  expect(world.sent(since)).toEqual([
    'preflight to cp-1, worker-1',
    'prepare-node to cp-1, worker-1',
    'init-control-plane to cp-1',
    'prepare-join to cp-1',
    'join-node to worker-1',
    'prepare-join to cp-1',
    'wait-for-nodes to cp-1',
    'probe-pods to cp-1',
    'check-pod-network to cp-1, worker-1',
    'probe-pods to cp-1',
    'check-cluster-dns to cp-1, worker-1',
  ]);
  expect(world.onBus(events)).toContainEqual([
    'Cluster Created',
    expect.objectContaining({ cluster: 'small', version: '1.37.2', nodes: 2 }),
  ]);
  await expectNoSecret(world, [ended.arn]);
});

describe('a machine of role etcd', () => {
  const options = { controlPlanes: 3, workers: 1, etcdMachines: 1, loadBalancer: false } as const;

  test('runs etcd before the cluster begins, and signs what the first control plane shows it', async () => {
    const cluster = await machines('outside', options);
    const since = world.calls.length;
    const ended = await create(cluster);
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { plan: { etcd: [{ name: 'etcd-1' }], nodes: 4 } } });
    await expectCreated(cluster);
    expect(world.sent(since).slice(0, 8)).toEqual([
      'preflight to cp-1, cp-2, cp-3, etcd-1, worker-1',
      'prepare-node to cp-1, cp-2, cp-3, etcd-1, worker-1',
      'start-etcd to etcd-1',
      'etcd-client to cp-1',
      'sign-etcd-client to etcd-1',
      'etcd-client to cp-1',
      'init-control-plane to cp-1',
      'prepare-join to cp-1',
    ]);
    expect([...cluster.externalEtcd!.clients]).toEqual([['cp-1', 'certificate 1 for the request of cp-1']]);
    await expectNoSecret(world, [ended.arn]);
    expect(await create(cluster)).toMatchObject({ output: { outcome: 'nothing' } });
  });

  test.each(['prepare-node', 'start-etcd', 'etcd-client', 'sign-etcd-client', 'init-control-plane'])(
    '%s fails: nothing is left behind, and the next execution goes on',
    async (step) => {
      const cluster = await machines(`outside-${step}`, options);
      once(cluster, step, () => failure(step, 'No space left on device.'));
      expect(await create(cluster)).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed' });
      expect(await secretsOf(cluster.name)).toEqual([]);
      expect(await create(cluster)).toMatchObject({ status: 'SUCCEEDED' });
      await expectCreated(cluster);
    },
  );

  test.each([
    ['two of them', { ...options, etcdMachines: 2 }, {}, 'starts an external etcd on one machine, got 2'],
    [
      'one beside an etcd of the user',
      options,
      { externalEtcd: { endpoints: ['https://10.0.0.9:2379'], caFile: '/a', certFile: '/b', keyFile: '/c' } },
      'kubernetes.externalEtcd of outside-refused-2 names an etcd as well',
    ],
  ])('%s is refused in a sentence, and nothing changes', async (_what, machinesOf, settings, said) => {
    const cluster = await machines(`outside-refused-${machinesOf.etcdMachines === 1 ? 2 : 1}`, machinesOf, settings);
    const since = world.calls.length;
    const ended = await create(cluster);
    expect(ended).toMatchObject({ status: 'FAILED', error: 'GateRefused' });
    expect(ended.cause).toContain(said);
    expect(world.sent(since).map((line) => line.split(' ')[0])).toEqual(['preflight']);
  });
});

test('three control planes join one by one and are healthy in the load balancer before the next, meanwhile workers at once', async () => {
  const cluster = await machines('three', { controlPlanes: 3, workers: 4 });
  const order: string[] = [];
  const since = world.calls.length;
  cluster.onStep = async ({ step, node }, next) => {
    if (step === 'init-control-plane' || (step === 'join-node' && node.role === 'control-plane')) {
      const targets = (await cluster.targetGroup!.targets()).map(({ id, state }) => {
        return `${cluster.nodes.find(({ instanceId }) => instanceId === id)!.name} ${state}`;
      });
      order.push(`${step} ${node.name}, load balancer: ${targets.join(', ')}`);
    }
    return next();
  };
  expect(await create(cluster)).toMatchObject({ status: 'SUCCEEDED' });
  await expectCreated(cluster);
  expect(order).toEqual([
    'init-control-plane cp-1, load balancer: cp-1 initial',
    'join-node cp-2, load balancer: cp-1 healthy',
    'join-node cp-3, load balancer: cp-1 healthy, cp-2 healthy',
  ]);
  expect((await cluster.targetGroup!.targets()).map(({ state }) => state)).toEqual(['healthy', 'healthy', 'healthy']);
  const workersJoin = 'join-node to worker-1, worker-2, worker-3, worker-4';
  const sent = world.sent(since);
  expect(sent).toContain(workersJoin);
  expect(sent.filter((command) => command !== workersJoin)).toEqual([
    'preflight to cp-1, cp-2, cp-3, worker-1, worker-2, worker-3, worker-4',
    'prepare-node to cp-1, cp-2, cp-3, worker-1, worker-2, worker-3, worker-4',
    'init-control-plane to cp-1',
    'prepare-join to cp-1',
    'join-node to cp-2',
    'join-node to cp-3',
    'prepare-join to cp-1',
    'wait-for-nodes to cp-1',
    'probe-pods to cp-1',
    'check-pod-network to cp-1, cp-2, cp-3, worker-1, worker-2, worker-3, worker-4',
    'probe-pods to cp-1',
    'check-cluster-dns to cp-1, cp-2, cp-3, worker-1, worker-2, worker-3, worker-4',
  ]);
});

test('only control planes get the certificate key', async () => {
  const cluster = await machines('keys', { controlPlanes: 2, workers: 1 });
  const keys: string[] = [];
  cluster.onStep = async ({ step, node, parameters }, next) => {
    if (parameters['CertificateKey'])
      keys.push(`${step} ${node.name} ${parameters['CertificateKey'].split('/')[4] ?? 'none'}`);
    return next();
  };
  expect(await create(cluster)).toMatchObject({ status: 'SUCCEEDED' });
  // They join at the same time.
  expect(keys.map((key) => key.replace(/-[0-9a-f]{32}$/, '')).sort()).toEqual([
    'join-node cp-2 certificate-key',
    'join-node worker-1 none',
    'prepare-join cp-1 certificate-key',
    'prepare-join cp-1 none',
  ]);
});

test.each([
  ['prepare-node', 'worker-1', []],
  ['init-control-plane', 'cp-1', []],
  ['prepare-join', 'cp-1', ['cp-1']],
  ['join-node', 'cp-2', ['cp-1', 'worker-1', 'worker-2']],
  ['join-node', 'worker-2', ['cp-1', 'cp-2', 'worker-1']],
  ['probe-pods', 'cp-1', ['cp-1', 'cp-2', 'worker-1', 'worker-2']],
  ['check-pod-network', 'worker-1', ['cp-1', 'cp-2', 'worker-1', 'worker-2']],
  ['check-cluster-dns', 'worker-1', ['cp-1', 'cp-2', 'worker-1', 'worker-2']],
])('%s fails on %s: both are named, and started again it goes on', async (step, node, mayJoin) => {
  const cluster = await machines(`fails-${step}-${node}`.slice(0, 32), { controlPlanes: 2, workers: 2 });
  once(cluster, step, () => failure('do it', 'The disk is full.'), node);
  const failed = await create(cluster);
  expect(failed).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed' });
  expect(failed.cause).toContain(node);
  expect(failed.cause).toContain(step);
  expect(failed.cause).toContain('The disk is full.');
  const joined = cluster.joined.map(({ name }) => name);
  // Control planes and workers join at the same time: when one fails, the others may have joined or not.
  if (step === 'join-node') expect(mayJoin).toEqual(expect.arrayContaining(joined));
  else expect(joined).toEqual(mayJoin);
  expect(await secretsOf(cluster.name)).toEqual([]);
  expect(cluster.probed).toEqual([]);
  expect(await world.lockHolder(cluster.name)).toBeUndefined();

  const since = world.calls.length;
  const again = await create(cluster);
  expect(again).toMatchObject({ status: 'SUCCEEDED' });
  expect(cluster.joined.length).toBe(4);
  expect(cluster.nodes.filter(({ unproven }) => unproven)).toEqual([]);
  expect(world.sent(since).at(-1)).toBe('check-cluster-dns to cp-1, cp-2, worker-1, worker-2');
  for (const command of world.sent(since).filter((one) => /^(prepare-node|join-node|init-control-plane) /.test(one)))
    for (const name of joined) {
      // A control plane may have to come into its target groups; it says that it has joined.
      const isAskedAgain = command === `join-node to ${name}` && name.startsWith('cp-');
      if (!isAskedAgain) expect(command.split(' to ')[1]!.split(', ')).not.toContain(name);
    }
});

test('pods that do not reach each other: both nodes are named, and no pod is left, even where the first deletion fails', async () => {
  const cluster = await machines('apart', { workers: 1, loadBalancer: false });
  const said = 'A pod on worker-1 does not reach a pod on cp-1 (no answer): look at the network plugin.';
  once(cluster, 'check-pod-network', () => failure('connect to the pods of the others', said), 'worker-1');
  const since = world.calls.length;
  const failed = await create(cluster);
  expect(failed).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed' });
  expect(failed.cause).toContain(said);
  expect(world.sent(since).slice(-3)).toEqual([
    'probe-pods to cp-1',
    'check-pod-network to cp-1, worker-1',
    'probe-pods to cp-1',
  ]);
  expect(cluster.probed).toEqual([]);

  cluster.onStep = async ({ step, parameters }, next) => {
    if (step === 'check-pod-network') return failure('connect to the pods of the others', said);
    if (step === 'probe-pods' && parameters['Action'] === 'delete')
      return failure('delete the pods of before', 'Busy.');
    return next();
  };
  // What is told is why pods do not reach each other. The cluster itself ends the pods.
  expect((await create(cluster)).cause).toContain(said);
});

test('settings without a network plugin: where nodes are not Ready, the sentence says so', async () => {
  const cluster = await machines('no-plugin', { workers: 1, loadBalancer: false });
  cluster.node('worker-1').kubeletRuns = false;
  expect((await create(cluster)).cause).toContain(
    'the settings name no network plugin (kubernetes.cni), so install one',
  );
});

test('cut off in kubeadm init: the next execution begins on the same control plane', async () => {
  const cluster = await machines('cut-off', { controlPlanes: 3 });
  cluster.node('cp-2').membership = 'unfinished';
  const since = world.calls.length;
  const ended = await create(cluster);
  expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { plan: { first: { name: 'cp-2' } } } });
  expect(ended.output.plan.steps[0]).toMatchObject({
    name: 'cp-2',
    why: 'it was begun and cut off, which is undone first',
  });
  expect(world.sent(since)).toContain('init-control-plane to cp-2');
});

test('a control plane that joined and did not come into the load balancer does so by the next execution', async () => {
  const cluster = await machines('unregistered', { controlPlanes: 3, workers: 1 });
  const outside = cluster.node('cp-2').instanceId;
  world.onCall = async ({ action, input }, next) => {
    if (action !== 'RegisterTargets' || !JSON.stringify(input).includes(outside)) return next();
    throw new AwsError('InvalidTarget', 'Refused by a test.');
  };
  expect(await create(cluster)).toMatchObject({ status: 'FAILED' });
  world.onCall = undefined;
  expect(cluster.joined.map(({ name }) => name)).toContain('cp-2');
  const since = world.calls.length;
  const ended = await create(cluster);
  expect(ended).toMatchObject({
    status: 'SUCCEEDED',
    output: { plan: { unregistered: [{ name: 'cp-1' }, { name: 'cp-2' }] } },
  });
  expect(world.sent(since)).not.toContain('prepare-node to cp-2');
  const targets = await cluster.targetGroup!.targets();
  expect(targets.map(({ state }) => state)).toEqual(['healthy', 'healthy', 'healthy']);
  await expectCreated(cluster);
});

test('stopped while a node joins: the secrets go, and the next execution goes on', async () => {
  const cluster = await machines('stopped', { workers: 2, loadBalancer: false });
  let arn = '';
  once(cluster, 'join-node', async (answer) => {
    await world.stopExecution(arn);
    return answer();
  });
  arn = await world.start('create-cluster', { cluster: 'stopped' });
  expect((await world.end(arn)).status).toBe('ABORTED');
  await world.passUntil(async () => (await secretsOf('stopped')).length === 0);
  await world.passUntil(async () => (await world.lockHolder('stopped')) === undefined);
  const ended = await create(cluster);
  expect(ended.status).toBe('SUCCEEDED');
  expect(cluster.joined.length).toBe(3);
});

test('all of it is there: nothing to do', async () => {
  const cluster = await machines('there', { controlPlanes: 3, workers: 1, bare: false });
  const since = world.calls.length;
  const { output } = await create(cluster);
  expect(output).toMatchObject({ outcome: 'nothing', plan: { kind: 'nothing', decision: 'nothing', steps: [] } });
  expect(world.sent(since)).toEqual(['preflight to cp-1, cp-2, cp-3, worker-1']);
});

test('only the plan', async () => {
  const cluster = await machines('planned', { controlPlanes: 3, workers: 2 });
  const since = world.calls.length;
  const { output } = await world.runWell('create-cluster', { cluster: cluster.name, planOnly: true });
  expect(output.plan.steps.map(({ name, action }: Loose) => `${name}: ${action}`)).toEqual([
    'cp-1: begin the cluster (kubeadm init)',
    'cp-2: join as a control plane',
    'cp-3: join as a control plane',
    'worker-1: join as a worker',
    'worker-2: join as a worker',
  ]);
  expect(world.sent(since)).toEqual(['preflight to cp-1, cp-2, cp-3, worker-1, worker-2']);
  expect(cluster.joined).toEqual([]);
});

test('a machine that lacks something: nothing is changed, and the table says what', async () => {
  const cluster = await machines('poor', { workers: 1, loadBalancer: false });
  cluster.onStep = async ({ step, node }, next) => {
    const answer = next();
    if (step !== 'preflight' || node.name !== 'cp-1') return answer;
    const result = JSON.parse(answer.stdout.replace(/^\S+ /, '')) as Loose;
    return done({ ...result, cpus: 1 });
  };
  const since = world.calls.length;
  const refused = await create(cluster);
  expect(refused).toMatchObject({ status: 'FAILED', error: 'GateRefused' });
  expect(refused.cause).toBe(
    'poor is not created: processors: expected 2 or more, found cp-1: 1. Use a larger instance type.',
  );
  expect(world.sent(since)).toEqual(['preflight to cp-1, worker-1']);
});

test('settings that do not say how the cluster is to be made', async () => {
  world.scriptedCluster('unsaid', { controlPlanes: 1, bare: true });
  const refused = await world.run('create-cluster', { cluster: 'unsaid' });
  expect(refused).toMatchObject({ status: 'FAILED', error: 'InvalidClusterConfig' });
  expect(refused.cause).toMatch(/^The settings of unsaid have no section kubernetes, .* clusters\/unsaid\.yaml/);
});

test('a node that does not become Ready is named', async () => {
  const cluster = await machines('not-ready', { workers: 1, loadBalancer: false });
  cluster.node('worker-1').kubeletRuns = false;
  const since = world.calls.length;
  const failed = await create(cluster);
  expect(failed).toMatchObject({ status: 'FAILED', error: 'NodeNotReady' });
  expect(failed.cause).toMatch(/^not-ready: of 2 nodes that are awaited, 2 are there, and not Ready are worker-1: /);
  expect(world.sent(since).filter((command) => command.startsWith('wait-for-nodes'))).toHaveLength(4);

  cluster.node('worker-1').kubeletRuns = true;
  const again = await create(cluster);
  expect(again).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'created', plan: { kind: 'prove' } } });
});

test.each(['DescribeTargetGroups', 'RegisterTargets'])(
  'without the right to %s: told before kubeadm init, and with it the next execution goes on',
  async (action) => {
    const cluster = await machines(`denied-${action.toLowerCase()}`.slice(0, 32));
    const denied = deny(world, `elasticloadbalancing:${action}`, 'RegisterTargetsRole');
    const failed = await create(cluster);
    expect(failed).toMatchObject({ status: 'FAILED', error: expect.stringMatching(/^AccessDenied/) });
    expect(failed.cause).toMatch(/is not authorized to perform: elasticloadbalancing:.*deploy the app again/);
    expect(denied.times).toBeGreaterThan(0);
    expect(cluster.joined).toEqual([]);
    world.onCall = undefined;
    expect(await create(cluster)).toMatchObject({ status: 'SUCCEEDED' });
  },
);

test('a target group that does not exist', async () => {
  const arn = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/gone/0123456789abcdef';
  const cluster = await machines('no-group', { loadBalancer: false }, { targetGroups: [arn] });
  const failed = await create(cluster);
  expect(failed).toMatchObject({ status: 'FAILED', error: 'InvalidClusterConfig' });
  expect(failed.cause).toContain('A target group of no-group does not exist');
  expect(cluster.joined).toEqual([]);
});
