import type { PreflightFacts } from '../../../../lambdas/contracts/create-steps';
import { planRemovalInput, type RemovalPlan } from '../../../../lambdas/contracts/remove';
import type { Replacement } from '../../../../lambdas/contracts/replacement';
import { planRemoval } from '../../../../lambdas/functions/plan-removal/plan-removal';
import { config, NOW } from '../../helpers/samples';
import {
  component,
  controlPlane,
  input,
  machine,
  of,
  shared,
  upgradeCluster,
  type UpgradeCluster,
} from '../../helpers/upgrade-samples';

interface Asked {
  node?: string;
  force?: boolean;
  /** What preflight says of the machine, beside that it is a node. */
  state?: PreflightFacts['cluster']['state'];
  silent?: boolean;
  replacement?: Replacement;
}

const ALL = ['cp-1', 'cp-2', 'cp-3'];

function ask(
  cluster: UpgradeCluster,
  { node = 'cp-3', force = false, state = 'joined', silent, replacement }: Asked,
): RemovalPlan {
  const target = cluster.nodes.find((one) => one.name === node || one.instanceId === node);
  const isAsked = target && target.unreachable === undefined;
  const failure = { error: 'NodeStepTimedOut' as const, message: `preflight on ${node} did not end in time.` };
  const told = silent ? { failure } : { result: preflight(target?.name ?? '', state) };
  return planRemoval(
    planRemovalInput.parse({
      cluster: 'demo',
      config: config({}, cluster.settings),
      options: { planOnly: false, node, force, hurry: false, ...(replacement && { replacement }) },
      nodes: cluster.nodes,
      facts: input(cluster).facts,
      machine: isAsked ? [{ instanceId: target.instanceId, name: target.name, ...told }] : [],
    }),
    NOW,
  );
}

const preflight = (node: string, state: PreflightFacts['cluster']['state']): PreflightFacts => ({
  ...{ node, system: { id: 'debian', architecture: 'x86_64' }, cpus: 2, memoryMiB: 4000 },
  ...{ disk: { kubeletFreeMiB: 1, containerdFreeMiB: 1, etcdFreeMiB: 1 }, macs: [], swap: false, cgroup: 'v2' },
  ...{ clock: 'synchronised', runtime: { sockets: [] }, packages: { manager: 'apt' }, portsInUse: [] },
  ...{ endpointAddresses: [], cluster: { state }, secrets: { ok: true } },
});

const gateOf = ({ gates }: RemovalPlan, name: string) => gates.find((one) => one.name === name);
const refusing = ({ gates }: RemovalPlan) => gates.filter(({ passed }) => !passed).map(({ name }) => name);

/** Its machine does not answer; its kubelet is dead unless told otherwise. */
function lose(cluster: UpgradeCluster, name: string, instance: object = { state: 'stopped' }, isAlive = false): void {
  Object.assign(
    cluster.nodes.find((one) => one.name === name)!,
    { unreachable: 'the instance is lost', ...instance },
  );
  cluster.facts.delete(name);
  if (!isAlive) notReady(cluster, name);
  for (const other of ALL) {
    const etcd = cluster.facts.get(other)?.controlPlane?.etcd;
    for (const member of etcd?.members ?? []) if (member.name === name) member.healthy = isAlive;
  }
}

function notReady(cluster: UpgradeCluster, name: string): void {
  for (const [row] of [shared(cluster).nodes]) row!.names = row!.names.filter((one) => one !== name);
  shared(cluster).nodes.push({ kubelet: '1.36.3', ready: false, fresh: false, names: [name] });
}

/** Its instance exists no more; the cluster still knows it. */
function terminate(cluster: UpgradeCluster, name: string): void {
  lose(cluster, name);
  cluster.nodes = cluster.nodes.filter((one) => one.name !== name);
}

/** As reset-node left it, and forget-node if it came so far. */
function reset(cluster: UpgradeCluster, name: string, isForgotten: boolean): void {
  cluster.facts.delete(name);
  for (const row of shared(cluster).nodes) if (isForgotten) row.names = row.names.filter((one) => one !== name);
  for (const other of ALL) {
    const etcd = cluster.facts.get(other)?.controlPlane?.etcd;
    if (etcd) etcd.members = etcd.members.filter((one) => one.name !== name);
  }
}

