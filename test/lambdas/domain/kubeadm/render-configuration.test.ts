import { kubernetesSettings } from '../../../../lambdas/contracts/kubernetes-settings';
import {
  PLACEHOLDER,
  renderInit,
  renderJoin,
  unsayable,
} from '../../../../lambdas/domain/kubeadm/render-configuration';
import { parseAllDocuments } from 'yaml';

const settings = (fields: object = {}) =>
  kubernetesSettings.parse({
    version: '1.37.2',
    endpoint: 'api.demo.internal:6443',
    podSubnet: '10.244.0.0/16',
    ...fields,
  });
/** The documents by kind, as YAML reads them. */
const documents = (text: string) =>
  Object.fromEntries(
    parseAllDocuments(text).map((document) => {
      const value = document.toJS() as Record<string, unknown> & { kind: string };
      return [value.kind, value];
    }),
  );

test('the smallest settings: what kubeadm init is told', () => {
  expect(documents(renderInit('demo', settings()))).toEqual({
    InitConfiguration: {
      apiVersion: 'kubeadm.k8s.io/v1beta4',
      kind: 'InitConfiguration',
      bootstrapTokens: [
        {
          token: PLACEHOLDER.token,
          ttl: '15m0s',
          usages: ['signing', 'authentication'],
          groups: ['system:bootstrappers:kubeadm:default-node-token'],
        },
      ],
      nodeRegistration: { criSocket: 'unix:///run/containerd/containerd.sock' },
    },
    ClusterConfiguration: {
      apiVersion: 'kubeadm.k8s.io/v1beta4',
      kind: 'ClusterConfiguration',
      clusterName: 'demo',
      kubernetesVersion: 'v1.37.2',
      controlPlaneEndpoint: 'api.demo.internal:6443',
      networking: { podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/12', dnsDomain: 'cluster.local' },
      apiServer: {},
      controllerManager: {},
      scheduler: {},
      etcd: { local: { dataDir: '/var/lib/etcd' } },
    },
    KubeletConfiguration: {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      cgroupDriver: 'systemd',
    },
  });
});

const ARGS = [{ name: 'v', value: '2' }];
test.each([
  ['1.28.0', 'v1beta3', { v: '2' }],
  ['1.30.14', 'v1beta3', { v: '2' }],
  ['1.31.0', 'v1beta4', ARGS],
  ['1.37.2', 'v1beta4', ARGS],
])('%s reads %s, and extraArgs in its form', (version, api, args) => {
  const extraArgs = { apiServer: ARGS, controllerManager: ARGS, scheduler: ARGS, etcd: ARGS, kubelet: ARGS };
  const init = documents(renderInit('demo', settings({ version, extraArgs })));
  expect(init).toMatchObject({
    InitConfiguration: { apiVersion: `kubeadm.k8s.io/${api}`, nodeRegistration: { kubeletExtraArgs: args } },
    ClusterConfiguration: {
      apiVersion: `kubeadm.k8s.io/${api}`,
      apiServer: { extraArgs: args },
      controllerManager: { extraArgs: args },
      scheduler: { extraArgs: args },
      etcd: { local: { extraArgs: args } },
    },
  });
  const join = documents(renderJoin('worker', settings({ version, extraArgs })));
  expect(join).toMatchObject({
    JoinConfiguration: { apiVersion: `kubeadm.k8s.io/${api}`, nodeRegistration: { kubeletExtraArgs: args } },
  });
});

test('every setting has its place', () => {
  const { ClusterConfiguration, KubeletConfiguration, KubeProxyConfiguration, InitConfiguration } = documents(
    renderInit(
      'demo',
      settings({
        certSANs: ['api.example.com'],
        certificateValidityPeriod: '4380h',
        encryptionAlgorithm: 'ECDSA-P256',
        swap: 'keep',
        kubelet: { maxPods: 50 },
        kubeProxy: { mode: 'nftables' },
        ignorePreflightErrors: ['NumCPU'],
      }),
    ),
  );
  expect(ClusterConfiguration).toMatchObject({
    apiServer: { certSANs: ['api.example.com'] },
    certificateValidityPeriod: '4380h',
    encryptionAlgorithm: 'ECDSA-P256',
  });
  expect(KubeletConfiguration).toMatchObject({ failSwapOn: false, maxPods: 50 });
  expect(KubeProxyConfiguration).toMatchObject({ mode: 'nftables', apiVersion: 'kubeproxy.config.k8s.io/v1alpha1' });
  expect(InitConfiguration).toMatchObject({ nodeRegistration: { ignorePreflightErrors: ['NumCPU'] } });
});

test('a control plane joins with the certificate key, a worker without; nodes put the secrets in', () => {
  const discovery = {
    bootstrapToken: {
      apiServerEndpoint: 'api.demo.internal:6443',
      token: '000000.0000000000000000',
      caCertHashes: [`sha256:${'f'.repeat(64)}`],
    },
  };
  expect(documents(renderJoin('control-plane', settings())).JoinConfiguration).toMatchObject({
    discovery,
    controlPlane: { certificateKey: '0'.repeat(64) },
  });
  const worker = documents(renderJoin('worker', settings())).JoinConfiguration;
  expect(worker).toMatchObject({ discovery });
  expect(worker).not.toHaveProperty('controlPlane');
});

test('certificates elsewhere, by the user’s own configuration: every node that joins has the CA there', () => {
  const own = (...more: object[]) =>
    settings({
      configuration: [
        { apiVersion: 'kubeadm.k8s.io/v1beta4', kind: 'ClusterConfiguration', certificatesDir: '/etc/kubernetes-pki/' },
        ...more,
      ],
    });
  const join = (role: 'control-plane' | 'worker', ...more: object[]) =>
    documents(renderJoin(role, own(...more))).JoinConfiguration!.caCertPath;
  expect([join('control-plane'), join('worker')]).toEqual(['/etc/kubernetes-pki/ca.crt', '/etc/kubernetes-pki/ca.crt']);
  const said = { apiVersion: 'kubeadm.k8s.io/v1beta4', kind: 'JoinConfiguration', caCertPath: '/mine/ca.crt' };
  expect(join('worker', said)).toBe('/mine/ca.crt');
  expect(documents(renderJoin('worker', settings())).JoinConfiguration).not.toHaveProperty('caCertPath');
});

const PROVIDER_ID = 'aws:///zone/i-00000000000000000';
test.each<[string, object, unknown]>([
  ['1.37.2', {}, undefined],
  ['1.30.0', { cloudProvider: 'external' }, { 'cloud-provider': 'external', 'provider-id': PROVIDER_ID }],
  [
    '1.37.2',
    { cloudProvider: 'external', extraArgs: { kubelet: ARGS } },
    [...ARGS, { name: 'cloud-provider', value: 'external' }, { name: 'provider-id', value: PROVIDER_ID }],
  ],
])('%s with %j: the flags of every kubelet', (version, fields, args) => {
  const all = settings({ version, ...fields });
  for (const text of [renderInit('demo', all), renderJoin('control-plane', all), renderJoin('worker', all)]) {
    const { InitConfiguration, JoinConfiguration } = documents(text);
    const { kubeletExtraArgs } = (InitConfiguration ?? JoinConfiguration)!.nodeRegistration as Record<string, unknown>;
    expect(kubeletExtraArgs).toEqual(args);
  }
});

test.each([
  ['1.28.0', { 'etcd.yaml': 'a: 1' }, true, false],
  ['1.37.2', { 'etcd.yaml': 'a: 1', 'kubeletconfiguration.yaml': 'maxPods: 50' }, true, true],
  ['1.37.2', {}, false, false],
])('%s with the patches %j: kubeadm is told their directory where it has any', (version, patches, on, onWorkers) => {
  const told = { directory: '/etc/kubernetes/kubeadm-autopilot/patches' };
  const fields = { version, patches };
  expect(documents(renderInit('demo', settings(fields))).InitConfiguration!.patches).toEqual(on ? told : undefined);
  const join = (role: 'control-plane' | 'worker') =>
    documents(renderJoin(role, settings(fields))).JoinConfiguration!.patches;
  expect(join('control-plane')).toEqual(on ? told : undefined);
  expect(join('worker')).toEqual(onWorkers ? told : undefined);
});

test.each([
  ['nothing that is new', { version: '1.30.0' }, []],
  ['a validity', { version: '1.30.0', certificateValidityPeriod: '1h' }, ['certificateValidityPeriod is set']],
  [
    'a flag that comes twice',
    { version: '1.30.0', extraArgs: { apiServer: [...ARGS, ...ARGS] } },
    ['extraArgs.apiServer has v more than once'],
  ],
  ['the same in v1beta4', { certificateValidityPeriod: '1h', extraArgs: { apiServer: [...ARGS, ...ARGS] } }, []],
  ['a patch of its time', { version: '1.28.0', patches: { 'kubeletconfiguration.yaml': 'a: 1' } }, []],
  [
    'patches of what is patched only later',
    { version: '1.36.1', patches: { 'corednsdeployment.yaml': 'a: 1', 'kubeproxydaemonset0+merge.json': '{}' } },
    ['patches has kubeproxydaemonset0+merge.json, which kubeadm 1.37 and newer know'],
  ],
])('what kubeadm of this release does not know: %s', (_what, fields, problems) => {
  expect(unsayable(settings(fields))).toEqual(problems);
});

describe("the user's own kubeadm YAML", () => {
  const parsed = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as object);
  const own = (api: string) =>
    parsed(`
apiVersion: kubeadm.k8s.io/${api}
kind: ClusterConfiguration
networking: { podSubnet: 10.244.0.0/16, serviceSubnet: 10.99.0.0/16 }
featureGates: { ControlPlaneKubeletLocalMode: true }
etcd: { external: { endpoints: ['https://etcd-1:2379'], caFile: /ca, certFile: /crt, keyFile: /key } }
---
apiVersion: kubeadm.k8s.io/${api}
kind: JoinConfiguration
nodeRegistration: { taints: [] }
controlPlane: { localAPIEndpoint: { bindPort: 6443 } }
---
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
`);

  test.each([
    ['1.36.3', 'v1beta3'],
    ['1.37.2', 'v1beta4'],
  ])('%s: %s stays as it is, with what has to be in it', (version, api) => {
    const all = settings({ version, configuration: own(api) });
    expect(unsayable(all)).toEqual([]);
    const init = documents(renderInit('demo', all));
    expect(init.ClusterConfiguration).toEqual({
      apiVersion: `kubeadm.k8s.io/${api}`,
      kind: 'ClusterConfiguration',
      clusterName: 'demo',
      kubernetesVersion: `v${version}`,
      controlPlaneEndpoint: 'api.demo.internal:6443',
      networking: { podSubnet: '10.244.0.0/16', serviceSubnet: '10.99.0.0/16', dnsDomain: 'cluster.local' },
      featureGates: { ControlPlaneKubeletLocalMode: true },
      ...{ apiServer: {}, controllerManager: {}, scheduler: {} },
      etcd: { external: { endpoints: ['https://etcd-1:2379'], caFile: '/ca', certFile: '/crt', keyFile: '/key' } },
    });
    expect(init.InitConfiguration).toMatchObject({
      apiVersion: `kubeadm.k8s.io/${api}`,
      bootstrapTokens: [{ token: PLACEHOLDER.token }],
    });
    expect(init.KubeProxyConfiguration).toMatchObject({ mode: 'nftables' });
    expect(init).toHaveProperty('KubeletConfiguration');
    const controlPlane = documents(renderJoin('control-plane', all));
    expect(Object.keys(controlPlane)).toEqual(['JoinConfiguration']);
    expect(controlPlane.JoinConfiguration).toMatchObject({
      apiVersion: `kubeadm.k8s.io/${api}`,
      discovery: { bootstrapToken: { token: PLACEHOLDER.token } },
      controlPlane: { certificateKey: PLACEHOLDER.certificateKey, localAPIEndpoint: { bindPort: 6443 } },
      nodeRegistration: { taints: [], criSocket: 'unix:///run/containerd/containerd.sock' },
    });
    expect(documents(renderJoin('worker', all)).JoinConfiguration).not.toHaveProperty('controlPlane');
  });

  test.each([
    ['1.30.0', 'v1beta4'],
    ['1.37.2', 'v1beta3'],
    ['1.31.0', 'v1beta2'],
  ])('kubeadm %s does not read %s', (version, api) => {
    expect(unsayable(settings({ version, configuration: own(api) }))).toEqual([
      `configuration is kubeadm.k8s.io/${api} (run 'kubeadm config migrate' of a release that knows both)`,
    ]);
  });

  test('its lists come after those of the cloud provider', () => {
    const configuration = parsed(`
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
nodeRegistration: { kubeletExtraArgs: [{ name: v, value: '4' }] }
`);
    const { JoinConfiguration } = documents(
      renderJoin('worker', settings({ configuration, cloudProvider: 'external' })),
    );
    expect(JoinConfiguration!.nodeRegistration).toMatchObject({
      kubeletExtraArgs: [{ name: 'cloud-provider' }, { name: 'provider-id' }, { name: 'v', value: '4' }],
    });
  });
});

test.each([
  ['containerd', 'unix:///run/containerd/containerd.sock'],
  ['cri-o', 'unix:///run/crio/crio.sock'],
  ['cri-dockerd', 'unix:///run/cri-dockerd.sock'],
])('%s: its socket is said to each node', (runtime, criSocket) => {
  expect(documents(renderInit('demo', settings({ runtime })))).toMatchObject({
    InitConfiguration: { nodeRegistration: { criSocket } },
  });
  for (const role of ['control-plane', 'worker'] as const)
    expect(documents(renderJoin(role, settings({ runtime })))).toMatchObject({
      JoinConfiguration: { nodeRegistration: { criSocket } },
    });
});

test('an external etcd instead of members of its own', () => {
  const externalEtcd = {
    endpoints: ['https://10.0.0.9:2379'],
    ...{ caFile: '/etc/etcd/ca.crt', certFile: '/etc/etcd/client.crt', keyFile: '/etc/etcd/client.key' },
  };
  const { ClusterConfiguration } = documents(renderInit('demo', settings({ externalEtcd })));
  expect(ClusterConfiguration!['etcd']).toEqual({ external: externalEtcd });
});
