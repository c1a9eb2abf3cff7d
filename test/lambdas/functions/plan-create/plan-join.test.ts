import type { PreflightFacts } from '../../../../lambdas/contracts/create-steps';
import type { Replacement } from '../../../../lambdas/contracts/replacement';
import { planCreate } from '../../../../lambdas/functions/plan-create/plan-create';
import { HASH, joined, machine, resultsOf, worker, type Machine } from '../../helpers/machines';
import { config, controlPlane, instanceId } from '../../helpers/samples';

const KUBERNETES = { version: '1.36.3', endpoint: 'api.demo.internal:6443', podSubnet: '10.244.0.0/16' };
const [cp1, cp2, cp3] = [controlPlane(1), controlPlane(2), controlPlane(3)];

/** A node of a cluster that was upgraded since its settings were written. */
const member = (node: Machine['node'], change: (facts: PreflightFacts) => void = () => undefined): Machine => {
  const one = joined(node);
  one.facts!.packages = { manager: 'apt', kubeadm: '1.37.2', kubelet: '1.37.2' };
  change(one.facts!);
  return one;
};

const plan = (
  machines: Machine[],
  nodes: string[],
  settings: object = { kubernetes: KUBERNETES },
  replacement?: Replacement,
) =>
  planCreate({
    operation: 'join-node',
    cluster: 'demo',
    config: config({}, settings),
    options: { planOnly: false, nodes, ...(replacement && { replacement }) },
    nodes: machines.map(({ node }) => node),
    facts: resultsOf(machines),
  });

const decoded = (text: string) => JSON.parse(Buffer.from(text, 'base64').toString()) as Record<string, unknown>;

test("a worker by the id of its instance, with the cluster's release and not that of its settings", () => {
  const planned = plan([member(cp1), machine(worker(1)), machine(worker(2))], [instanceId(101)]);
  expect(planned).toMatchObject({
    ...{ operation: 'join-node', decision: 'act', kind: 'join', version: '1.37.2', first: { name: 'cp-1' } },
    ...{ init: [], controlPlanes: [], workers: [{ name: 'worker-1' }], nodes: 1, waitFor: 'worker-1' },
    summary: '1 worker joins demo with Kubernetes 1.37.2 (worker-1).',
  });
  expect(decoded(planned.configuration.worker)).toMatchObject({
    discovery: { bootstrapToken: { apiServerEndpoint: KUBERNETES.endpoint } },
  });
});

test('a control plane and a worker, by their names', () => {
  const planned = plan([member(cp1), member(cp2), machine(cp3), machine(worker(1))], ['cp-3', 'worker-1']);
  expect(planned.steps.map(({ name, action }) => `${name}: ${action}`)).toEqual([
    'cp-3: join as a control plane',
    'worker-1: join as a worker',
  ]);
});

test('a cluster that others made tells itself how a node joins it', () => {
  const theirs = member(cp1, (facts) => {
    facts.cluster = { ...facts.cluster, endpoint: 'k8s.example.com:443', cgroupDriver: 'cgroupfs' };
  });
  const planned = plan([theirs, machine(worker(1))], ['worker-1'], {});
  expect(planned).toMatchObject({ decision: 'act', version: '1.37.2', prepare: { cgroupDriver: 'cgroupfs' } });
  expect(decoded(planned.configuration.worker)).toMatchObject({
    discovery: { bootstrapToken: { apiServerEndpoint: 'k8s.example.com:443' } },
  });
});

test('nodes already: nothing, or only a look whether the cluster works there', () => {
  expect(plan([member(cp1), member(worker(1))], ['worker-1'])).toMatchObject({
    ...{ decision: 'nothing', kind: 'nothing' },
    summary: 'All machines that were asked for are nodes of demo already.',
  });
  const unproven = member(worker(1), (facts) => (facts.cluster.unproven = true));
  expect(plan([member(cp1), unproven], ['worker-1'])).toMatchObject({
    ...{ decision: 'act', kind: 'prove', unproven: [{ name: 'worker-1' }], waitFor: 'worker-1' },
  });
});

