import { Duration, Tags, Validations } from 'aws-cdk-lib';
import { AutoScalingGroup, DefaultResult, LifecycleTransition } from 'aws-cdk-lib/aws-autoscaling';
import type { CfnAutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import { BlockDeviceVolume, EbsDeviceVolumeType, LaunchTemplate, LaunchTemplateHttpTokens } from 'aws-cdk-lib/aws-ec2';
import type { IMachineImage, ISecurityGroup, IVpc, InstanceType, SubnetSelection, UserData } from 'aws-cdk-lib/aws-ec2';
import type { IManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { CLUSTER_TAG, GROUP_TAG, ROLE_TAG } from '../../lambdas/contracts/cluster-config';
import { nodeRole } from './node-role';

export interface NodeGroupProps {
  cluster: string;
  role: 'control-plane' | 'worker';
  /** The tag `kubeadm-autopilot:group`. */
  group: string;
  vpc: IVpc;
  subnets: SubnetSelection;
  securityGroup: ISecurityGroup;
  managedPolicies: IManagedPolicy[];
  instanceType: InstanceType;
  image: IMachineImage;
  /** Name of the image's root device. */
  rootDevice: string;
  userData?: UserData | undefined;
  volumeGiB: number;
  volumeKey?: IKey | undefined;
  metadataHopLimit: number;
  min: number;
  max: number;
  desired?: number | undefined;
  /** 0: no hook. */
  hooks: { launchSeconds: number; terminationSeconds: number };
}

/**
 * Machines of one role as an Auto Scaling group. It launches and terminates them; what is on them is the operations' business. Nothing here
 * replaces a machine because its launch template changed: there is no update policy and no instance refresh. Nor does it register machines in a
 * target group, which operations do when an API server is about to serve.
 */
export class NodeGroup extends Construct {
  readonly autoScalingGroup: AutoScalingGroup;

  constructor(scope: Construct, id: string, props: NodeGroupProps) {
    super(scope, id);
    const { role, vpc, subnets, min, max, desired } = props;
    const isControlPlane = role === 'control-plane';
    this.autoScalingGroup = new AutoScalingGroup(this, 'Group', {
      vpc,
      vpcSubnets: subnets,
      launchTemplate: launchTemplate(this, props),
      minCapacity: min,
      maxCapacity: max,
      ...(desired !== undefined && { desiredCapacity: desired }),
      // The end of a control plane is an operation with etcd's quorum in view, not a scale-in or a rebalancing of zones.
      newInstancesProtectedFromScaleIn: isControlPlane,
    });
    Validations.of(this.autoScalingGroup).acknowledge({
      id: 'AwsSolutions-AS3',
      reason: 'EventBridge tells of launches and terminations; a topic would tell the same once more.',
    });
    if (isControlPlane) {
      // A removal that is abandoned leaves the machine there, stopped or running, for a person to look at.
      (this.autoScalingGroup.node.defaultChild as CfnAutoScalingGroup).instanceLifecyclePolicy = {
        retentionTriggers: { terminateHookAbandon: 'retain' },
      };
    }
    this.addHooks(isControlPlane, props.hooks);
    const tags = {
      [CLUSTER_TAG]: props.cluster,
      [ROLE_TAG]: role,
      [GROUP_TAG]: props.group,
    };
    // Volumes too.
    Tags.of(this).add('Name', `${props.cluster}-${props.group}`);
    for (const [key, value] of Object.entries(tags))
      Tags.of(this.autoScalingGroup).add(key, value, { applyToLaunchedInstances: true });
  }

  private addHooks(isControlPlane: boolean, { launchSeconds, terminationSeconds }: NodeGroupProps['hooks']): void {
    if (launchSeconds > 0)
      this.autoScalingGroup.addLifecycleHook('Launch', {
        lifecycleTransition: LifecycleTransition.INSTANCE_LAUNCHING,
        heartbeatTimeout: Duration.seconds(launchSeconds),
        // A machine that did not join is of no use.
        defaultResult: DefaultResult.ABANDON,
      });
    if (terminationSeconds > 0)
      this.autoScalingGroup.addLifecycleHook('Termination', {
        lifecycleTransition: LifecycleTransition.INSTANCE_TERMINATING,
        heartbeatTimeout: Duration.seconds(terminationSeconds),
        // A control plane is retained where nobody has removed it in time; a worker goes.
        defaultResult: isControlPlane ? DefaultResult.ABANDON : DefaultResult.CONTINUE,
      });
  }
}

function launchTemplate(scope: Construct, props: NodeGroupProps): LaunchTemplate {
  const { volumeKey } = props;
  return new LaunchTemplate(scope, 'Template', {
    instanceType: props.instanceType,
    machineImage: props.image,
    ...(props.userData && { userData: props.userData }),
    role: nodeRole(scope, 'Role', props),
    securityGroup: props.securityGroup,
    associatePublicIpAddress: false,
    httpEndpoint: true,
    httpTokens: LaunchTemplateHttpTokens.REQUIRED,
    httpPutResponseHopLimit: props.metadataHopLimit,
    ebsOptimized: true,
    blockDevices: [
      {
        deviceName: props.rootDevice,
        volume: BlockDeviceVolume.ebs(props.volumeGiB, {
          volumeType: EbsDeviceVolumeType.GP3,
          encrypted: true,
          ...(volumeKey && { kmsKey: volumeKey }),
        }),
      },
    ],
  });
}
