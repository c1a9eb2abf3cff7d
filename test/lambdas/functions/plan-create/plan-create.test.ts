import type { PreflightFacts } from '../../../../lambdas/contracts/create-steps';
import type { ClusterNode } from '../../../../lambdas/contracts/node';
import { planCreate } from '../../../../lambdas/functions/plan-create/plan-create';
import { HASH, joined, machine, resultsOf, worker, type Machine } from '../../helpers/machines';
import { config, controlPlane, options } from '../../helpers/samples';

const KUBERNETES = {
  version: '1.37.2',
  endpoint: 'api.demo.internal:6443',
  podSubnet: '10.244.0.0/16',
  cni: { url: 'https://example.com/cni.yaml', sha256: 'b'.repeat(64) },
};

function plan(machines: Machine[], settings: object = {}) {
  return planCreate({
    operation: 'create-cluster',
    cluster: 'demo',
    config: config({}, { kubernetes: { ...KUBERNETES, ...settings } }),
    options: options('create-cluster'),
    nodes: machines.map(({ node }) => node),
    facts: resultsOf(machines),
  });
}
const [cp1, cp2, cp3] = [controlPlane(1), controlPlane(2), controlPlane(3)];
const three = [machine(cp1), machine(cp2), machine(cp3), machine(worker(1)), machine(worker(2))];
const names = (nodes: { name: string }[]) => nodes.map(({ name }) => name);

test('bare machines: the first by name begins, control planes and workers follow', () => {
  const planned = plan([...three].reverse());
  expect(planned).toMatchObject({ decision: 'act', kind: 'create', first: { name: 'cp-1' }, nodes: 5 });
  expect(names(planned.init)).toEqual(['cp-1']);
  expect(names(planned.controlPlanes)).toEqual(['cp-2', 'cp-3']);
  expect(names(planned.workers)).toEqual(['worker-1', 'worker-2']);
  expect(names(planned.steps)).toEqual(['cp-1', 'cp-2', 'cp-3', 'worker-1', 'worker-2']);
  expect(planned.summary).toBe(
    'demo is created with Kubernetes 1.37.2: it begins on cp-1, then 2 control planes and 2 workers join.',
  );
  expect(planned.predictedSeconds).toBe(60 + 60 + 2 * 60 + 60);
  expect(planned.prerequisites).toEqual([]);
});

const PROVEN_BY_NOBODY = { state: 'joined', caHash: HASH, unproven: true } as const;
const unfinished = (node: ClusterNode, step: 'init' | 'join') =>
  machine(node, (facts) => (facts.cluster = { state: 'unfinished', step }));

test.each<[string, Machine[], object]>([
  [
    'kubeadm init was cut off on another one than the first by name',
    [machine(cp1), unfinished(cp2, 'init'), machine(cp3)],
    {
      kind: 'create',
      first: { name: 'cp-2' },
      init: [{ name: 'cp-2' }],
      controlPlanes: [{ name: 'cp-1' }, { name: 'cp-3' }],
    },
  ],
  [
    'a control plane is there, another was cut off as it joined',
    [machine(cp1), unfinished(cp2, 'join'), joined(cp3)],
    { kind: 'continue', first: { name: 'cp-3' }, init: [], controlPlanes: [{ name: 'cp-1' }, { name: 'cp-2' }] },
  ],
  [
    'only a worker is left',
    [joined(cp1), joined(worker(1)), machine(worker(2))],
    { kind: 'continue', first: { name: 'cp-1' }, init: [], controlPlanes: [], workers: [{ name: 'worker-2' }] },
  ],
  [
    'nobody has seen it work',
    [joined(cp1), machine(worker(1), (facts) => (facts.cluster = PROVEN_BY_NOBODY))],
    {
      kind: 'prove',
      decision: 'act',
      unregistered: [],
      steps: [{ name: 'worker-1', action: 'look whether it is Ready' }],
    },
  ],
  [
    'a control plane joined, and perhaps did not come into its load balancer',
    [joined(cp1), machine(cp2, (facts) => (facts.cluster = { ...PROVEN_BY_NOBODY, controlPlane: true })), machine(cp3)],
    { kind: 'continue', controlPlanes: [{ name: 'cp-3' }], unregistered: [{ name: 'cp-2' }] },
  ],
  ['all of it is there', [joined(cp1), joined(worker(1))], { kind: 'nothing', decision: 'nothing', steps: [] }],
])('goes on: %s', (_case, machines, expected) => {
  expect(plan(machines)).toMatchObject(expected);
});

