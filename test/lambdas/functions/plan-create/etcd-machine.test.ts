import { parseAllDocuments } from 'yaml';
import type { PreflightFacts } from '../../../../lambdas/contracts/create-steps';
import type { ClusterNode } from '../../../../lambdas/contracts/node';
import { planCreate } from '../../../../lambdas/functions/plan-create/plan-create';
import { viewMachines } from '../../../../lambdas/domain/create/machines';
import { oddControlPlanes } from '../../../../lambdas/gates/create-gates';
import { joined, machine, resultsOf, worker, type Machine } from '../../helpers/machines';
import { config, controlPlane, instanceId, options } from '../../helpers/samples';

const KUBERNETES = {
  ...{ version: '1.37.2', endpoint: 'api.demo.internal:6443', podSubnet: '10.244.0.0/16' },
  cni: { url: 'https://example.com/cni.yaml', sha256: 'b'.repeat(64) },
};
const etcdNode = (number: number): ClusterNode => ({
  ...{ instanceId: instanceId(200 + number), name: `etcd-${number}`, role: 'etcd', privateIp: `10.0.9.${number}` },
});
const etcd = (change?: (facts: PreflightFacts) => void) => machine(etcdNode(1), change);
const member = etcd((facts) => (facts.cluster = { state: 'joined', etcdMember: true }));

function plan(machines: Machine[], settings: object = {}) {
  return planCreate({
    ...{ operation: 'create-cluster', cluster: 'demo', options: options('create-cluster') },
    config: config({}, { kubernetes: { ...KUBERNETES, ...settings } }),
    nodes: machines.map(({ node }) => node),
    facts: resultsOf(machines),
  });
}
const documents = (base64: string) =>
  parseAllDocuments(Buffer.from(base64, 'base64').toString()).map((document) => document.toJS() as unknown);
const bare = [machine(controlPlane(1)), machine(worker(1))];

test('etcd starts on it before the cluster begins, and the control planes are told where', () => {
  const planned = plan([...bare, etcd()], {
    extraArgs: { etcd: [{ name: 'quota-backend-bytes', value: '8589934592' }] },
  });
  expect(planned).toMatchObject({
    ...{ decision: 'act', kind: 'create', nodes: 2, waitFor: 'all' },
    etcd: [{ name: 'etcd-1' }],
    toPrepare: [{ name: 'etcd-1' }, { name: 'cp-1' }, { name: 'worker-1' }],
    steps: [{ name: 'etcd-1', action: 'start etcd' }, { name: 'cp-1' }, { name: 'worker-1' }],
    summary: 'demo is created with Kubernetes 1.37.2: etcd runs on etcd-1, it begins on cp-1, then 1 worker joins.',
    predictedSeconds: 60 + 30 + 60 + 30 + 60,
  });
  expect(documents(planned.configuration.init)).toContainEqual(
    expect.objectContaining({
      kind: 'ClusterConfiguration',
      etcd: {
        external: {
          endpoints: ['https://10.0.9.1:2379'],
          caFile: '/etc/kubernetes/pki/etcd/ca.crt',
          certFile: '/etc/kubernetes/pki/apiserver-etcd-client.crt',
          keyFile: '/etc/kubernetes/pki/apiserver-etcd-client.key',
        },
      },
    }),
  );
  expect(documents(planned.configuration.etcd)).toEqual([
    {
      ...{ apiVersion: 'kubeadm.k8s.io/v1beta4', kind: 'InitConfiguration' },
      localAPIEndpoint: { advertiseAddress: '10.0.9.1' },
      nodeRegistration: { name: 'etcd-1', criSocket: 'unix:///run/containerd/containerd.sock' },
    },
    {
      ...{ apiVersion: 'kubeadm.k8s.io/v1beta4', kind: 'ClusterConfiguration', kubernetesVersion: 'v1.37.2' },
      etcd: {
        local: { dataDir: '/var/lib/etcd', extraArgs: [{ name: 'quota-backend-bytes', value: '8589934592' }] },
      },
    },
  ]);
});