const gone = (node: Machine['node']): Machine => ({ node: { ...node, unreachable: 'instance is stopped' } });

test('what is neither asked for nor needed may be out of reach', () => {
  expect(plan([member(cp1), gone(cp2), gone(worker(2)), machine(worker(1))], ['worker-1']).decision).toBe('act');
});

test.each<[string, Machine[], string[], object, RegExp]>([
  [
    'an instance that is not there',
    [member(cp1)],
    ['i-0123456789abcdef0', 'cp-1'],
    {},
    /i-0123456789abcdef0 is no running instance of demo: expected ids or names of instances that have the tag kubeadm-autopilot:cluster=demo\./,
  ],
  [
    'a name that two have',
    [member(cp1), machine(worker(1)), machine({ ...worker(2), name: 'worker-1' })],
    ['worker-1'],
    {},
    /Several instances of demo are called worker-1\. Ask for them by the ids/,
  ],
  [
    'a cluster',
    [machine(cp1), machine(worker(1))],
    ['worker-1'],
    {},
    /No control plane of demo that answers is a node of a cluster\. Create the cluster first/,
  ],
  [
    'one release',
    [member(cp1), member(cp2, (facts) => (facts.packages.kubeadm = '1.36.3')), machine(worker(1))],
    ['worker-1'],
    {},
    /different releases of Kubernetes: 1\.37\.2 on cp-1; 1\.36\.3 on cp-2\. Finish the upgrade first\./,
  ],
  [
    'an endpoint, of a cluster that others made',
    [member(cp1), machine(worker(1))],
    ['worker-1'],
    { kubernetes: undefined },
    /do not tell with which release \(found 1\.37\.2\) and by which endpoint \(found none\)/,
  ],
  [
    'the other control planes, where a control plane joins',
    [member(cp1), gone(cp2), machine(cp3)],
    ['cp-3'],
    {},
    /1 of 3 machines did not answer \(cp-2\): cp-2: instance is stopped\./,
  ],
  ['the machine itself', [member(cp1), gone(worker(1))], ['worker-1'], {}, /did not answer \(worker-1\)/],
  [
    'a bare machine',
    [member(cp1), machine(worker(1), (facts) => (facts.cluster = { state: 'remains', file: '/var/lib/etcd/member' }))],
    ['worker-1'],
    {},
    /remains of a cluster: .* found worker-1: \/var\/lib\/etcd\/member/,
  ],
  [
    'the same cluster',
    [member(cp1), member(worker(1), (facts) => (facts.cluster.caHash = HASH.replaceAll('a', 'b')))],
    ['worker-1'],
    {},
    /nodes of different clusters, by their CAs: cp-1; worker-1\./,
  ],
])('refused for want of %s', (_what, machines, nodes, settings, sentence) => {
  const planned = plan(machines, nodes, { kubernetes: KUBERNETES, ...settings });
  expect(planned).toMatchObject({ decision: 'refuse', steps: [] });
  expect(planned.summary).toMatch(/^Nothing joins demo: /);
  expect(planned.summary).toMatch(sentence);
});

test('as a part of a replacement: the dead control plane is out of the cluster by then, and the number of them stays', () => {
  const dead: Machine = { node: { ...cp3, unreachable: 'the instance is stopped' } };
  const machines = [member(cp1), member(cp2), dead, machine(controlPlane(4))];
  expect(plan(machines, ['cp-4']).decision).toBe('refuse');
  const planned = plan(machines, ['cp-4'], { kubernetes: KUBERNETES }, { node: cp3.instanceId, with: instanceId(4) });
  expect(planned).toMatchObject({ decision: 'act', controlPlanes: [{ name: 'cp-4' }] });
  expect(planned.gates.map(({ name }) => name)).not.toContain('control-planes');
});