test('the same machines give the same digest, other settings another one', () => {
  expect(plan(three).digest).toBe(plan([...three].reverse()).digest);
  expect(plan(three, { version: '1.37.1' }).digest).not.toBe(plan(three).digest);
  expect(plan(three, { certSANs: ['x'] }).digest).not.toBe(plan(three).digest);
});

const EXTERNAL_ETCD = {
  endpoints: ['https://10.0.0.9:2379'],
  ...{ caFile: '/etc/etcd/ca.crt', certFile: '/etc/etcd/client.crt', keyFile: '/etc/etcd/client.key' },
};

test('with an external etcd that answers, ports, disk and number of control planes are no matter of etcd', () => {
  const answering = (facts: PreflightFacts) => {
    facts.externalEtcd = { missing: [], silent: [] };
    facts.portsInUse = [2379, 2380];
    facts.disk.etcdFreeMiB = 0;
  };
  const planned = plan([machine(cp1, answering), machine(cp2, answering)], { externalEtcd: EXTERNAL_ETCD });
  expect(planned).toMatchObject({ decision: 'act', prerequisites: [] });
  expect(planned.gates).toContainEqual(
    expect.objectContaining({
      name: 'control-planes',
      reason: 'The cluster has 2 control planes, and its etcd runs elsewhere.',
    }),
  );
});

test.each<[string, object, (facts: PreflightFacts) => void, string[]]>([
  [
    'containerd, and Docker beside it',
    {},
    (facts) => facts.runtime.sockets.push('/run/cri-dockerd.sock'),
    ['container runtimes: containerd alone'],
  ],
  [
    'CRI-O alone',
    { runtime: 'cri-o' },
    (facts) => (facts.runtime = { crio: '1.37.0', sockets: ['/run/crio/crio.sock'] }),
    [],
  ],
  [
    'CRI-O, to be installed beside containerd',
    { runtime: 'cri-o' },
    () => undefined,
    ['container runtimes: cri-o alone'],
  ],
  [
    'CRI-O of another minor',
    { runtime: 'cri-o' },
    (facts) => (facts.runtime = { crio: '1.36.4', sockets: [] }),
    ['CRI-O: the minor of Kubernetes 1.37.2'],
  ],
  [
    'Docker and its containerd',
    { runtime: 'cri-dockerd' },
    (facts) =>
      (facts.runtime = {
        containerd: '1.5.9',
        criDockerd: '0.3.21',
        sockets: ['/run/containerd/containerd.sock', '/run/cri-dockerd.sock'],
      }),
    [],
  ],
])('a warning at most: %s', (_case, settings, change, expected) => {
  const planned = plan([machine(cp1, change)], settings);
  expect(planned.decision).toBe('act');
  expect(planned.prerequisites.map(({ check, wanted }) => `${check}: ${wanted}`)).toEqual(expected);
});

const [near, far] = [
  { ...cp1, privateIp: '10.0.0.11' },
  { ...worker(1), privateIp: '10.0.1.1' },
];
const cutOff = (facts: PreflightFacts) => (facts.unreached = ['10.0.0.11:2379', '10.0.0.11:6443', '10.0.1.1:10250']);

test('machines that do not reach each other: refused before the cluster is there, afterwards a warning', () => {
  const planned = plan([machine(near), machine(cp2, cutOff), machine(cp3), machine(far)]);
  expect(planned.decision).toBe('refuse');
  expect(planned.prerequisites).toMatchObject([
    {
      ...{ node: 'cp-2', check: 'ports of the others', warning: false },
      found: 'no answer from cp-1 port 2379 (etcd), cp-1 port 6443 (API) and worker-1 port 10250 (kubelet)',
    },
  ]);
  const later = plan([joined(near), machine(cp2, cutOff), machine(cp3), machine(far)]);
  expect(later.decision).toBe('act');
  expect(later.prerequisites).toMatchObject([{ node: 'cp-2', warning: true }]);
});