test('its kubelet serves the machine alone, whatever the settings say of kubelets', () => {
  const planned = plan([...bare, etcd()], { kubelet: { maxPods: 20, address: '0.0.0.0' }, swap: 'keep' });
  expect(documents(planned.configuration.etcdKubelet)).toEqual([
    {
      ...{ apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration', cgroupDriver: 'systemd' },
      ...{ failSwapOn: false, maxPods: 20, address: '127.0.0.1' },
      authentication: { anonymous: { enabled: false }, webhook: { enabled: false } },
      authorization: { mode: 'AlwaysAllow' },
      containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
      staticPodPath: '/etc/kubernetes/manifests',
    },
  ]);
});

test.each<[string, Machine[], object]>([
  [
    'it runs etcd already, and no control plane has begun',
    [...bare, member],
    { kind: 'create', etcd: [{ name: 'etcd-1' }], toPrepare: [{ name: 'cp-1' }, { name: 'worker-1' }] },
  ],
  [
    'etcd was cut off there',
    [...bare, etcd((facts) => (facts.cluster = { state: 'unfinished', step: 'etcd' }))],
    { kind: 'create', steps: [{ name: 'etcd-1', why: 'it was begun and cut off, which is undone first' }, {}, {}] },
  ],
  [
    'the control plane is there',
    [joined(controlPlane(1)), machine(worker(1)), member],
    { kind: 'continue', etcd: [], toPrepare: [{ name: 'worker-1' }] },
  ],
  ['all is there', [joined(controlPlane(1)), member], { decision: 'nothing', nodes: 1 }],
])('goes on: %s', (_case, machines, expected) => expect(plan(machines)).toMatchObject(expected));

const OWN = { endpoints: ['https://10.0.0.9:2379'], caFile: '/a', certFile: '/b', keyFile: '/c' };
test.each<[string, Machine[], object, RegExp]>([
  [
    'three',
    [...bare, etcd(), machine(etcdNode(2)), machine(etcdNode(3))],
    {},
    /3 machines of demo have the tag .*role=etcd \(etcd-1, etcd-2 and etcd-3\): this app starts an external etcd on one machine, got 3\./,
  ],
  [
    "the user's own etcd beside it",
    [...bare, etcd()],
    { externalEtcd: OWN },
    /externalEtcd of demo names an etcd as well/,
  ],
  [
    "an etcd in the user's own configuration",
    [...bare, etcd()],
    {
      configuration: [
        {
          ...{ apiVersion: 'kubeadm.k8s.io/v1beta4', kind: 'ClusterConfiguration' },
          etcd: { local: { dataDir: '/srv/etcd' } },
        },
      ],
    },
    /kubernetes\.configuration of demo names an etcd as well.* Take etcd out of kubernetes\.configuration/,
  ],
  [
    'a node of a cluster',
    [...bare, etcd((facts) => (facts.cluster = { state: 'joined', caHash: 'a'.repeat(64) }))],
    {},
    /etcd-1 has the tag .*, and is a node of a cluster\. Correct the tag/,
  ],
  [
    'a cluster that has its etcd on its control planes',
    [joined(controlPlane(1)), machine(worker(1)), etcd()],
    {},
    /cp-1 is a control plane already, with another etcd than etcd-1, which runs none: an etcd cannot be exchanged/,
  ],
  [
    'a port that is in use',
    [...bare, etcd((facts) => facts.portsInUse.push(2380))],
    {},
    /ports: .*etcd-1: somebody listens on 2380/,
  ],
  [
    'too small a disk',
    [...bare, etcd((facts) => (facts.disk.etcdFreeMiB = 10))],
    {},
    /disk space for etcd: .*etcd-1: 10 MiB/,
  ],
  [
    'remains',
    [...bare, etcd((facts) => (facts.cluster = { state: 'remains', file: '/var/lib/etcd/member' }))],
    {},
    /remains of a cluster: .*etcd-1: \/var\/lib\/etcd\/member/,
  ],
  [
    'kubeadm join begun on it',
    [...bare, etcd((facts) => (facts.cluster = { state: 'unfinished', step: 'join' }))],
    {},
    /role: .*etcd-1: kubeadm join was begun on it/,
  ],
  [
    'the name of another machine',
    [...bare, etcd((facts) => (facts.node = 'cp-1'))],
    {},
    /host name: .*cp-1, which cp-1 has too/,
  ],
  ['a script at work there', [...bare, etcd((facts) => (facts.running = true))], {}, /still at work on etcd-1/],
  [
    'etcd begun on a worker',
    [machine(controlPlane(1)), machine(worker(1), (facts) => (facts.cluster = { state: 'unfinished', step: 'etcd' }))],
    {},
    /role: .*worker-1: etcd was begun on it/,
  ],
])('refused: %s', (_case, machines, settings, said) => {
  const planned = plan(machines, settings);
  expect(planned).toMatchObject({ decision: 'refuse', steps: [] });
  expect(planned.gates.map((gate) => (gate.passed ? '' : `${gate.reason} ${gate.whatToDo}`)).join('\n')).toMatch(said);
});

test.each([
  ['one of them listens as etcd does', [2379, 6443], true],
  ['none does: etcd is elsewhere', [6443], false],
])('a second control plane joins, and %s', (_case, ports, warns) => {
  const there = joined(controlPlane(1));
  there.facts!.portsInUse = ports;
  const machines = [there, machine(controlPlane(2))];
  const nodes = machines.map(({ node }) => node);
  const gate = oddControlPlanes(viewMachines('demo', config(), nodes, resultsOf(machines)));
  expect('warning' in gate).toBe(warns);
});

test('a machine of etcd needs neither two processors nor the name of the API', () => {
  const small = etcd((facts) => Object.assign(facts, { cpus: 1, memoryMiB: 900, endpointAddresses: [] }));
  expect(plan([...bare, small]).decision).toBe('act');
});