const everywhere = (cluster: UpgradeCluster, change: (etcd: ReturnType<typeof controlPlane>['etcd']) => void) =>
  ALL.filter((name) => cluster.facts.has(name)).forEach((name) => change(controlPlane(cluster, name).etcd));

const NOTHING = { leaveLoadBalancer: false, drain: false, askAgain: false, reset: false };

test.each<[string, Asked, (cluster: UpgradeCluster) => void, Partial<RemovalPlan>]>([
  [
    'a worker',
    { node: 'worker-1' },
    () => undefined,
    {
      ...{ kind: 'worker', leaveEtcd: 'no', member: 'none', notReady: 0 },
      parts: { ...NOTHING, drain: true, reset: true },
      target: { instanceId: expect.any(String), name: 'worker-1', nodeName: 'worker-1' },
      on: { instanceId: expect.any(String), name: 'cp-1' },
    },
  ],
  [
    'a control plane',
    {},
    () => undefined,
    {
      ...{ kind: 'control-plane', leaveEtcd: 'yes', member: '3a', unhealthyMembers: 0 },
      parts: { leaveLoadBalancer: true, drain: true, askAgain: true, reset: true },
      summary: 'cp-3, a control plane, is removed from demo with its etcd member.',
    },
  ],
  [
    'the control plane that would be asked first',
    { node: 'cp-1' },
    () => undefined,
    { on: expect.objectContaining({ name: 'cp-2' }), member: '1a' },
  ],
  [
    'a control plane of an external etcd',
    {},
    (cluster) => everywhere(cluster, (etcd) => Object.assign(etcd, { topology: 'external', members: [] })),
    { kind: 'control-plane', leaveEtcd: 'no', member: 'none' },
  ],
  [
    'a worker whose kubelet is dead: nobody would end its pods',
    { node: 'worker-1' },
    (cluster) => notReady(cluster, 'worker-1'),
    { kind: 'worker', parts: { ...NOTHING, reset: true } },
  ],
  [
    'a machine that answers and whose etcd member is dead',
    {},
    (cluster) => {
      everywhere(cluster, (etcd) => Object.assign(etcd.members[2]!, { healthy: false }));
      Object.assign(controlPlane(cluster, 'cp-3').etcd, { healthy: false });
    },
    { leaveEtcd: 'no', member: '3a' },
  ],
  [
    'a machine that was being reset',
    { node: 'worker-1', state: 'unfinished' },
    (cluster) => reset(cluster, 'worker-1', false),
    { kind: 'worker', parts: { ...NOTHING, reset: true } },
  ],
  [
    'a machine that was reset, and its Node is there',
    { state: 'none' },
    (cluster) => reset(cluster, 'cp-3', false),
    { kind: 'control-plane', parts: NOTHING, member: 'none' },
  ],
  [
    'a control plane whose instance is stopped',
    {},
    (cluster) => lose(cluster, 'cp-3'),
    {
      ...{ kind: 'dead', parts: NOTHING, leaveEtcd: 'no', member: '3a', notReady: 0, unhealthyMembers: 0 },
      summary: 'cp-3, a control plane whose machine is gone, is removed from demo.',
    },
  ],
  [
    'a control plane whose instance exists no more',
    {},
    (cluster) => terminate(cluster, 'cp-3'),
    { kind: 'dead', member: '3a', target: { instanceId: 'cp-3', name: 'cp-3', nodeName: 'cp-3' } },
  ],
  [
    'a member of etcd whose Node was deleted by hand',
    {},
    (cluster) => {
      terminate(cluster, 'cp-3');
      shared(cluster).nodes.pop();
    },
    { kind: 'dead', member: '3a' },
  ],
  [
    'a dead member while another one is down as well, but most are not',
    { node: 'cp-3' },
    (cluster) => {
      lose(cluster, 'cp-3');
      everywhere(cluster, (etcd) =>
        etcd.members.push({ id: '4a', name: 'cp-4', healthy: false }, { id: '5a', name: 'cp-5', healthy: true }),
      );
    },
    { kind: 'dead', unhealthyMembers: 1 },
  ],
  [
    'a learner that never became a member',
    { node: 'cp-4' },
    (cluster) =>
      everywhere(cluster, (etcd) => etcd.members.push({ id: '4a', name: 'cp-4', learner: true, healthy: false })),
    { kind: 'dead', member: '4a' },
  ],
  [
    'a node that nobody hears, by force',
    { node: 'worker-1', force: true },
    (cluster) => lose(cluster, 'worker-1', {}),
    { kind: 'dead' },
  ],
  [
    'a dead node in the middle of an upgrade',
    { node: 'cp-3' },
    (cluster) => {
      lose(cluster, 'cp-3');
      component(cluster, 'cp-2', 'kube-apiserver').version = '1.37.2';
    },
    { kind: 'dead' },
  ],
  [
    'a worker while another worker is down',
    { node: 'worker-1' },
    (cluster) => lose(cluster, 'worker-2', {}),
    { kind: 'worker', notReady: 1 },
  ],
])('acts: %s', (_what, asked, change, expected) => {
  const cluster = upgradeCluster(3, 2);
  change(cluster);
  const plan = ask(cluster, asked);
  expect(`${plan.decision} ${refusing(plan).join()}`).toBe('act ');
  expect(plan).toMatchObject(expected);
});

