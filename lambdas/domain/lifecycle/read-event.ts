import * as z from 'zod';

/** A lifecycle hook that waits for an answer. */
export interface Hook {
  group: string;
  name: string;
  token: string;
}

/** Something that happens to instances, and what it is to lead to. */
export interface LifecycleEvent {
  /** interrupted: two minutes are left; retired: days. */
  kind: 'launched' | 'terminated' | 'interrupted' | 'retired';
  /** The same however often the event is delivered. */
  id: string;
  account: string;
  instanceIds: string[];
  hook?: Hook;
  /** It goes into a warm pool, or comes from one without having been a node. */
  isForWarmPool: boolean;
  /** ISO 8601. */
  at: string;
}

const instanceId = z.string().regex(/^i-[0-9a-f]{8,17}$/);
const common = z.object({ id: z.string().min(1), account: z.string(), time: z.iso.datetime({ offset: true }) });

const hookEvent = common.extend({
  source: z.literal('aws.autoscaling'),
  detail: z.object({
    EC2InstanceId: instanceId,
    AutoScalingGroupName: z.string().min(1).max(255),
    LifecycleHookName: z.string().min(1).max(255),
    LifecycleActionToken: z.string().min(1).max(64),
    LifecycleTransition: z.enum(['autoscaling:EC2_INSTANCE_LAUNCHING', 'autoscaling:EC2_INSTANCE_TERMINATING']),
    Origin: z.string().optional(),
    Destination: z.string().optional(),
  }),
});
const interruption = common.extend({
  source: z.literal('aws.ec2'),
  'detail-type': z.literal('EC2 Spot Instance Interruption Warning'),
  detail: z.object({ 'instance-id': instanceId }),
});
const retirement = common.extend({
  source: z.literal('aws.health'),
  detail: z.object({
    eventTypeCode: z.string().regex(/^AWS_EC2_(PERSISTENT_)?INSTANCE_RETIREMENT_SCHEDULED$/),
    statusCode: z.string().optional(),
    affectedEntities: z.array(z.object({ entityValue: z.string() })).max(100),
  }),
});

/** Undefined for what is none of the events that this app knows. */
export function readEvent(event: unknown): LifecycleEvent | undefined {
  const hooked = hookEvent.safeParse(event).data;
  if (hooked) {
    const { detail, account, time } = hooked;
    const isLaunch = detail.LifecycleTransition === 'autoscaling:EC2_INSTANCE_LAUNCHING';
    return {
      ...{ kind: isLaunch ? 'launched' : 'terminated', id: detail.LifecycleActionToken, account, at: time },
      instanceIds: [detail.EC2InstanceId],
      hook: {
        group: detail.AutoScalingGroupName,
        name: detail.LifecycleHookName,
        token: detail.LifecycleActionToken,
      },
      isForWarmPool: (isLaunch ? detail.Destination : detail.Origin) === 'WarmPool',
    };
  }
  const spot = interruption.safeParse(event).data;
  if (spot) {
    const { id, account, time, detail } = spot;
    return {
      ...{ kind: 'interrupted', id, account, at: time, isForWarmPool: false },
      instanceIds: [detail['instance-id']],
    };
  }
  const retired = retirement.safeParse(event).data;
  if (!retired || retired.detail.statusCode === 'closed') return undefined;
  const { id, account, time, detail } = retired;
  const ids = detail.affectedEntities.map(({ entityValue }) => entityValue);
  return {
    ...{ kind: 'retired', id, account, at: time, isForWarmPool: false },
    instanceIds: ids.filter((one) => instanceId.safeParse(one).success),
  };
}