test('a metadata service that answers further than its machine is told', () => {
  const planned = plan([machine(cp1), machine({ ...worker(1), metadataHopLimit: 2 })]);
  expect(planned.decision).toBe('act');
  expect(planned.prerequisites).toMatchObject([
    { node: 'worker-1', check: 'metadata hop limit', found: '2', warning: true },
  ]);
});

const lacking = (change: (facts: PreflightFacts) => void) => [machine(cp1, change), machine(worker(1))];

test.each<[string, Machine[], object, RegExp]>([
  [
    'a processor',
    lacking((facts) => (facts.cpus = 1)),
    {},
    /processors: expected 2 or more, found cp-1: 1\. Use a larger/,
  ],
  ['memory', lacking((facts) => (facts.memoryMiB = 900)), {}, /memory: expected 1700 MiB or more, found cp-1: 900 MiB/],
  ['disk', lacking((facts) => (facts.disk.kubeletFreeMiB = 100)), {}, /disk space: expected 5000 MiB/],
  ['disk for etcd', lacking((facts) => (facts.disk.etcdFreeMiB = 100)), {}, /disk space for etcd/],
  [
    'a system',
    lacking((facts) => (facts.system.id = 'amzn')),
    {},
    /system: expected Debian or Ubuntu with apt, found cp-1: amzn with apt/,
  ],
  ['a free port', lacking((facts) => (facts.portsInUse = [2379])), {}, /found cp-1: somebody listens on 2379/],
  ['control groups v2', lacking((facts) => (facts.cgroup = 'v1')), {}, /control groups: expected v2/],
  [
    'a new containerd',
    lacking((facts) => (facts.runtime.containerd = '1.5.9')),
    {},
    /containerd: expected 1\.6\.0 or newer/,
  ],
  [
    'the files of an external etcd',
    lacking((facts) => (facts.externalEtcd = { missing: ['/etc/etcd/client.key'], silent: [] })),
    { externalEtcd: EXTERNAL_ETCD },
    /external etcd: expected the files of kubernetes\.externalEtcd.*found cp-1: no \/etc\/etcd\/client\.key\. Put the certificate/,
  ],
  [
    'an external etcd that answers',
    lacking((facts) => (facts.externalEtcd = { missing: [], silent: ['https://10.0.0.9:2379 (no answer)'] })),
    { externalEtcd: EXTERNAL_ETCD },
    /external etcd: .*found cp-1: no healthy answer from https:\/\/10\.0\.0\.9:2379 \(no answer\)/,
  ],
  [
    'an endpoint with an address',
    lacking((facts) => (facts.endpointAddresses = [])),
    {},
    /name of the endpoint: .*DNS record/,
  ],
  [
    'a role',
    lacking((facts) => (facts.secrets = { ok: false, reason: 'This instance has no role.' })),
    {},
    /metadata and role: .* found cp-1: This instance has no role\./,
  ],
  [
    'remains of a cluster',
    lacking((facts) => (facts.cluster = { state: 'remains', file: '/etc/kubernetes/admin.conf' })),
    {},
    /found cp-1: \/etc\/kubernetes\/admin\.conf\. Run 'kubeadm reset'/,
  ],
  [
    'a name of its own',
    lacking((facts) => (facts.node = 'worker-1')),
    {},
    /host name: .* found worker-1: worker-1, which cp-1 has too/,
  ],
  ['a product_uuid of its own', lacking((facts) => (facts.productUuid = 'uuid-worker-1')), {}, /product_uuid: /],
  ['a MAC address of its own', lacking((facts) => (facts.macs = ['mac-worker-1'])), {}, /MAC address: /],
  ['rest', lacking((facts) => (facts.running = true)), {}, /still at work on cp-1\. Start again/],
  [
    'one cluster',
    [joined(cp1), joined(worker(1), 'c'.repeat(64)), machine(worker(2))],
    {},
    /nodes of different clusters, by their CAs: cp-1; worker-1\./,
  ],
  [
    'its control plane',
    [machine(cp1), joined(worker(1))],
    {},
    /worker-1 joined a cluster of which no control plane is/,
  ],
  [
    'the right role',
    [
      joined(cp1),
      machine(worker(1), (facts) => (facts.cluster = { state: 'joined', caHash: HASH, controlPlane: true })),
    ],
    {},
    /worker-1 joined in another role than the tag says/,
  ],
  [
    'the version of the cluster that is there',
    [
      machine(cp1, (facts) => {
        facts.cluster = { state: 'joined', caHash: HASH, controlPlane: true };
        facts.packages.kubeadm = '1.36.3';
      }),
      machine(worker(1)),
    ],
    {},
    /Nodes of demo have kubeadm 1\.36\.3, and its settings say 1\.37\.2: .* Correct kubernetes\.version/,
  ],
  [
    'an answer',
    [machine(cp1), { node: { ...worker(1), unreachable: 'the instance is stopped, expected running: start it' } }],
    {},
    /1 of 2 machines did not answer \(worker-1\): worker-1: the instance is stopped/,
  ],
  [
    'what the API version can say',
    [machine(cp1)],
    { version: '1.30.0', certificateValidityPeriod: '1h' },
    /kubeadm 1\.30\.0, which reads kubeadm\.k8s\.io\/v1beta3, does not know this: certificateValidityPeriod is set/,
  ],
])('refused for want of %s', (_what, machines, settings, sentence) => {
  const planned = plan(machines, settings);
  expect(planned).toMatchObject({ decision: 'refuse', steps: [] });
  expect(planned.summary).toMatch(/^demo is not created: /);
  expect(planned.summary).toMatch(sentence);
});