test.each<[string, Asked, (cluster: UpgradeCluster) => void, string[], RegExp]>([
  [
    'frozen',
    {},
    (cluster) => (cluster.settings = { frozen: 'holidays' }),
    ['not frozen'],
    /demo is frozen \(holidays\)/,
  ],
  [
    'a name that nobody knows',
    { node: 'worker-9' },
    () => undefined,
    ['node-known'],
    /^demo has no node worker-9: expected an instance id or a name, of cp-1, cp-2, cp-3, worker-1 and worker-2\.$/,
  ],
  [
    'an instance of which no Node can be found',
    { node: 'worker-1', force: true },
    (cluster) => {
      lose(cluster, 'worker-1');
      shared(cluster).nodes.pop();
    },
    ['node-known'],
    /and no Node of demo has its name or address\.$/,
  ],
  [
    'no control plane tells of the cluster',
    { node: 'worker-1' },
    (cluster) => ALL.forEach((name) => delete of(cluster, name).cluster),
    ['node-known'],
    /No control plane could read the cluster/,
  ],
  [
    'etcd has lost its majority',
    { node: 'worker-1' },
    (cluster) =>
      ALL.forEach((name) => {
        delete of(cluster, name).cluster;
        Object.assign(controlPlane(cluster, name).etcd, { healthy: false, members: [] });
      }),
    ['etcd-quorum'],
    /^etcd has no majority \(no member answers\)/,
  ],
  [
    'another role than the tag says',
    { node: 'worker-1' },
    (cluster) => (of(cluster, 'worker-1').controlPlane = controlPlane(cluster, 'cp-3')),
    ['node-belongs'],
    /^worker-1 is a worker by its tag and runs an API server\.$/,
  ],
  [
    'a node of another cluster',
    { node: 'worker-1' },
    (cluster) => (of(cluster, 'worker-1').node = 'other-1'),
    ['node-belongs'],
    /^worker-1 runs a kubelet, and demo has no Node other-1/,
  ],
  [
    'a machine that is reached and says nothing',
    { node: 'worker-1', silent: true },
    (cluster) => cluster.facts.delete('worker-1'),
    ['node-belongs'],
    /did not end in time/,
  ],
  [
    'a node that does not answer and may run',
    { node: 'worker-1' },
    (cluster) => lose(cluster, 'worker-1', {}),
    ['node-is-gone'],
    /^worker-1 does not answer \(the instance is lost\), and its instance is running: expected stopped or terminated\.$/,
  ],
  [
    'a node that does not answer and lives, even by force',
    { node: 'worker-1', force: true },
    (cluster) => lose(cluster, 'worker-1', {}, true),
    ['node-is-gone'],
    /its kubelet renews its lease: it is not gone\.$/,
  ],
  [
    'a Node without an instance, while nobody knows whose node an instance is',
    { node: 'ip-10-0-0-9' },
    (cluster) => {
      lose(cluster, 'worker-1', {});
      shared(cluster).nodes.at(-1)!.names = ['ip-10-0-0-9'];
    },
    ['node-is-gone'],
    /^Nobody knows whether worker-1, which does not answer, is the node ip-10-0-0-9: /,
  ],
  [
    'a script is at work on it',
    { node: 'worker-1' },
    (cluster) => (machine(cluster, 'worker-1').running = true),
    ['nodes-at-rest'],
    /still at work on worker-1\.$/,
  ],
  [
    'a script is at work on another control plane',
    {},
    (cluster) => (machine(cluster, 'cp-1').running = true),
    ['nodes-at-rest'],
    /still at work on cp-1\.$/,
  ],
  [
    'API servers of two versions',
    { node: 'worker-1' },
    (cluster) => (component(cluster, 'cp-2', 'kube-apiserver').version = '1.37.2'),
    ['upgrade-finished'],
    /^The API servers have different versions \(1\.36\.3 and 1\.37\.2\): an upgrade is half done\.$/,
  ],
  [
    'an upgrade that was cut off',
    {},
    (cluster) => (controlPlane(cluster, 'cp-1').unfinished = true),
    ['upgrade-finished'],
    /^An upgrade of cp-1 was cut off/,
  ],
  [
    'the API server of another control plane is down',
    {},
    (cluster) => (component(cluster, 'cp-2', 'kube-apiserver').healthy = { ok: false, reason: 'readyz answers 500' }),
    ['other-control-planes'],
    /^The API server of cp-2 is not ready \(readyz answers 500\)/,
  ],
  [
    'another member is down',
    { node: 'cp-2' },
    (cluster) => lose(cluster, 'cp-3'),
    ['etcd-quorum'],
    /^cp-3 is no healthy member of etcd, and all others have to be when one that works leaves\.$/,
  ],
  [
    'another member is a learner',
    {},
    (cluster) =>
      everywhere(cluster, (etcd) => etcd.members.push({ id: '4a', name: 'cp-4', learner: true, healthy: true })),
    ['etcd-quorum'],
    /^cp-4 is no healthy member of etcd/,
  ],
  ['an alarm', {}, (cluster) => controlPlane(cluster, 'cp-1').etcd.alarms.push('NOSPACE'), ['etcd-alarms'], /NOSPACE/],
])('refuses: %s', (_what, asked, change, gates, sentence) => {
  const cluster = upgradeCluster(3, 2);
  change(cluster);
  const plan = ask(cluster, asked);
  expect(refusing(plan)).toEqual(gates);
  expect(gateOf(plan, gates[0]!)?.reason).toMatch(sentence);
  expect(plan).toMatchObject({ decision: 'refuse', steps: [] });
  for (const gate of plan.gates) {
    expect(gate.reason).toMatch(/^\S.*\.$/);
    if (!gate.passed) expect(gate.whatToDo).toMatch(/^[A-Z].*\.$/);
  }
});

