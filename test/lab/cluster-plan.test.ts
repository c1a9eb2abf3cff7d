import { parseAllDocuments } from 'yaml';
import { planCluster } from '../../local/nodes/lab/cluster-plan';
import { initConfiguration, joinConfiguration } from '../../local/nodes/lab/kubeadm-configuration';

const documents = (text: string) =>
  Object.fromEntries(parseAllDocuments(text).map((each) => [each.toJS().kind, each.toJS()]));

describe('the plan of a lab cluster', () => {
  test('three control planes and two workers unless told otherwise', () => {
    const { nodes } = planCluster({});
    expect(nodes.map(({ name }) => name)).toEqual(['cp-1', 'cp-2', 'cp-3', 'worker-1', 'worker-2']);
    expect(nodes.map(({ privateIp }) => privateIp)).toEqual([
      '10.87.0.11',
      '10.87.0.12',
      '10.87.0.13',
      '10.87.0.101',
      '10.87.0.102',
    ]);
    expect(new Set(nodes.map(({ podNetwork }) => podNetwork)).size).toBe(5);
  });

  test('a node is the same machine each time, and another one in another cluster', () => {
    const machine = (name: string) =>
      planCluster({ name }).nodes.map(({ instanceId, machineId, productUuid }) => [instanceId, machineId, productUuid]);
    expect(machine('one')).toEqual(machine('one'));
    expect(new Set([...machine('one'), ...machine('two')].flat()).size).toBe(30);
  });

  test('identities have the form that EC2 and Linux give them', () => {
    for (const { instanceId, machineId, productUuid } of planCluster({}).nodes) {
      expect(instanceId).toMatch(/^i-[0-9a-f]{17}$/);
      expect(machineId).toMatch(/^[0-9a-f]{32}$/);
      expect(productUuid).toMatch(/^ec2[0-9a-f]{5}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    }
  });

  test('the names fit into the 15 characters of a network device', () => {
    for (const { name } of planCluster({ controlPlanes: 9, workers: 50 }).nodes)
      expect(name.length).toBeLessThanOrEqual(15);
  });

  test.each([
    [{ controlPlanes: 0 }, 'controlPlanes is 0: expected a whole number from 1 to 9.'],
    [{ workers: 1.5 }, 'workers is 1.5: expected a whole number from 0 to 50.'],
    [{ kubernetesVersion: '1.34' }, 'Kubernetes version "1.34": expected a release such as v1.36.3.'],
    [{ name: 'Not_A_Name' }, 'Cluster name "Not_A_Name" must be 1 to 32 lower-case letters, digits or hyphens'],
  ])('%j is refused in one sentence', (options, sentence) => {
    expect(() => planCluster(options)).toThrow(sentence);
  });
});

describe('the kubeadm configuration of a lab cluster', () => {
  test('what the user gives is laid over what the lab needs', () => {
    const plan = planCluster({
      clusterConfiguration: { certificateValidityPeriod: '8m0s' },
      kubeletConfiguration: { maxPods: 7 },
    });
    const { InitConfiguration, ClusterConfiguration, KubeletConfiguration } = documents(
      initConfiguration(plan, plan.nodes[0]!, true),
    );
    expect(ClusterConfiguration).toMatchObject({
      certificateValidityPeriod: '8m0s',
      controlPlaneEndpoint: 'api.lab.internal:6443',
    });
    expect(KubeletConfiguration).toMatchObject({ maxPods: 7, cgroupDriver: 'cgroupfs' });
    expect(InitConfiguration.bootstrapTokens[0]).toMatchObject({ token: plan.bootstrapToken });
  });

  test.each(['v1.33.13', 'v1.34.4'])('no preflight check is skipped for %s', (kubernetesVersion) => {
    const plan = planCluster({ kubernetesVersion });
    const text = initConfiguration(plan, plan.nodes[0]!, true) + joinConfiguration(plan, plan.nodes[3]!, 'ab', true);
    expect(text).not.toMatch(/ignorePreflightErrors|failCgroupV1/);
  });

  test.each(['v1.35.4', 'v1.36.3'])(
    '%s runs on cgroup v1 by an exception by name, and without any on cgroup v2',
    (kubernetesVersion) => {
      const plan = planCluster({ kubernetesVersion });
      const onV1 = documents(initConfiguration(plan, plan.nodes[0]!, true));
      expect(onV1.InitConfiguration.nodeRegistration.ignorePreflightErrors).toEqual(['SystemVerification']);
      expect(onV1.KubeletConfiguration.failCgroupV1).toBe(false);
      expect(initConfiguration(plan, plan.nodes[0]!, false)).not.toMatch(/ignorePreflightErrors|failCgroupV1/);
    },
  );

  test('only control planes join with the certificate key', () => {
    const plan = planCluster({});
    const joins = plan.nodes
      .slice(1)
      .map((node) => documents(joinConfiguration(plan, node, 'ab', true)).JoinConfiguration);
    expect(joins.map(({ controlPlane }) => controlPlane?.certificateKey)).toEqual([
      plan.certificateKey,
      plan.certificateKey,
      undefined,
      undefined,
    ]);
    expect(joins[0].discovery.bootstrapToken.caCertHashes).toEqual(['sha256:ab']);
  });
});
