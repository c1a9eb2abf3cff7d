import { Token } from 'aws-cdk-lib';
import type { ISubnet } from 'aws-cdk-lib/aws-ec2';
import type { KubeadmClusterProps, NodeImage, NodesProps } from './kubeadm-cluster-props';
import { architectureOf } from './node-image';
import { NETWORK_PLUGIN_PORTS } from './node-ports';

/** Every mistake in the properties of a KubeadmCluster, a sentence a line: what was got, what is expected, what to do. */
export class InvalidKubeadmCluster extends Error {
  constructor(cluster: string, mistakes: string[]) {
    super(mistakes.map((mistake) => `KubeadmCluster ${cluster}: ${mistake}`).join('\n'));
    this.name = 'InvalidKubeadmCluster';
  }
}

const GROUP_NAME = /^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/;
const MOST_WORKERS = 1000;
const SMALLEST_VOLUME = 20;

/** What AWS or kubeadm would refuse much later, or what would make a cluster that does not keep. */
export function mistakesIn(props: KubeadmClusterProps): string[] {
  return [
    ...mistakesInControlPlanes(props),
    ...mistakesInWorkers(props),
    ...mistakesInNodes('controlPlanes', props.controlPlanes, props),
    ...(props.workers ?? []).flatMap((group) => mistakesInNodes(`workers "${group.name}"`, group, props)),
    ...mistakesInTheRest(props),
  ];
}

/** Of the subnets that were chosen, after they could be. */
export function mistakesInSubnets(subnets: ISubnet[], publicSubnets: ISubnet[]): string[] {
  const open = subnets.filter((subnet) => publicSubnets.some(({ subnetId }) => subnetId === subnet.subnetId));
  if (open.length === 0) return [];
  return [
    `subnets has ${open.length} that are public, expected private ones: instances get no public address; select subnets with a NAT gateway.`,
  ];
}

/** Before any subnet can be chosen. */
export function mistakesInVpc({ vpc, subnets }: KubeadmClusterProps): string[] {
  if (vpc.privateSubnets.length > 0 || subnets) return [];
  return [
    `the VPC has ${vpc.publicSubnets.length} public and no private subnets with egress, expected at least one private: add subnets of the type PRIVATE_WITH_EGRESS, or choose others with subnets.`,
  ];
}

function mistakesInControlPlanes({ controlPlanes: { count } }: KubeadmClusterProps): string[] {
  if ([1, 3, 5, 7].includes(count)) return [];
  const why = count % 2 === 0 ? ': etcd with an even number of members survives no more losses than with one less' : '';
  return [
    `controlPlanes.count is ${count}, expected 1, 3, 5 or 7${why}; take ${count > 7 ? 7 : Math.max(1, Math.ceil(count) | 1)}.`,
  ];
}

function mistakesInWorkers({ workers = [] }: KubeadmClusterProps): string[] {
  return workers.flatMap((group, index) => {
    const { name, min, max, desired } = group;
    const mistakes: string[] = [];
    if (!GROUP_NAME.test(name) || name === 'control-plane')
      mistakes.push(
        `workers.${index}.name is "${name}", expected 1 to 30 lower-case letters, digits or hyphens, and not control-plane; rename the group.`,
      );
    if (workers.findIndex((other) => other.name === name) < index)
      mistakes.push(`workers.${index}.name is "${name}", which another group has; rename one of them.`);
    const sizes = [min, desired ?? min, max];
    const fits = sizes.every((size, at) => Number.isInteger(size) && size >= 0 && size >= (sizes[at - 1] ?? 0));
    if (!fits || max < 1 || max > MOST_WORKERS)
      mistakes.push(
        `workers "${name}" has min ${min}${desired === undefined ? '' : `, desired ${desired}`} and max ${max}, expected whole numbers with 0 ≤ min ≤ desired ≤ max and max from 1 to ${MOST_WORKERS}; correct them.`,
      );
    return mistakes;
  });
}