test('refuses the last control plane, dead or alive', () => {
  const one = upgradeCluster(1, 1);
  expect(refusing(ask(one, { node: 'cp-1' }))).toEqual(['other-control-planes', 'etcd-quorum']);
  const dead = upgradeCluster(1, 1);
  lose(dead, 'cp-1', {}, true);
  expect(refusing(ask(dead, { node: 'cp-1', force: true }))).toEqual(['node-known']);
});

test.each([
  [2, 'cp-2', undefined],
  [3, 'cp-3', true],
  [4, 'cp-4', undefined],
])('of %s members one may leave; an even number is told', (members, node, warning) => {
  const plan = ask(upgradeCluster(members, 1), { node });
  expect(plan.decision).toBe('act');
  expect(gateOf(plan, 'etcd-quorum')).toMatchObject({ passed: true, ...(warning && { warning }) });
});

test('etcd of two members of which one is dead cannot forget it', () => {
  const cluster = upgradeCluster(2, 1);
  lose(cluster, 'cp-2');
  Object.assign(controlPlane(cluster, 'cp-1').etcd, { healthy: false, members: [] });
  expect(refusing(ask(cluster, { node: 'cp-2', force: true }))).toContain('etcd-quorum');
});

test('a disruption budget that is spent is told, and stops nothing', () => {
  const cluster = upgradeCluster(3, 2);
  shared(cluster).budgets.push(
    { name: 'shop/cart', allowed: 0, pods: { 'worker-1': 1 } },
    { name: 'shop/web', allowed: 0, pods: { 'worker-2': 1 } },
  );
  const plan = ask(cluster, { node: 'worker-1' });
  expect(plan.decision).toBe('act');
  expect(gateOf(plan, 'disruption-budgets')).toMatchObject({ warning: true });
  expect(gateOf(plan, 'disruption-budgets')?.reason).toMatch(/on worker-1 now \(shop\/cart\)/);
});

