import { SecurityGroup, SubnetType, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../../lambdas/contracts/cluster-config';
import { ApiLoadBalancer } from './api-load-balancer';
import { InvalidKubeadmCluster, mistakesIn, mistakesInSubnets, mistakesInVpc } from './infrastructure-mistakes';
import type { KubeadmClusterProps, NodesProps } from './kubeadm-cluster-props';
import { NodeGroup } from './node-group';
import { machineImage } from './node-image';
import { NETWORK_PLUGIN_PORTS, allowTraffic, type SecurityGroups } from './node-ports';
import { checkSettings, withInfrastructure } from './settings';

const CONTROL_PLANE_GIB = 50;
const WORKER_GIB = 80;
const HOUR_SECONDS = 3600;
const ROOT_DEVICE = '/dev/sda1';

/**
 * The infrastructure of one cluster: load balancer, security groups, roles, and machines in Auto Scaling groups. Give `settings` to
 * KubeadmAutopilot, deploy, then make the cluster of the machines with `autopilot create <cluster>`. See docs/infrastructure.md.
 */
export class KubeadmCluster extends Construct {
  /** One of the `clusters` of KubeadmAutopilot: what clusters/NAME.yaml would say, with the endpoint and the target group of this construct. */
  readonly settings: ClusterConfig;
  readonly api: ApiLoadBalancer;
  readonly securityGroups: SecurityGroups;
  readonly controlPlanes: NodeGroup;
  /** By the group's name. */
  readonly workers: ReadonlyMap<string, NodeGroup>;

  /** @throws InvalidKubeadmCluster with a sentence for each mistake in `props` */
  constructor(scope: Construct, id: string, props: KubeadmClusterProps) {
    super(scope, id);
    const { cluster, vpc, controlPlanes, workers = [], networkPlugin } = props;
    const { config, mistakes } = checkSettings(props);
    refuse(cluster, [...mistakes, ...mistakesIn(props), ...mistakesInVpc(props)]);
    const subnets: SubnetSelection = props.subnets ?? {
      subnetType: SubnetType.PRIVATE_WITH_EGRESS,
      onePerAz: true,
    };
    refuse(cluster, mistakesInSubnets(vpc.selectSubnets(subnets).subnets, vpc.publicSubnets));

    this.securityGroups = {
      loadBalancer: this.securityGroup('LoadBalancerSecurityGroup', props, 'load balancer of the API', false),
      controlPlane: this.securityGroup('ControlPlaneSecurityGroup', props, 'control planes', true),
      worker: this.securityGroup('WorkerSecurityGroup', props, 'workers', true),
    };
    allowTraffic(this.securityGroups, {
      networkPlugin: typeof networkPlugin === 'string' ? NETWORK_PLUGIN_PORTS[networkPlugin] : networkPlugin,
      apiPeers: props.apiPeers ?? [],
      nodePortPeers: props.nodePortPeers ?? [],
    });
    this.api = new ApiLoadBalancer(this, 'Api', {
      ...{ cluster, vpc, subnets },
      securityGroup: this.securityGroups.loadBalancer,
      healthCheck: props.healthCheck ?? 'readyz',
      endpoint: props.endpoint,
    });
    this.controlPlanes = new NodeGroup(this, 'ControlPlanes', {
      ...this.nodes(props, 'control-plane', controlPlanes, subnets),
      group: 'control-plane',
      min: controlPlanes.count,
      // One more while a control plane is replaced: the new one joins before the old one leaves.
      max: controlPlanes.count + 1,
    });
    this.workers = new Map(
      workers.map((group) => [
        group.name,
        new NodeGroup(this, `Workers-${group.name}`, {
          ...this.nodes(props, 'worker', group, subnets),
          ...{ group: group.name, min: group.min, max: group.max, desired: group.desired },
        }),
      ]),
    );
    this.settings = withInfrastructure(config!, {
      endpoint: this.api.endpoint,
      targetGroupArn: this.api.targetGroup.targetGroupArn,
    });
  }

  private securityGroup(id: string, { vpc, cluster }: KubeadmClusterProps, what: string, allowAllOutbound: boolean) {
    return new SecurityGroup(this, id, { vpc, description: `${cluster}: ${what}`, allowAllOutbound });
  }

  /** What machines of this role have. */
  private nodes(
    props: KubeadmClusterProps,
    role: 'control-plane' | 'worker',
    nodes: NodesProps,
    subnets: SubnetSelection,
  ) {
    const { cluster, vpc, metadataHopLimit = 1, lifecycleHooks = {} } = props;
    const isControlPlane = role === 'control-plane';
    const { instanceType, image = props.image, userData, managedPolicies = [] } = nodes;
    const { launchSeconds = HOUR_SECONDS, terminationSeconds = HOUR_SECONDS } = lifecycleHooks;
    return {
      ...{ cluster, role, vpc, subnets, instanceType, userData, managedPolicies, metadataHopLimit },
      securityGroup: isControlPlane ? this.securityGroups.controlPlane : this.securityGroups.worker,
      image: machineImage(image, instanceType),
      rootDevice: ('rootDevice' in image ? image.rootDevice : undefined) ?? ROOT_DEVICE,
      volumeGiB: nodes.volumeGiB ?? (isControlPlane ? CONTROL_PLANE_GIB : WORKER_GIB),
      volumeKey: props.volumeKey,
      hooks: { launchSeconds, terminationSeconds },
    };
  }
}

function refuse(cluster: string, mistakes: string[]): void {
  if (mistakes.length > 0) throw new InvalidKubeadmCluster(cluster, mistakes);
}
