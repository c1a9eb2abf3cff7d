import { kubernetesSettings } from '../../../../lambdas/contracts/kubernetes-settings';
import { desiredConfiguration } from '../../../../lambdas/domain/reconfigure/desired-configuration';
import { flagChanges } from '../../../../lambdas/domain/reconfigure/kubelet-flags';
import { lostChanges, type ConfiguredNode } from '../../../../lambdas/domain/reconfigure/lost-changes';

/** As kubeadm 1.37 wrote it. */
const CLUSTER = `apiServer:
  certSANs:
  - api.example.com
  extraArgs:
  - name: audit-log-maxage
    value: "10"
  - name: enable-admission-plugins
    value: NodeRestriction
apiVersion: kubeadm.k8s.io/v1beta4
certificateValidityPeriod: 8760h0m0s
controlPlaneEndpoint: api.demo.internal:6443
controllerManager: {}
encryptionAlgorithm: RSA-2048
etcd:
  local:
    dataDir: /var/lib/etcd
imageRepository: registry.example.com
kind: ClusterConfiguration
kubernetesVersion: v1.37.2
networking:
  dnsDomain: cluster.local
  podSubnet: 10.244.0.0/16
  serviceSubnet: 10.96.0.0/12
scheduler: {}
`;
const KUBELET = `apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous:
    enabled: false
  webhook:
    cacheTTL: 0s
    enabled: true
cgroupDriver: systemd
clusterDNS:
- 10.96.0.10
kind: KubeletConfiguration
maxPods: 110
`;
const settings = (fields: object = {}) =>
  kubernetesSettings.parse({
    ...{ version: '1.37.2', endpoint: 'api.demo.internal:6443', podSubnet: '10.244.0.0/16' },
    ...fields,
  });
const desired = (fields: object, cluster = CLUSTER, kubelet = KUBELET) =>
  desiredConfiguration({ clusterConfiguration: cluster, kubeletConfiguration: kubelet }, settings(fields));

test('what the settings do not name stays, to the byte', () => {
  expect(desired({})).toEqual({
    ...{ clusterConfiguration: CLUSTER, kubeletConfiguration: KUBELET },
    ...{ changes: [], immovable: [] },
  });
});

describe('what changes', () => {
  test.each<[string, object, object[]]>([
    [
      'a flag gets another value, another one goes',
      { extraArgs: { apiServer: [{ name: 'audit-log-maxage', value: '30' }] } },
      [
        { where: 'kube-apiserver', name: 'audit-log-maxage', from: '10', to: '30' },
        { where: 'kube-apiserver', name: 'enable-admission-plugins', from: 'NodeRestriction' },
      ],
    ],
    [
      'all flags of a component go',
      { extraArgs: { apiServer: [] } },
      [
        { where: 'kube-apiserver', name: 'audit-log-maxage', from: '10' },
        { where: 'kube-apiserver', name: 'enable-admission-plugins', from: 'NodeRestriction' },
      ],
    ],
    [
      'a flag is given twice',
      {
        extraArgs: {
          scheduler: [
            { name: 'v', value: '2' },
            { name: 'v', value: '4' },
          ],
        },
      },
      [{ where: 'kube-scheduler', name: 'v', to: '2 4' }],
    ],
    [
      'etcd gets a flag',
      { extraArgs: { etcd: [{ name: 'quota-backend-bytes', value: '8589934592' }] } },
      [{ where: 'etcd', name: 'quota-backend-bytes', to: '8589934592' }],
    ],
    [
      'a name of the certificate is added, another one removed',
      { certSANs: ['k8s.example.com'] },
      [
        { where: 'certSANs', name: 'api.example.com', from: 'api.example.com' },
        { where: 'certSANs', name: 'k8s.example.com', to: 'k8s.example.com' },
      ],
    ],
    ['the same validity, written otherwise', { certificateValidityPeriod: '8760h' }, []],
    [
      'another validity',
      { certificateValidityPeriod: '2160h' },
      [{ where: 'certificates', name: 'certificateValidityPeriod', from: '8760h0m0s', to: '2160h' }],
    ],
    [
      'fields of the kubelet, one of them deep, one taken away',
      { kubelet: { maxPods: null, authentication: { webhook: { cacheTTL: '2m' } }, serializeImagePulls: false } },
      [
        { where: 'kubelet', name: 'authentication.webhook.cacheTTL', from: '0s', to: '2m' },
        { where: 'kubelet', name: 'maxPods', from: '110' },
        { where: 'kubelet', name: 'serializeImagePulls', to: 'false' },
      ],
    ],
    ['swap is kept', { swap: 'keep' }, [{ where: 'kubelet', name: 'failSwapOn', to: 'false' }]],
  ])('%s', (_what, fields, changes) => {
    const { changes: found, immovable } = desired(fields);
    expect({ found, immovable }).toEqual({ found: changes, immovable: [] });
  });

  test('the settings applied twice change nothing more', () => {
    const fields = {
      extraArgs: {
        apiServer: [{ name: 'audit-log-maxage', value: '30' }],
        controllerManager: [{ name: 'v', value: 'yes' }],
      },
      kubelet: { maxPods: 50 },
    };
    const once = desired(fields);
    expect(desired(fields, once.clusterConfiguration, once.kubeletConfiguration)).toEqual({ ...once, changes: [] });
    // kubeadm reads YAML 1.1, in which a bare yes is a boolean.
    expect(once.clusterConfiguration).toContain('value: "yes"');
    expect(once.clusterConfiguration).toContain('imageRepository: registry.example.com');
  });

  test('v1beta3 has flags in a map', () => {
    const old = CLUSTER.replace('v1beta4', 'v1beta3').replace(
      /  extraArgs:\n(.*\n){4}/,
      '  extraArgs:\n    audit-log-maxage: "10"\n',
    );
    const { clusterConfiguration, changes } = desired({ extraArgs: { apiServer: [{ name: 'v', value: '2' }] } }, old);
    expect(changes.map(({ name }) => name)).toEqual(['audit-log-maxage', 'v']);
    expect(clusterConfiguration).toContain('  extraArgs:\n    v: "2"\n');
  });
});