function mistakesInNodes(where: string, nodes: NodesProps, { image: imageOfCluster }: KubeadmClusterProps): string[] {
  const { instanceType, volumeGiB, image = imageOfCluster } = nodes;
  const mistakes: string[] = [];
  if (volumeGiB !== undefined && (!Number.isInteger(volumeGiB) || volumeGiB < SMALLEST_VOLUME || volumeGiB > 16384))
    mistakes.push(
      `${where}: volumeGiB is ${volumeGiB}, expected a whole number from ${SMALLEST_VOLUME} to 16384; images and logs of a node take that.`,
    );
  const architecture = architectureOf(instanceType);
  if (architecture === undefined) {
    mistakes.push(
      `${where}: instanceType is "${instanceType.toString()}", expected a type such as m7i.large; correct it.`,
    );
  } else {
    mistakes.push(
      ...mistakesInImage(image, architecture, instanceType.toString()).map((mistake) => `${where}: ${mistake}`),
    );
  }
  return mistakes;
}

function mistakesInImage(image: NodeImage, needed: string, instanceType: string): string[] {
  if ('ubuntu' in image) {
    return ['22.04', '24.04'].includes(image.ubuntu)
      ? []
      : [
          `image.ubuntu is "${String(image.ubuntu)}", expected 22.04 or 24.04; give another release as ssmParameter or ami.`,
        ];
  }
  const mistakes: string[] = [];
  if ('ami' in image && !Token.isUnresolved(image.ami) && !/^ami-[0-9a-f]{8,17}$/.test(image.ami))
    mistakes.push(
      `image.ami is "${image.ami}", expected an id such as ami-0123456789abcdef0; look it up with 'aws ec2 describe-images'.`,
    );
  if ('ssmParameter' in image && !/^\/[\w./-]+$/.test(image.ssmParameter))
    mistakes.push(
      `image.ssmParameter is "${image.ssmParameter}", expected the name of a parameter, which begins with a slash; correct it.`,
    );
  if (!['x86_64', 'arm64'].includes(image.architecture))
    mistakes.push(
      `image.architecture is "${String(image.architecture)}", expected x86_64 or arm64; take that of the image.`,
    );
  else if (image.architecture !== needed)
    mistakes.push(
      `image.architecture is ${image.architecture} and ${instanceType} is ${needed}, expected the same; give these nodes another image or instance type.`,
    );
  return mistakes;
}

function mistakesInTheRest(props: KubeadmClusterProps): string[] {
  const { metadataHopLimit = 1, lifecycleHooks = {}, endpoint, networkPlugin } = props;
  const mistakes: string[] = [];
  if (metadataHopLimit !== 1 && metadataHopLimit !== 2)
    mistakes.push(
      `metadataHopLimit is ${metadataHopLimit}, expected 1, or 2 where pods need the role of their node; with more, other machines could get its credentials.`,
    );
  for (const [name, seconds] of Object.entries(lifecycleHooks))
    if (seconds !== 0 && (!Number.isInteger(seconds) || seconds < 30 || seconds > 7200))
      mistakes.push(
        `lifecycleHooks.${name} is ${seconds}, expected whole seconds from 30 to 7200, or 0 for no hook; correct it.`,
      );
  const { recordName } = endpoint ?? {};
  if (recordName !== undefined && !/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(recordName))
    mistakes.push(
      `endpoint.recordName is "${recordName}", expected a DNS name in lower case, such as api.prod; correct it.`,
    );
  if (typeof networkPlugin === 'string') {
    if (!(networkPlugin in NETWORK_PLUGIN_PORTS))
      mistakes.push(
        `networkPlugin is "${String(networkPlugin)}", expected flannel, calico or cilium; give the ports of another as a list.`,
      );
  } else
    for (const { protocol, port, description } of networkPlugin)
      if (['tcp', 'udp'].includes(protocol) && (!Number.isInteger(port) || port! < 1 || port! > 65535))
        mistakes.push(
          `networkPlugin has ${protocol} ${port} (${description}), expected a port from 1 to 65535; correct it.`,
        );
  return mistakes;
}
