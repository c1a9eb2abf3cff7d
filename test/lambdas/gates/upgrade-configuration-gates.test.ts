import {
  component,
  controlPlane,
  machine,
  plan,
  refusing,
  shared,
  upgradeCluster,
  type UpgradeCluster,
} from '../helpers/upgrade-samples';
import { inDays } from '../helpers/samples';
import { checkGateCases, checkWarnings } from './gate-cases';

const coreDns = (cluster: UpgradeCluster, tag: string) =>
  Object.assign(shared(cluster).coreDns.deployments[0] ?? {}, { image: `registry.k8s.io/coredns/coredns${tag}` });
const budget = (allowed: number) => ({ name: 'shop/web', allowed, pods: { 'worker-1': 2, 'worker-2': 1 } });

checkGateCases([
  [
    'a gate that is gone, in kubeadm-config',
    (cluster) =>
      (shared(cluster).configuration.arguments = { 'kube-apiserver': { flags: [], gates: ['SidecarContainers'] } }),
    ['feature-gates'],
    /SidecarContainers, gone in 1\.37 \(kube-apiserver in kubeadm-config\)/,
  ],
  [
    'a gate that is gone, in a manifest',
    (cluster) => component(cluster, 'cp-2', 'kube-scheduler').gates.push('SchedulerQueueingHints'),
    ['feature-gates'],
    /kube-scheduler on cp-2/,
  ],
  [
    'a gate that is gone, at a kubelet',
    (cluster) => machine(cluster, 'worker-1').kubeletGates.push('SidecarContainers'),
    ['feature-gates'],
    /the kubelet of worker-1/,
  ],
  [
    'a gate that is gone, in kubelet-config and at kube-proxy',
    (cluster) =>
      [shared(cluster).kubeletConfig, shared(cluster).kubeProxy].forEach(({ gates }) =>
        gates.push('SidecarContainers'),
      ),
    ['feature-gates'],
    /kubelet-config and kube-proxy/,
  ],
  [
    'a flag that is gone',
    (cluster) => machine(cluster, 'worker-1').kubeletFlags.push('containerd'),
    ['kubelet-flags'],
    /--containerd, gone in 1\.37 \(worker-1\)/,
  ],
  [
    'two runtimes and nothing that says which',
    (cluster) =>
      Object.assign(machine(cluster, 'worker-1'), {
        instanceConfig: false,
        runtimeSockets: ['/run/containerd/containerd.sock', '/run/crio/crio.sock'],
      }),
    ['instance-config'],
    /worker-1 has several/,
  ],
  [
    'kubeadm-config that cannot be read',
    (cluster) => (shared(cluster).configuration.reason = 'it has no ClusterConfiguration'),
    ['kubeadm-configuration'],
    /it has no ClusterConfiguration/,
  ],
  [
    'no kubelet-config',
    (cluster) => (shared(cluster).kubeletConfig.found = false),
    ['kubeadm-configuration'],
    /kubelet-config in kube-system is missing/,
  ],
  [
    'cgroup v1',
    (cluster) => (machine(cluster, 'worker-1').cgroup = 'v1'),
    ['cgroup-v1', 'cgroup-v1-setting'],
    /worker-1 has cgroup v1/,
  ],
  [
    'cgroup v1, excepted, without the setting',
    (cluster) => {
      machine(cluster, 'worker-1').cgroup = 'v1';
      cluster.upgrade = { exceptions: ['cgroup-v1'] };
    },
    ['cgroup-v1-setting'],
    /does not have failCgroupV1: false/,
  ],
  [
    'a CoreDNS that is newer than kubeadm knows',
    (cluster) => coreDns(cluster, ':v1.14.7'),
    ['coredns-version'],
    /kubeadm of 1\.37\.2 does not know CoreDNS v1\.14\.7/,
  ],
  ['a CoreDNS that kubeadm left out', (cluster) => coreDns(cluster, ':v1.14.5'), ['coredns-version'], /v1\.14\.5/],
  ['a CoreDNS of somebody', (cluster) => coreDns(cluster, ':v1.12.1-hotfix.3'), ['coredns-version'], /hotfix/],
  ['a CoreDNS by its digest', (cluster) => coreDns(cluster, '@sha256:abc'), ['coredns-version'], /sha256:abc/],
  [
    'a plugin that kubeadm does not know',
    (cluster) => shared(cluster).coreDns.plugins.push('template'),
    ['coredns-plugins'],
    /template/,
  ],
  [
    'two CoreDNS',
    (cluster) => shared(cluster).coreDns.deployments.push({ name: 'mine', image: 'x:v1', desired: 1, ready: 1 }),
    ['coredns-deployments'],
    /coredns and mine/,
  ],
  [
    'a CoreDNS that is not ready',
    (cluster) => Object.assign(shared(cluster).coreDns.deployments[0] ?? {}, { ready: 1 }),
    ['coredns-deployments'],
    /1 of 2 pods/,
  ],
  [
    'kube-proxy removed and not disabled',
    (cluster) => Object.assign(shared(cluster).kubeProxy, { daemonSet: false }),
    ['kube-proxy'],
    /would bring it back/,
  ],
  [
    'a kube-proxy that is not ready',
    (cluster) => (shared(cluster).kubeProxy.ready = 4),
    ['kube-proxy'],
    /4 of 5 nodes/,
  ],
  [
    'a validity of certificates that is no duration',
    (cluster) => (shared(cluster).configuration.certificateValidity = 'a year'),
    ['certificate-validity'],
    /certificateValidityPeriod in the ConfigMap kubeadm-config is "a year", which is no duration such as 8760h0m0s/,
  ],
  [
    "a policy that denies kubeadm's pod",
    (cluster) => (shared(cluster).createJob = { ok: false, reason: 'violates PodSecurity' }),
    ['create-job'],
    /violates PodSecurity/,
  ],
  [
    'a budget that allows nothing',
    (cluster) => shared(cluster).budgets.push(budget(0)),
    ['disruption-budgets'],
    /no eviction now.*: shop\/web/,
  ],
  [
    'a pod that nobody starts again',
    (cluster) => Object.assign(shared(cluster).drains, { unmanaged: ['default/lone'], unmanagedCount: 1 }),
    ['unmanaged-pods'],
    /1 pod without a controller \(default\/lone\)/,
  ],
]);

