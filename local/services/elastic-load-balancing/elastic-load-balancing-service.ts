import { z } from 'zod';
import type { AwsAction, AwsOutput, AwsService } from '../../aws/aws-call';
import { AwsError } from '../../aws/aws-call';
import { checkedAction } from '../../aws/checked-action';
import { paginate } from '../../aws/paginate';
import type { Node } from '../../nodes/node';
import type { Target, TargetGroup } from '../../nodes/target-group';
import {
  describeAttributes as describeAttributesOf,
  describeTargetGroup,
  describeTargetHealth,
  findTargetGroup,
  targetGroupArn,
} from './target-groups';

/** API_DescribeTargetGroups. */
const MOST_ON_A_PAGE = 400;

const describeGroups = z.strictObject({
  TargetGroupArns: z.array(z.string()).optional(),
  Names: z.array(z.string()).optional(),
  PageSize: z.number().int().min(1).max(MOST_ON_A_PAGE).default(MOST_ON_A_PAGE),
  Marker: z.string().optional(),
});
const target = z.strictObject({ Id: z.string().min(1), Port: z.number().int().min(1).max(65535).optional() });
const describeHealth = z.strictObject({ TargetGroupArn: z.string(), Targets: z.array(target).optional() });
const describeAttributes = z.strictObject({ TargetGroupArn: z.string() });
const targetsOfGroup = z.strictObject({ TargetGroupArn: z.string(), Targets: z.array(target).min(1) });
type TargetsOfGroup = z.output<typeof targetsOfGroup>;

/** Elastic Load Balancing (v2), as far as it is about target groups: find them, see their targets' health, take targets out and in. */
export class ElasticLoadBalancingService implements AwsService {
  readonly name = 'elasticloadbalancing';

  /** `groups` and `nodes` may grow and shrink later. */
  constructor(
    private readonly groups: TargetGroup[],
    private readonly nodes: Node[],
  ) {}

  readonly actions: Record<string, AwsAction> = {
    DescribeTargetGroups: checkedAction('DescribeTargetGroups', describeGroups, {
      run: (input) => this.describeTargetGroups(input),
    }),
    DescribeTargetHealth: checkedAction('DescribeTargetHealth', describeHealth, {
      run: ({ TargetGroupArn: arn, Targets: asked }) => this.describeTargetHealth(arn, asked),
    }),
    DescribeTargetGroupAttributes: checkedAction('DescribeTargetGroupAttributes', describeAttributes, {
      run: async ({ TargetGroupArn: arn }) => describeAttributesOf(findTargetGroup(this.groups, arn)),
    }),
    RegisterTargets: this.onGroup('RegisterTargets', (group, id, port) => {
      this.assertCanRegister(group, id);
      return group.register(id, port);
    }),
    DeregisterTargets: this.onGroup('DeregisterTargets', (group, id, port) => group.deregister(id, port)),
  };

  private describeTargetGroups(input: z.output<typeof describeGroups>): AwsOutput {
    const { TargetGroupArns: arns, Names: names, PageSize: most, Marker: marker } = input;
    if (arns && names) {
      throw new AwsError('ValidationError', 'Target group ARNs and target group names cannot be specified together');
    }
    const found = arns
      ? arns.map((arn) => findTargetGroup(this.groups, arn))
      : names
        ? names.map((name) => findTargetGroup(this.groups, name, (group) => group.name))
        : this.groups;
    const { items, NextToken } = paginate(found, most, marker);
    return { TargetGroups: items.map(describeTargetGroup), ...(NextToken && { NextMarker: NextToken }) };
  }

  private async describeTargetHealth(arn: string, asked?: z.output<typeof target>[]): Promise<AwsOutput> {
    const group = findTargetGroup(this.groups, arn);
    const all = (await group.targets()).map((each): Target =>
      group.isInUse || each.state === 'draining' ? each : { ...each, state: 'unused', reason: 'Target.NotInUse' },
    );
    const shown = asked?.map(({ Id: id, Port: port = group.port }): Target => {
      const registered = all.find((each) => each.id === id && each.port === port);
      return registered ?? { id, port, state: 'unused', reason: 'Target.NotRegistered' };
    });
    return { TargetHealthDescriptions: (shown ?? all).map(describeTargetHealth) };
  }

  /** An action on targets of a group, allowed by the group. All targets are looked at before any is changed. */
  private onGroup(action: string, run: (group: TargetGroup, id: string, port: number) => Promise<void>): AwsAction {
    return checkedAction(action, targetsOfGroup, {
      permissions: ({ TargetGroupArn: arn }) => [{ action: `elasticloadbalancing:${action}`, resource: arn }],
      run: async ({ TargetGroupArn: arn, Targets: targets }: TargetsOfGroup) => {
        const group = findTargetGroup(this.groups, arn);
        for (const { Id: id } of targets) this.assertIsTarget(group, id);
        for (const { Id: id, Port: port = group.port } of targets) await run(group, id, port);
        return {};
      },
    });
  }

  private assertIsTarget(group: TargetGroup, id: string): void {
    const isAddress = /^\d{1,3}(\.\d{1,3}){3}$/.test(id);
    if (group.targetType === 'ip' && !isAddress)
      throw new AwsError('ValidationError', `The IP address '${id}' is not a valid IPv4 address`);
    if (group.targetType === 'instance' && !this.nodes.some(({ instanceId }) => instanceId === id))
      throw new AwsError('InvalidTargetException', `Instance ID '${id}' is not valid`);
  }

  private assertCanRegister(group: TargetGroup, id: string): void {
    const isOff = group.targetType === 'instance' && this.nodes.some((node) => node.instanceId === id && !node.isOn);
    if (isOff) {
      throw new AwsError(
        'InvalidTargetException',
        `The following targets are not in a running state and cannot be registered: '${id}'`,
      );
    }
  }
}

export { targetGroupArn };
