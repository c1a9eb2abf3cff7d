import { App, Stack } from 'aws-cdk-lib';
import { InstanceType, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { PrivateHostedZone } from 'aws-cdk-lib/aws-route53';
import { KubeadmCluster } from '../../../lib/infrastructure/kubeadm-cluster';
import type { KubeadmClusterProps } from '../../../lib/infrastructure/kubeadm-cluster-props';

const large = new InstanceType('m7i.large');
const PRIVATE = { name: 'Nodes', subnetType: SubnetType.PRIVATE_WITH_EGRESS };
const PUBLIC = { name: 'Public', subnetType: SubnetType.PUBLIC };

/** What is changed in properties that are right. */
type Change = (stack: Stack) => object;

function make(change: Change, subnetConfiguration = [PUBLIC, PRIVATE]): KubeadmCluster {
  const stack = new Stack(new App(), 'Stack');
  const props = {
    cluster: 'prod',
    kubernetes: { version: '1.37.2', podSubnet: '10.244.0.0/16' },
    vpc: new Vpc(stack, 'Vpc', { subnetConfiguration }),
    image: { ubuntu: '24.04' },
    networkPlugin: 'flannel',
    controlPlanes: { count: 3, instanceType: large },
    ...change(stack),
  } as KubeadmClusterProps;
  return new KubeadmCluster(stack, 'Cluster', props);
}

const workers =
  (...groups: object[]): Change =>
  () => ({
    workers: groups.map((group) => ({ name: 'a', instanceType: large, min: 0, max: 3, ...group })),
  });
const controlPlanes =
  (fields: object): Change =>
  () => ({
    controlPlanes: { count: 3, instanceType: large, ...fields },
  });
const ami =
  (fields: object): Change =>
  () => ({ image: { ami: 'ami-0123456789abcdef0', architecture: 'x86_64', ...fields } });

test.each<[string, Change]>([
  ['the smallest', () => ({})],
  [
    'one control plane of an AMI',
    () => ({ ...ami({})(undefined as never), controlPlanes: { count: 1, instanceType: large } }),
  ],
  [
    'ports of one own network plugin',
    () => ({ networkPlugin: [{ protocol: 'udp', port: 51820, description: 'WireGuard' }] }),
  ],
  [
    'no hooks, and pods with the role of their node',
    () => ({ lifecycleHooks: { launchSeconds: 0, terminationSeconds: 0 }, metadataHopLimit: 2 }),
  ],
])('is taken: %s', (_what, change) => {
  expect(() => make(change)).not.toThrow();
});

test.each<[string, Change, string]>([
  [
    'an even number of control planes',
    controlPlanes({ count: 4 }),
    'controlPlanes.count is 4, expected 1, 3, 5 or 7: etcd with an even number of members survives no more losses than with one less; take 5.',
  ],
  [
    'no control plane',
    controlPlanes({ count: 0 }),
    'controlPlanes.count is 0, expected 1, 3, 5 or 7: etcd with an even number of members survives no more losses than with one less; take 1.',
  ],
  ['nine control planes', controlPlanes({ count: 9 }), 'controlPlanes.count is 9, expected 1, 3, 5 or 7; take 7.'],
  [
    'a hop limit that leads out of the machine',
    () => ({ metadataHopLimit: 3 }),
    'metadataHopLimit is 3, expected 1, or 2 where pods need the role of their node; with more, other machines could get its credentials.',
  ],
  [
    'an architecture that there is not',
    ami({ architecture: 'riscv64' }),
    'controlPlanes: image.architecture is "riscv64", expected x86_64 or arm64; take that of the image.',
  ],
  [
    'an image of another architecture',
    ami({ architecture: 'arm64' }),
    'controlPlanes: image.architecture is arm64 and m7i.large is x86_64, expected the same; give these nodes another image or instance type.',
  ],
  [
    'an id that is none of an image',
    ami({ ami: 'ubuntu' }),
    `controlPlanes: image.ami is "ubuntu", expected an id such as ami-0123456789abcdef0; look it up with 'aws ec2 describe-images'.`,
  ],
  [
    'a parameter without its slash',
    () => ({ image: { ssmParameter: 'aws/x', architecture: 'x86_64' } }),
    'controlPlanes: image.ssmParameter is "aws/x", expected the name of a parameter, which begins with a slash; correct it.',
  ],
  [
    'an Ubuntu that there is not',
    () => ({ image: { ubuntu: '23.10' } }),
    'controlPlanes: image.ubuntu is "23.10", expected 22.04 or 24.04; give another release as ssmParameter or ami.',
  ],
  [
    'an instance type that is none',
    controlPlanes({ instanceType: new InstanceType('large') }),
    'controlPlanes: instanceType is "large", expected a type such as m7i.large; correct it.',
  ],
  [
    'a small volume',
    controlPlanes({ volumeGiB: 8 }),
    'controlPlanes: volumeGiB is 8, expected a whole number from 20 to 16384; images and logs of a node take that.',
  ],
  [
    'a group with a name of its own kind',
    workers({ name: 'GPU nodes' }),
    'workers.0.name is "GPU nodes", expected 1 to 30 lower-case letters, digits or hyphens, and not control-plane; rename the group.',
  ],
  [
    'workers that pass for control planes',
    workers({ name: 'control-plane' }),
    'workers.0.name is "control-plane", expected 1 to 30 lower-case letters, digits or hyphens, and not control-plane; rename the group.',
  ],
  ['two groups of one name', workers({}, {}), 'workers.1.name is "a", which another group has; rename one of them.'],
  [
    'more workers at least than at most',
    workers({ min: 4 }),
    'workers "a" has min 4 and max 3, expected whole numbers with 0 ≤ min ≤ desired ≤ max and max from 1 to 1000; correct them.',
  ],
  [
    'more wanted than allowed',
    workers({ desired: 5 }),
    'workers "a" has min 0, desired 5 and max 3, expected whole numbers with 0 ≤ min ≤ desired ≤ max and max from 1 to 1000; correct them.',
  ],
  [
    'a hook of milliseconds',
    () => ({ lifecycleHooks: { launchSeconds: 3_600_000 } }),
    'lifecycleHooks.launchSeconds is 3600000, expected whole seconds from 30 to 7200, or 0 for no hook; correct it.',
  ],
  [
    'a record in upper case',
    (stack) => ({
      endpoint: {
        zone: new PrivateHostedZone(stack, 'Zone', { zoneName: 'a.internal', vpc: new Vpc(stack, 'Other') }),
        recordName: 'API',
      },
    }),
    'endpoint.recordName is "API", expected a DNS name in lower case, such as api.prod; correct it.',
  ],
  [
    'a network plugin of which nobody told the ports',
    () => ({ networkPlugin: 'weave' }),
    'networkPlugin is "weave", expected flannel, calico or cilium; give the ports of another as a list.',
  ],
  [
    'a port that there is not',
    () => ({ networkPlugin: [{ protocol: 'tcp', port: 0, description: 'x' }] }),
    'networkPlugin has tcp 0 (x), expected a port from 1 to 65535; correct it.',
  ],
  [
    'a name that is none of a cluster',
    () => ({ cluster: 'Prod' }),
    'settings: cluster is "Prod"; it must be 1 to 32 lower-case letters, digits or hyphens, such as "prod-eu".',
  ],
  [
    'settings of Kubernetes',
    () => ({ kubernetes: { version: '1.37', podSubnet: '10.244.0.0/16' } }),
    'settings: kubernetes.version is "1.37"; it must be a version such as "1.37.2".',
  ],
  [
    'other settings',
    () => ({ settings: { certificates: { schedule: 'cron(x)' } } }),
    'settings: certificates.schedule is "cron(x)"; it must have six fields (minutes, hours, day-of-month, month, day-of-week, year), but has 1.',
  ],
  [
    'public subnets',
    () => ({ subnets: { subnetType: SubnetType.PUBLIC } }),
    'subnets has 2 that are public, expected private ones: instances get no public address; select subnets with a NAT gateway.',
  ],
])('is refused with one sentence: %s', (_what, change, sentence) => {
  expect(() => make(change)).toThrow(
    new Error(`KubeadmCluster ${_what.startsWith('a name') ? 'Prod' : 'prod'}: ${sentence}`),
  );
});

test('a VPC without private subnets', () => {
  expect(() => make(() => ({}), [PUBLIC])).toThrow(
    'KubeadmCluster prod: the VPC has 2 public and no private subnets with egress, expected at least one private: add subnets of the type PRIVATE_WITH_EGRESS, or choose others with subnets.',
  );
});

test('all mistakes at once, a line each', () => {
  const both = () => ({ controlPlanes: { count: 2, instanceType: large }, metadataHopLimit: 64 });
  expect(() => make(both)).toThrow(/^KubeadmCluster prod: controlPlanes.*\nKubeadmCluster prod: metadataHopLimit.*$/);
});