test.each<[string, Machine[], object, string]>([
  ['two control planes', [machine(cp1), machine(cp2)], {}, 'control-planes'],
  ['no network plugin', [machine(cp1)], { cni: undefined }, 'network-plugin'],
  ['an external cloud provider', [machine(cp1)], { cloudProvider: 'external' }, 'cloud-controller-manager'],
  ['a clock that nobody sets', lacking((facts) => (facts.clock = 'not synchronised')), {}, 'clock'],
  ['another runtime', lacking((facts) => (facts.runtime.sockets = ['/run/crio/crio.sock'])), {}, 'container-runtimes'],
])('only a warning: %s', (_what, machines, settings, gate) => {
  const planned = plan(machines, settings);
  expect(planned.decision).toBe('act');
  expect(planned.gates.filter((one) => one.passed && one.warning).map(({ name }) => name)).toEqual([gate]);
});

test('nodes that are there are not asked for what a bare machine needs', () => {
  const planned = plan([joined(cp1), { ...joined(worker(1)) }, machine(worker(2))]);
  expect(planned.prerequisites).toEqual([]);
});

test('cgroup v1 where the settings allow it, and before 1.35', () => {
  const old = lacking((facts) => (facts.cgroup = 'v1'));
  expect(plan(old, { kubelet: { failCgroupV1: false } }).decision).toBe('act');
  expect(plan(old, { version: '1.34.9' }).decision).toBe('act');
});

test('a configuration that does not fit into a document', () => {
  const kubelet = {
    registerWithTaints: Array.from({ length: 200 }, (_, index) => ({ key: `taint-${index}`, effect: 'NoSchedule' })),
  };
  expect(() => plan([machine(cp1)], { kubelet })).toThrow(
    /^The configuration of kubeadm for demo has \d+ characters in base64, 8000 are possible: shorten extraArgs/,
  );
});

test('patches go to the nodes whose kubeadm reads them, in one order; other patches are another plan', () => {
  const patches = { 'kubeletconfiguration.yaml': 'maxPods: 50', 'etcd+merge.yaml': 'a: 1' };
  const { configuration, digest } = plan([machine(cp1)], { patches });
  const [etcd, kubelet] = ['etcd+merge.yaml:YTogMQ==', 'kubeletconfiguration.yaml:bWF4UG9kczogNTA='];
  expect(configuration).toMatchObject({ controlPlanePatches: `${etcd},${kubelet}`, workerPatches: kubelet });
  expect(plan([machine(cp1)]).configuration).toMatchObject({ controlPlanePatches: 'none', workerPatches: 'none' });
  expect(plan([machine(cp1)], { patches: { ...patches, 'etcd+merge.yaml': 'a: 2' } }).digest).not.toBe(digest);
});

test('patches that do not fit into a document', () => {
  expect(() => plan([machine(cp1)], { patches: { 'etcd.yaml': `a: ${'x'.repeat(5000)}` } })).toThrow(
    /^The patches for demo have \d+ characters with their names in base64, 6000 are possible: shorten kubernetes.patches/,
  );
});
