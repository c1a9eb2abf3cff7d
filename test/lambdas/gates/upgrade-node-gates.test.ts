import { plan, controlPlane, machine, of, refusing, shared, upgradeCluster } from '../helpers/upgrade-samples';
import { inDays } from '../helpers/samples';
import { checkGateCases, checkWarnings } from './gate-cases';

test('a cluster that is well passes every gate, without a warning', () => {
  const { gates } = plan(upgradeCluster(3, 2));
  expect(gates.filter((gate) => !gate.passed || gate.warning)).toEqual([]);
  expect(new Set(gates.map(({ name }) => name)).size).toBe(gates.length);
});

checkGateCases([
  [
    'frozen',
    (cluster) => (cluster.settings = { frozen: 'release week' }),
    ['not frozen'],
    /is frozen \(release week\)/,
  ],
  [
    'a worker that does not answer',
    (cluster) => cluster.facts.delete('worker-2'),
    ['nodes-answer'],
    /1 of 5 nodes did not answer \(worker-2\)/,
  ],
  [
    'a control plane that does not answer',
    (cluster) => cluster.facts.delete('cp-3'),
    ['nodes-answer', 'etcd-healthy'],
    /cp-3/,
  ],
  [
    'a worker that is tagged as a control plane',
    (cluster) => delete of(cluster, 'cp-3').controlPlane,
    ['nodes-answer', 'etcd-healthy'],
    /no static pods/,
  ],
  [
    'a worker to leave out that is none',
    (cluster) => (cluster.skipNodes = ['cp-1', 'nobody']),
    ['nodes-answer'],
    /cp-1 and nobody/,
  ],
  [
    'a node that is not Ready',
    (cluster) =>
      shared(cluster).nodes.push({ kubelet: '1.36.3', ready: false, fresh: true, names: ['worker-1'] }) &&
      shared(cluster).nodes[0]?.names.splice(3, 1),
    ['nodes-ready'],
    /worker-1 is not Ready/,
  ],
  [
    'a node whose kubelet renews no lease',
    (cluster) =>
      shared(cluster).nodes.push({ kubelet: '1.36.3', ready: true, fresh: false, names: ['cp-2'] }) &&
      shared(cluster).nodes[0]?.names.splice(1, 1),
    ['nodes-ready'],
    /kubelet of cp-2 does not renew its lease/,
  ],
  [
    'a kubelet that does not run',
    (cluster) => (machine(cluster, 'cp-2').kubeletActive = { ok: false, reason: 'failed' }),
    ['nodes-ready'],
    /kubelet of cp-2 does not run/,
  ],
  [
    'a node that the API server does not know',
    (cluster) => shared(cluster).nodes[0]?.names.pop(),
    ['nodes-ready'],
    /worker-2 is not known/,
  ],
  [
    'a node without a tag',
    (cluster) => shared(cluster).nodes[0]?.names.push('stranger'),
    ['foreign-nodes'],
    /no tagged instance \(stranger\)/,
  ],
  [
    'a script that still runs',
    (cluster) => (machine(cluster, 'worker-1').running = true),
    ['nodes-at-rest'],
    /at work on worker-1/,
  ],
  [
    'kured with its lock',
    (cluster) => shared(cluster).maintenance.push('DaemonSet kube-system/kured'),
    ['node-maintenance'],
    /kured/,
  ],
  [
    'a certificate that ends meanwhile',
    (cluster) => (controlPlane(cluster, 'cp-2').certificates = [{ name: 'apiserver', notAfter: inDays(0.5) }]),
    ['certificates-last'],
    /apiserver on cp-2/,
  ],
  [
    "a kubelet's certificate that nobody renews",
    (cluster) => (machine(cluster, 'worker-1').kubeletCertificate = { notAfter: inDays(0.5), rotates: false }),
    ['certificates-last'],
    /kubelet's on worker-1/,
  ],
  [
    'an endpoint out of reach',
    (cluster) => (machine(cluster, 'worker-2').endpoint = { ok: false, reason: 'timed out' }),
    ['endpoint'],
    /worker-2 cannot reach .* \(timed out\)/,
  ],
  [
    'a bucket out of reach',
    (cluster) => (machine(cluster, 'cp-1').bucket = { ok: false, reason: 'timed out' }),
    ['bucket'],
    /cp-1 cannot reach/,
  ],
]);

checkWarnings([
  [
    'a node that somebody cordoned',
    (cluster) => Object.assign(shared(cluster).nodes[0] ?? {}, { cordoned: 'other' }),
    'cordoned-nodes',
    /were cordoned by somebody/,
  ],
  [
    'nobody was asked for the bucket',
    (cluster) => ['cp-1', 'cp-2', 'cp-3'].forEach((name) => delete machine(cluster, name).bucket),
    'bucket',
    /Nobody was asked/,
  ],
]);

test('a kubelet that renews its certificate itself may be near its end', () => {
  const cluster = upgradeCluster(3, 2);
  machine(cluster, 'worker-1').kubeletCertificate = { notAfter: inDays(0.5), rotates: true };
  expect(refusing(plan(cluster))).toEqual([]);
});

test('a node that is left out is no stranger, also when it does not answer', () => {
  const cluster = upgradeCluster(3, 2);
  cluster.skipNodes = ['worker-2'];
  cluster.facts.delete('worker-2');
  cluster.nodes = cluster.nodes.map((node) => (node.name === 'worker-2' ? { ...node, privateIp: '10.0.1.5' } : node));
  const [row] = shared(cluster).nodes;
  row?.names.pop();
  shared(cluster).nodes.push({ kubelet: '1.36.3', ready: false, fresh: false, names: ['ip-10-0-1-5.ec2.internal'] });
  expect(refusing(plan(cluster))).toEqual([]);
});

test('no control plane that tells of the cluster: the gates about it say no', () => {
  const cluster = upgradeCluster(1, 0);
  delete of(cluster, 'cp-1').cluster;
  expect(refusing(plan(cluster))).toEqual(
    expect.arrayContaining(['nodes-ready', 'leases-fresh', 'kube-proxy', 'create-job']),
  );
});