checkWarnings([
  [
    'certificates that live longer',
    (cluster) => controlPlane(cluster).certificates.push({ name: 'apiserver', notAfter: inDays(1000) }),
    'certificate-renewal',
    /apiserver on cp-1 \(it ends later/,
  ],
  [
    'a foreign certificate',
    (cluster) => controlPlane(cluster).certificates.push({ name: 'apiserver', foreign: true }),
    'certificate-renewal',
    /another CA signed it/,
  ],
  [
    'a kubeconfig that names files',
    (cluster) => controlPlane(cluster).certificates.push({ name: 'controller-manager.conf', inFiles: true }),
    'certificate-renewal',
    /kubeadm is told not to renew certificates, .*controller-manager\.conf on cp-1 \(it names files, and kubeadm renews only what is inside\)/,
  ],
  [
    'a CRI-O of the minor before',
    (cluster) =>
      Object.assign(machine(cluster, 'worker-1'), { runtimeSockets: ['/run/crio/crio.sock'], crio: '1.36.2' }),
    'cri-o',
    /CRI-O stays as it is, and its minor should be that of Kubernetes 1\.37\.\d+: worker-1 \(1\.36\.2\)/,
  ],
  ['ipvs', (cluster) => (shared(cluster).kubeProxy.mode = 'ipvs'), 'kube-proxy', /deprecated/],
  [
    'no ConfigMap of kube-proxy',
    (cluster) => (shared(cluster).kubeProxy.configMap = false),
    'kube-proxy',
    /no ConfigMap/,
  ],
  [
    'data in an emptyDir',
    (cluster) => (shared(cluster).drains.emptyDir = 3),
    'drains',
    /3 pods with data in an emptyDir/,
  ],
  [
    'pods without a controller, and drains by force',
    (cluster) => {
      Object.assign(shared(cluster).drains, { unmanaged: ['default/lone'], unmanagedCount: 1 });
      cluster.upgrade = { stuckDrain: 'force' };
    },
    'unmanaged-pods',
    /delete 1 pod/,
  ],
  [
    'no CoreDNS',
    (cluster) => (shared(cluster).coreDns.deployments = []),
    'coredns-deployments',
    /no CoreDNS of kubeadm/,
  ],
]);

describe('what its owner excepts passes with a warning, and kubeadm is told', () => {
  test.each<[string, (cluster: UpgradeCluster) => void, string, string]>([
    [
      'cgroup-v1',
      (cluster) => {
        machine(cluster, 'worker-1').cgroup = 'v1';
        shared(cluster).kubeletConfig.failCgroupV1 = false;
      },
      'SystemVerification',
      'none',
    ],
    ['create-job', (cluster) => (shared(cluster).createJob = { ok: false, reason: 'denied' }), 'CreateJob', 'none'],
    [
      'coredns-plugins',
      (cluster) => shared(cluster).coreDns.plugins.push('template'),
      'CoreDNSUnsupportedPlugins',
      'none',
    ],
    [
      'coredns-version',
      (cluster) => coreDns(cluster, ':v1.14.7'),
      'CoreDNSUnsupportedPlugins,CoreDNSMigration',
      'addon/coredns',
    ],
  ])('%s', (gate, change, ignoreErrors, skipPhases) => {
    const cluster = upgradeCluster(3, 2);
    change(cluster);
    cluster.upgrade = { exceptions: [gate] };
    const { decision, gates, hops } = plan(cluster);
    expect(decision).toBe('act');
    expect(gates.find(({ name }) => name === gate)).toMatchObject({ passed: true, warning: true });
    expect(hops[0]?.kubeadm).toMatchObject({ ignoreErrors, skipPhases });
  });
});

test('a flag that kubeadm strips on the way is no danger where kubeadm wrote it', () => {
  const cluster = upgradeCluster(3, 2);
  machine(cluster, 'worker-1').kubeadmFlags.push('pod-infra-container-image');
  expect(refusing(plan(cluster))).toEqual([]);
});

test('a forecast sums the evictions of a node under each budget, because a dry run counts nothing', () => {
  const cluster = upgradeCluster(3, 2);
  shared(cluster).budgets.push(budget(1), { name: 'shop/db', allowed: 2, pods: { 'worker-1': 2 } });
  const { forecast, decision } = plan(cluster);
  expect(decision).toBe('act');
  expect(forecast.tight).toEqual([{ budget: 'shop/web', allowed: 1, node: 'worker-1', most: 2 }]);
  cluster.skipNodes = ['worker-1'];
  expect(plan(cluster).forecast.tight).toEqual([]);
});