test('nothing is left to do', () => {
  const cluster = upgradeCluster(3, 2);
  reset(cluster, 'cp-3', true);
  const plan = ask(cluster, { state: 'none' });
  expect(plan).toMatchObject({
    ...{ decision: 'nothing', steps: [], parts: NOTHING },
    summary: 'cp-3 is no node of demo: there is nothing to remove.',
  });
});

test('a node is found by its instance id, its name and the name of its Node', () => {
  const cluster = upgradeCluster(3, 2);
  of(cluster, 'worker-1').node = 'ip-10-0-0-7.ec2.internal';
  shared(cluster).nodes[0]!.names.push('ip-10-0-0-7.ec2.internal');
  const { instanceId } = cluster.nodes.find(({ name }) => name === 'worker-1')!;
  for (const node of [instanceId, 'worker-1', 'ip-10-0-0-7.ec2.internal'])
    expect(ask(cluster, { node }).target).toEqual({
      ...{ instanceId, name: 'worker-1', nodeName: 'ip-10-0-0-7.ec2.internal', role: 'worker' },
    });
});

test('a Node that is called by its instance', () => {
  const cluster = upgradeCluster(3, 2);
  terminate(cluster, 'worker-2');
  shared(cluster).nodes.at(-1)!.names = ['i-0fedcba9876543210.eu-central-1.compute.internal'];
  expect(ask(cluster, { node: 'i-0fedcba9876543210' }).target).toMatchObject({
    nodeName: 'i-0fedcba9876543210.eu-central-1.compute.internal',
  });
});

test('plans that do the same share a digest', () => {
  const plan = (node: string) => ask(upgradeCluster(3, 2), { node });
  expect(plan('cp-3').digest).toBe(plan('cp-3').digest);
  expect(plan('cp-3').digest).not.toBe(plan('cp-2').digest);
});

describe('as a part of a replacement', () => {
  const REPLACEMENT = { node: 'i-3', with: 'i-0123456789abcdef0' };
  const LOCK = {
    ...{ cluster: 'demo', since: '2026-01-02T03:04:05Z' },
    holder: 'arn:aws:states:eu-central-1:123456789012:execution:kubeadm-autopilot-replace-node:r-1',
  };

  test('the only control plane may leave, once the other one has joined', () => {
    const cluster = upgradeCluster(1, 0);
    expect(refusing(ask(cluster, { node: 'cp-1' }))).toEqual(['other-control-planes', 'etcd-quorum']);
    const planned = ask(cluster, { node: 'cp-1', replacement: REPLACEMENT });
    expect(refusing(planned)).toEqual([]);
    expect(gateOf(planned, 'other-control-planes')).toMatchObject({
      reason: 'i-0123456789abcdef0 joins before cp-1 leaves.',
    });
    // By then it has to be there.
    const then = ask(cluster, { node: 'cp-1', replacement: { ...REPLACEMENT, lock: LOCK } });
    expect(refusing(then)).toEqual(['other-control-planes', 'etcd-quorum']);
  });

  test('a dead node that an earlier run has removed is done', () => {
    const cluster = upgradeCluster(3, 0);
    lose(cluster, 'cp-3');
    for (const one of cluster.facts.values()) {
      const etcd = one.controlPlane!.etcd;
      etcd.members = etcd.members.filter(({ name }) => name !== 'cp-3');
    }
    shared(cluster).nodes = shared(cluster).nodes.filter(({ names }) => !names.includes('cp-3'));
    expect(ask(cluster, {}).decision).toBe('refuse');
    expect(ask(cluster, { replacement: REPLACEMENT }).decision).toBe('nothing');
  });

  test('a node that nobody knows is a mistake, but not where it has just been removed', () => {
    const cluster = upgradeCluster(3, 0);
    expect(ask(cluster, { node: 'cp-9', replacement: REPLACEMENT }).decision).toBe('refuse');
    const after = ask(cluster, { node: 'cp-9', replacement: { ...REPLACEMENT, lock: LOCK } });
    expect(after).toMatchObject({ decision: 'nothing', summary: 'demo has no such node any more.' });
  });
});
