import { Duration, Validations } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { NetworkLoadBalancer, NetworkTargetGroup, Protocol, TargetType } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ARecord, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import type { EndpointProps } from './kubeadm-cluster-props';
import { API_PORT } from './node-ports';

/** As many characters as a load balancer's name may have. */
const MOST_NAME = 32;

export interface ApiLoadBalancerProps {
  cluster: string;
  vpc: IVpc;
  subnets: SubnetSelection;
  securityGroup: ISecurityGroup;
  healthCheck: 'readyz' | 'tcp';
  endpoint?: EndpointProps | undefined;
}

/**
 * The API's stable address: an internal Network Load Balancer. Operations register control planes in its target group, and take them out for
 * their turn; the Auto Scaling group does neither.
 */
export class ApiLoadBalancer extends Construct {
  /** host:port, as kubeadm's controlPlaneEndpoint. */
  readonly endpoint: string;
  readonly targetGroup: NetworkTargetGroup;
  readonly loadBalancer: NetworkLoadBalancer;

  constructor(scope: Construct, id: string, props: ApiLoadBalancerProps) {
    super(scope, id);
    const { cluster, vpc, subnets, securityGroup, endpoint } = props;
    this.loadBalancer = new NetworkLoadBalancer(this, 'LoadBalancer', {
      // Part of its DNS name, which has to be in lower case; certificates and kubeconfigs have it for good.
      loadBalancerName: loadBalancerName(cluster),
      vpc,
      vpcSubnets: subnets,
      internetFacing: false,
      securityGroups: [securityGroup],
      // A zone whose control plane is out of its turn is served by the others.
      crossZoneEnabled: true,
      deletionProtection: true,
    });
    Validations.of(this.loadBalancer).acknowledge({
      id: 'AwsSolutions-ELB2',
      reason: 'A Network Load Balancer logs TLS listeners alone; this one forwards TCP.',
    });
    this.targetGroup = new NetworkTargetGroup(this, 'TargetGroup', {
      vpc,
      port: API_PORT,
      protocol: Protocol.TCP,
      targetType: TargetType.INSTANCE,
      // Hairpin: with the client's address a control plane cannot reach itself through the load balancer, and kubeadm does.
      preserveClientIp: false,
      deregistrationDelay: Duration.seconds(60),
      // Watches last for hours: they are ended, and their clients connect to another API server.
      connectionTermination: true,
      healthCheck: {
        ...(props.healthCheck === 'readyz'
          ? { protocol: Protocol.HTTPS, path: '/readyz' }
          : { protocol: Protocol.TCP }),
        port: String(API_PORT),
        interval: Duration.seconds(10),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 2,
      },
    });
    this.loadBalancer.addListener('Api', {
      port: API_PORT,
      protocol: Protocol.TCP,
      defaultTargetGroups: [this.targetGroup],
    });
    if (endpoint)
      new ARecord(this, 'Record', {
        zone: endpoint.zone,
        recordName: recordName(cluster, endpoint),
        target: RecordTarget.fromAlias(new LoadBalancerTarget(this.loadBalancer)),
        comment: `API of the cluster ${cluster}`,
      });
    this.endpoint = `${endpoint ? recordName(cluster, endpoint) : this.loadBalancer.loadBalancerDnsName}:${API_PORT}`;
  }
}

const loadBalancerName = (cluster: string) => (cluster.length + 4 <= MOST_NAME ? `${cluster}-api` : cluster);

/** The whole name, with the zone's at its end. */
export function recordName(cluster: string, { zone, recordName: name = `api.${cluster}` }: EndpointProps): string {
  return name === zone.zoneName || name.endsWith(`.${zone.zoneName}`) ? name : `${name}.${zone.zoneName}`;
}
