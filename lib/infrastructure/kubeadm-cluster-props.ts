import type { IPeer, IVpc, InstanceType, SubnetSelection, UserData } from 'aws-cdk-lib/aws-ec2';
import type { IManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IPrivateHostedZone } from 'aws-cdk-lib/aws-route53';
import type * as z from 'zod';
import type { clusterConfig } from '../../lambdas/contracts/cluster-config';
import type { kubernetesSettings } from '../../lambdas/contracts/kubernetes-settings';
import type { NetworkPlugin, NodePort } from './node-ports';

/** As in clusters/NAME.yaml: every field but a few has its default (clusters/demo.yaml shows them all). */
type Settings = z.input<typeof clusterConfig>;

export interface KubeadmClusterProps {
  /** The cluster's name: 1 to 32 lower-case letters, digits or hyphens. Instances get it as the tag `kubeadm-autopilot:cluster`. */
  cluster: string;
  /** How create-cluster makes the cluster. `endpoint` and `targetGroups` come from this construct. */
  kubernetes: Omit<z.input<typeof kubernetesSettings>, 'endpoint' | 'targetGroups'>;
  /** All other settings of the cluster, as in clusters/NAME.yaml. */
  settings?: Omit<Settings, 'cluster' | 'kubernetes'>;

  /** Needs private subnets with a way to the internet, or to mirrors and the VPC endpoints of Systems Manager. */
  vpc: IVpc;
  /** Where instances and the load balancer are. Default: one private subnet with egress in each zone. */
  subnets?: SubnetSelection;
  /** What instances start from. Debian or Ubuntu with the SSM agent, 3.3.2746.0 or newer. */
  image: NodeImage;

  controlPlanes: ControlPlanesProps;
  /** Groups of workers, each an Auto Scaling group. Default: none. */
  workers?: WorkerGroupProps[];

  /** The network plugin, of which the nodes need the ports: one of the usual, or the ports themselves. */
  networkPlugin: NetworkPlugin | NodePort[];
  /** Who reaches the API beside the nodes, such as `Peer.ipv4('10.20.0.0/16')`. Default: nobody. */
  apiPeers?: IPeer[];
  /** Who reaches the node ports (30000 to 32767) of the workers, such as the security group of a load balancer. Default: nobody. */
  nodePortPeers?: IPeer[];
  /** How the load balancer looks whether an API server serves. `tcp` where anonymous requests are switched off. Default: readyz. */
  healthCheck?: 'readyz' | 'tcp';
  /** A name for the API in a private hosted zone of yours. Default: the load balancer's own name. */
  endpoint?: EndpointProps;

  /** Lifecycle hooks, by which machines join as they are launched and leave before they are terminated. Default: both, an hour each. */
  lifecycleHooks?: LifecycleHooksProps;
  /** Hops that an answer of the instance metadata service takes: 1, or 2 where pods need the role of their node. Default: 1. */
  metadataHopLimit?: number;
  /** Encrypts the volumes. Auto Scaling's service-linked role needs rights on it. Default: the account's key for EBS. */
  volumeKey?: IKey;
}

/**
 * An AMI by its id, the name of an SSM parameter that has one, or Canonical's current image of an Ubuntu release. `rootDevice` is the name of the
 * image's root device: /dev/sda1 by default, as Ubuntu has it; Debian's is /dev/xvda.
 */
export type NodeImage =
  | { ami: string; architecture: Architecture; rootDevice?: string }
  | { ssmParameter: string; architecture: Architecture; rootDevice?: string }
  | { ubuntu: '22.04' | '24.04' };
export type Architecture = 'x86_64' | 'arm64';

export interface NodesProps {
  /** Such as `new InstanceType('m7i.large')`; two CPUs and 2 GiB at least. */
  instanceType: InstanceType;
  /** GiB of the encrypted gp3 root volume. Default: 50 of a control plane, which has etcd on it, 80 of a worker. */
  volumeGiB?: number;
  /** What these nodes start from, if not from the cluster's image. */
  image?: NodeImage;
  /** Run at the first start, as root: an SSM agent where the image has none. Default: nothing. */
  userData?: UserData;
  /** More rights of these nodes, as a network plugin or a storage driver needs them. Default: none. */
  managedPolicies?: IManagedPolicy[];
}

export interface ControlPlanesProps extends NodesProps {
  /** 1, 3, 5 or 7: etcd with an even number of members survives no more losses than with one less. */
  count: number;
}

export interface WorkerGroupProps extends NodesProps {
  /** Name of the group, the tag `kubeadm-autopilot:group`: 1 to 30 lower-case letters, digits or hyphens. */
  name: string;
  /** Workers at least. */
  min: number;
  /** Workers at most. */
  max: number;
  /** Workers after each deployment. Default: what an autoscaler or a person has set, `min` at first. */
  desired?: number;
}

export interface EndpointProps {
  zone: IPrivateHostedZone;
  /** Name of the record in the zone. Default: `api.<cluster>`. */
  recordName?: string;
}

export interface LifecycleHooksProps {
  /** Seconds that a launched machine has to join, 30 to 7200; it is abandoned and replaced after that. 0: no hook. Default: 3600. */
  launchSeconds?: number;
  /** Seconds that a machine has to leave before it is terminated, 30 to 7200. 0: no hook. Default: 3600. */
  terminationSeconds?: number;
}
