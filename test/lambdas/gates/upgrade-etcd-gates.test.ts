import {
  component,
  controlPlane,
  plan,
  refusing,
  shared,
  upgradeCluster,
  type UpgradeCluster,
} from '../helpers/upgrade-samples';
import { checkGateCases, checkWarnings } from './gate-cases';

const all = ['cp-1', 'cp-2', 'cp-3'];
const everywhere = (cluster: UpgradeCluster, change: (etcd: ReturnType<typeof controlPlane>['etcd']) => void) =>
  all.forEach((name) => change(controlPlane(cluster, name).etcd));

checkGateCases([
  [
    'a member that is ill',
    (cluster) => everywhere(cluster, ({ members }) => Object.assign(members[2] ?? {}, { healthy: false })),
    ['etcd-healthy'],
    /not healthy: cp-3 \(2 of 3/,
  ],
  [
    'a learner',
    (cluster) =>
      everywhere(cluster, ({ members }) => members.push({ id: '9a', name: 'new', learner: true, healthy: true })),
    ['etcd-healthy'],
    /new is a learner/,
  ],
  [
    'a member whose control plane is gone',
    (cluster) => everywhere(cluster, ({ members }) => members.push({ id: '9a', name: 'old', healthy: true })),
    ['etcd-healthy'],
    /4 members and the cluster 3 control planes/,
  ],
  ['an alarm', (cluster) => controlPlane(cluster, 'cp-2').etcd.alarms.push('NOSPACE'), ['etcd-alarms'], /NOSPACE/],
  [
    'a member that does not tell its version',
    (cluster) => delete controlPlane(cluster, 'cp-2').etcd.version,
    ['etcd-version'],
    /member of cp-2/,
  ],
  [
    'a tag below what has to come before',
    (cluster) => (shared(cluster).configuration.etcdImageTag = '3.6.8-0'),
    ['etcd-version', 'etcd-image'],
    /keeps etcd at 3\.6\.8-0, and before 1\.37/,
  ],
  [
    'a tag that keeps etcd',
    (cluster) => (shared(cluster).configuration.etcdImageTag = '3.6.12-0'),
    ['etcd-image'],
    /imageTag of kubeadm-config is 3\.6\.12-0/,
  ],
  [
    'an image by its digest',
    (cluster) => (component(cluster, 'cp-1', 'etcd').image = 'mirror/etcd@sha256:abc'),
    ['etcd-image'],
    /sha256:abc on cp-1/,
  ],
  [
    'a tag that is no version',
    (cluster) => (shared(cluster).configuration.etcdImageTag = 'prod'),
    ['etcd-version', 'etcd-image'],
    /prod/,
  ],
  [
    'a flag that etcd 3.7 does not know',
    (cluster) =>
      (shared(cluster).configuration.arguments = {
        etcd: { flags: ['experimental-initial-corrupt-check'], gates: [] },
      }),
    ['etcd-flags'],
    /experimental-initial-corrupt-check/,
  ],
  [
    'a missing manifest',
    (cluster) => delete component(cluster, 'cp-2', 'kube-scheduler').image,
    ['manifests'],
    /kube-scheduler\.yaml on cp-2/,
  ],
  [
    'a missing manifest of etcd',
    (cluster) => delete component(cluster, 'cp-2', 'etcd').image,
    ['manifests', 'etcd-image'],
    /etcd\.yaml on cp-2/,
  ],
  [
    'manifests without annotations',
    (cluster) => controlPlane(cluster).missingAnnotations.push('kube-apiserver.advertise-address.endpoint'),
    ['manifests'],
    /lack annotations/,
  ],
  [
    'a component that is ill',
    (cluster) => (component(cluster, 'cp-3', 'kube-scheduler').healthy = { ok: false, reason: 'refused' }),
    ['control-planes-healthy'],
    /kube-scheduler on cp-3 \(refused\)/,
  ],
  [
    'a lease that is old',
    (cluster) => (shared(cluster).leases.scheduler = 16),
    ['leases-fresh'],
    /kube-scheduler renewed its 16 s ago/,
  ],
  [
    'no lease',
    (cluster) => delete shared(cluster).leases.controllerManager,
    ['leases-fresh'],
    /kube-controller-manager has none/,
  ],
  [
    'a finished backup with the label of etcd',
    (cluster) => shared(cluster).strayPods.push('kube-system/etcd-backup-1 (Succeeded)'),
    ['stray-pods'],
    /etcd-backup-1/,
  ],
  [
    'two API servers on a node',
    (cluster) => (shared(cluster).apiServers['cp-1'] = 2),
    ['stray-pods'],
    /more than one pod .* cp-1 2/,
  ],
  [
    'API servers of different mirrors',
    (cluster) => (component(cluster, 'cp-1', 'kube-apiserver').image = 'mirror:5000/kube-apiserver:v1.36.3'),
    ['api-server-images'],
    /different repositories/,
  ],
]);

checkWarnings([
  [
    'etcd is newer than what kubeadm installs',
    (cluster) => everywhere(cluster, (etcd) => (etcd.version = '3.7.1')),
    'etcd-image',
    /newer than the 3\.7\.0-0/,
  ],
]);

test('two members: neither can be restarted', () => {
  expect(refusing(plan(upgradeCluster(2, 0)))).toEqual(['etcd-healthy']);
});

test('one control plane is told', () => {
  const { decision, gates } = plan(upgradeCluster(1, 1));
  expect(decision).toBe('act');
  expect(gates.find(({ name }) => name === 'availability')).toMatchObject({ warning: true });
});

test('an external etcd that answers: its version is for its owner', () => {
  const cluster = upgradeCluster(3, 0);
  all.forEach((name) => {
    const { etcd, components } = controlPlane(cluster, name);
    Object.assign(etcd, { topology: 'external', members: [], version: undefined });
    components.splice(0, 1);
  });
  const planned = plan(cluster);
  expect(refusing(planned)).toEqual([]);
  expect(planned.hops[0]?.kubeadm.kubeletServer).toBe('own');
  expect(planned.gates.find(({ name }) => name === 'etcd-version')).toMatchObject({
    warning: true,
    reason:
      'etcd is external, and this operation does not upgrade it. kubeadm 1.37 would bring etcd 3.7.0 on control planes, after 3.6.11 or newer. See which version yours has, and upgrade it by hand: "Upgrade an external etcd" in the runbook.',
  });
});