test.each<[string, object, RegExp]>([
  ['the endpoint', { endpoint: 'k8s.demo.internal:6443' }, /^endpoint is api\.demo\.internal:6443, not k8s/],
  ['the network of pods', { podSubnet: '10.0.0.0/16' }, /^podSubnet is 10\.244/],
  ['the network of Services', { serviceSubnet: '10.0.0.0/16' }, /^serviceSubnet is/],
  ['the cgroup driver', { cgroupDriver: 'cgroupfs' }, /^cgroupDriver is systemd, not cgroupfs/],
  ["etcd's data", { extraArgs: { etcd: [{ name: 'data-dir', value: '/x' }] } }, /^the flag data-dir of etcd/],
  ['the policy for CPUs', { kubelet: { cpuManagerPolicy: 'static' } }, /^cpuManagerPolicy of the kubelet/],
])('%s cannot be changed', (_what, fields, sentence) => {
  expect(desired(fields).immovable).toEqual([expect.stringMatching(sentence)]);
});

describe('flags of a kubelet', () => {
  const flags = '--container-runtime-endpoint=unix:///x --node-ip=10.0.0.1 --v=2 --max-pods=50';
  test.each<[string, { name: string; value: string }[] | undefined, string[]]>([
    ['no word about them', undefined, []],
    [
      'one more, another value, one less',
      [
        { name: 'v', value: '4' },
        { name: 'node-labels', value: 'a=b' },
      ],
      ['v 2 4', 'max-pods 50 undefined', 'node-labels undefined a=b'],
    ],
    [
      'one that kubeadm gave',
      [
        { name: 'node-ip', value: '::' },
        { name: 'v', value: '2' },
        { name: 'max-pods', value: '50' },
      ],
      ['node-ip 10.0.0.1 ::'],
    ],
  ])('%s', (_what, wanted, changes) => {
    expect(flagChanges(flags, wanted).map(({ name, from, to }) => `${name} ${from} ${to}`)).toEqual(changes);
  });
});

describe('what was changed by hand', () => {
  const node = (component: string, difference: string[]): ConfiguredNode => ({
    ...{ instanceId: 'i-1', name: 'cp-1' },
    value: {
      ...{ node: 'cp-1', kubeadm: '1.37.2', patches: [] },
      kubelet:
        component === 'kubelet'
          ? { is: 'changed', difference, flags: '' }
          : { is: 'recorded', difference: [], flags: '' },
      controlPlane: {
        ...{ clusterConfiguration: '', kubeletConfiguration: '', unfinished: false, certSANs: [], canSign: true },
        manifests: component === 'kubelet' ? [] : [{ component, is: 'changed', difference }],
      },
    },
  });
  test.each<[string, string, string[], Parameters<typeof lostChanges>[1], string[]]>([
    ['a flag', 'kube-apiserver', ['+    - --profiling=false'], [], ['cp-1, kube-apiserver: + --profiling=false']],
    [
      'a flag that the settings say as well',
      'kube-apiserver',
      ['+    - --v=4'],
      [{ where: 'kube-apiserver', name: 'v', to: '4' }],
      [],
    ],
    [
      'a flag that the settings give another value',
      'kube-apiserver',
      ['+    - --v=4'],
      [{ where: 'kube-apiserver', name: 'v', to: '5' }],
      ['cp-1, kube-apiserver: + --v=4'],
    ],
    [
      'one that was taken out, and the settings do as well',
      'kube-apiserver',
      ['-    - --v=4'],
      [{ where: 'kube-apiserver', name: 'v', from: '4' }],
      [],
    ],
    [
      'anything else',
      'etcd',
      ['+        cpu: 500m', '-        cpu: 100m'],
      [],
      ['cp-1, etcd: + cpu: 500m', 'cp-1, etcd: - cpu: 100m'],
    ],
    ['a field of the kubelet', 'kubelet', ['+maxPods: 50'], [], ['cp-1, kubelet: + maxPods: 50']],
    [
      'a field of the kubelet that the settings say as well',
      'kubelet',
      ['+maxPods: 50', '-maxPods: 110'],
      [{ where: 'kubelet', name: 'maxPods', from: '110', to: '50' }],
      [],
    ],
  ])('%s', (_what, component, difference, changes, lost) => {
    expect(lostChanges([node(component, difference)], changes)).toEqual(lost);
  });
});
