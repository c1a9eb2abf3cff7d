import {
  bring,
  component,
  controlPlane,
  machine,
  plan,
  refusing,
  shared,
  upgradeCluster,
} from '../helpers/upgrade-samples';
import { inDays } from '../helpers/samples';
import { checkGateCases, checkWarnings } from './gate-cases';

describe('versions', () => {
  checkGateCases([
    [
      'a minor that nobody knows the dangers of',
      (cluster) => (cluster.target = '1.99.0'),
      ['known-minor', 'upgrade-path', 'packages'],
      /knows \(1\.34 to 1\.37\)/,
    ],
    [
      'a downgrade by a patch',
      (cluster) => (machine(cluster, 'worker-1').kubelet = '1.37.3'),
      ['no-downgrade', 'version-skew'],
      /kubelet of worker-1 1\.37\.3/,
    ],
    [
      'a newer kubeadm-config',
      (cluster) => (shared(cluster).configuration.kubernetesVersion = '1.37.3'),
      ['no-downgrade'],
      /kubeadm-config 1\.37\.3/,
    ],
    [
      'a newer kubeadm package',
      (cluster) => (machine(cluster, 'cp-2').kubeadm = '1.38.0'),
      ['no-downgrade'],
      /kubeadm of cp-2/,
    ],
    [
      'API servers two minors apart',
      (cluster) => (component(cluster, 'cp-2', 'kube-apiserver').version = '1.34.4'),
      ['version-skew'],
      /API servers of 1\.34\.4 and 1\.36\.3/,
    ],
    [
      'a kubelet four minors older',
      (cluster) => (machine(cluster, 'worker-1').kubelet = '1.32.9'),
      ['version-skew'],
      /1\.32\.9 of worker-1/,
    ],
    [
      'a cloud controller manager that would be too old',
      (cluster) => shared(cluster).addons.push({ kind: 'cloud-controller-manager', name: 'aws', version: '1.35.1' }),
      ['version-skew'],
      /cloud-controller-manager 1\.35\.1 would be/,
    ],
    [
      'a cloud controller manager that is newer',
      (cluster) => shared(cluster).addons.push({ kind: 'cloud-controller-manager', name: 'aws', version: '1.37.0' }),
      ['version-skew'],
      /cloud-controller-manager 1\.37\.0 is newer/,
    ],
  ]);

  test('a target that is known to be bad', () => {
    const cluster = upgradeCluster(1, 0);
    bring(cluster, '1.34.4', ['cp-1'], '3.6.5');
    shared(cluster).kubeProxy.version = '1.34.4';
    machine(cluster, 'cp-1').packages.offered = [{ minor: '1.35', versions: ['1.35.0'] }];
    const [deployment] = shared(cluster).coreDns.deployments;
    if (deployment) deployment.image = 'registry.k8s.io/coredns/coredns:v1.12.1';
    shared(cluster).configuration.kubernetesVersion = '1.34.4';
    cluster.target = '1.35.0';
    expect(refusing(plan(cluster))).toEqual(['target-version']);
  });
});

describe('packages', () => {
  checkGateCases([
    [
      'a node whose repository has not got it',
      (cluster) => (machine(cluster, 'worker-1').packages.offered = [{ minor: '1.37', versions: ['1.37.1'] }]),
      ['packages'],
      /worker-1 cannot install 1\.37\.2 \(its repository does not have it\)/,
    ],
    [
      'a node that does not reach the repository',
      (cluster) =>
        (machine(cluster, 'worker-1').packages.offered = [
          { minor: '1.37', versions: [], reason: 'no way to pkgs.k8s.io' },
        ]),
      ['packages'],
      /no way to pkgs/,
    ],
    [
      'a key that ends meanwhile',
      (cluster) =>
        (machine(cluster, 'cp-1').packages.offered = [{ minor: '1.37', versions: ['1.37.2'], keyEnds: inDays(0.01) }]),
      ['signing-key'],
      /the key of 1\.37 .* on cp-1/,
    ],
    [
      'packages that are half installed',
      (cluster) => (machine(cluster, 'cp-1').packages.interrupted = 'kubelet is half configured'),
      ['package-manager'],
      /half installed \(kubelet/,
    ],
    [
      'a lock that somebody holds',
      (cluster) => (machine(cluster, 'cp-1').packages.locked = true),
      ['package-manager'],
      /another program has held/,
    ],
    [
      'no apt',
      (cluster) => (machine(cluster, 'cp-1').packages.manager = 'none'),
      ['package-manager'],
      /cp-1 has no package manager that is known, and an upgrade needs apt/,
    ],
  ]);
});

describe('disk', () => {
  checkGateCases([
    [
      'no room for packages',
      (cluster) => (machine(cluster, 'worker-1').disk.freeKiB = 1000),
      ['disk'],
      /worker-1 has 0 MiB for packages/,
    ],
    [
      'no room for images',
      (cluster) => (machine(cluster, 'cp-1').disk.imagesFreeKiB = 500_000),
      ['disk'],
      /cp-1 has 488 MiB for images/,
    ],
    [
      "no room for a copy of etcd's data",
      (cluster) => (controlPlane(cluster).disk.kubernetesFreeKiB = 100_000),
      ['etcd-disk'],
      /cp-1 has 97 MiB at \/etc\/kubernetes/,
    ],
    [
      "no room for the snapshot on etcd's own disk",
      (cluster) => Object.assign(controlPlane(cluster).disk, { shared: false, etcdFreeKiB: 100_000 }),
      ['etcd-disk'],
      /on etcd's disk/,
    ],
    [
      'a database that one upload cannot take',
      (cluster) =>
        Object.assign(controlPlane(cluster).etcd, { databaseBytes: 6 * 1024 ** 3 }) &&
        Object.assign(controlPlane(cluster).disk, { kubernetesFreeKiB: 1e9 }),
      ['snapshot-size'],
      /larger than the 5 GiB/,
    ],
  ]);
});

checkWarnings([
  [
    'etcd is raised first',
    (cluster) => (controlPlane(cluster).etcd.version = '3.6.8'),
    'etcd-version',
    /raised first: to 3\.6\.12-0 on cp-1 before 1\.37\.2/,
  ],
]);
