import { z } from 'zod';
import type { AwsAction, AwsService } from '../../aws/aws-call';
import { ACCOUNT, AwsError, REGION } from '../../aws/aws-call';
import { checkedAction } from '../../aws/checked-action';

/** A lifecycle hook that waits, as the event of it has told. */
export interface LifecycleAction {
  group: string;
  hook: string;
  token: string;
  /** What it was told at the end. */
  result?: string;
  beats: number;
}

/** An Auto Scaling group, as far as the doctor asks. */
export interface AutoScalingGroup {
  name: string;
  retains: boolean;
  instances: { instanceId: string; isProtected: boolean }[];
}

const hook = z.strictObject({
  AutoScalingGroupName: z.string().min(1).max(255),
  LifecycleHookName: z.string().min(1).max(255),
  LifecycleActionToken: z.uuid(),
});
const described = z.strictObject({ AutoScalingGroupNames: z.array(z.string().min(1).max(255)).min(1).max(50) });
const completion = hook.extend({ LifecycleActionResult: z.enum(['CONTINUE', 'ABANDON']) });

/**
 * Auto Scaling, as far as the answers to lifecycle hooks go, and what the doctor asks of groups: it launches and ends nothing, whoever injects
 * an event says which hooks wait.
 */
export class AutoScalingService implements AwsService {
  readonly name = 'autoscaling';
  /** By token. */
  readonly waiting: LifecycleAction[] = [];
  readonly groups: AutoScalingGroup[] = [];

  readonly actions: Record<string, AwsAction> = {
    CompleteLifecycleAction: this.onAction('CompleteLifecycleAction', completion, (action, input) => {
      action.result = (input as z.output<typeof completion>).LifecycleActionResult;
    }),
    DescribeAutoScalingGroups: checkedAction('DescribeAutoScalingGroups', described, {
      permissions: () => [{ action: 'autoscaling:DescribeAutoScalingGroups', resource: '*' }],
      run: ({ AutoScalingGroupNames: names }) => ({
        AutoScalingGroups: this.groups.filter(({ name }) => names.includes(name)).map(describeGroup),
      }),
    }),
    RecordLifecycleActionHeartbeat: this.onAction('RecordLifecycleActionHeartbeat', hook, (action) => {
      action.beats += 1;
    }),
  };

  private onAction<S extends typeof hook>(
    name: string,
    schema: S,
    run: (action: LifecycleAction, input: z.output<S>) => void,
  ): AwsAction {
    return checkedAction(name, schema, {
      permissions: (input) => [
        {
          action: `autoscaling:${name}`,
          resource: `arn:aws:autoscaling:${REGION}:${ACCOUNT}:autoScalingGroup:00000000-0000-0000-0000-000000000000:autoScalingGroupName/${input.AutoScalingGroupName}`,
        },
      ],
      run: (input) => {
        const action = this.waiting.find(
          ({ group, hook: called, token, result }) =>
            result === undefined &&
            group === input.AutoScalingGroupName &&
            called === input.LifecycleHookName &&
            token === input.LifecycleActionToken,
        );
        if (!action)
          throw new AwsError(
            'ValidationError',
            `No active Lifecycle Action found with token ${input.LifecycleActionToken}`,
          );
        run(action, input);
        return {};
      },
    });
  }
}

const describeGroup = ({ name, retains, instances }: AutoScalingGroup) => ({
  AutoScalingGroupName: name,
  InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: retains ? 'retain' : 'terminate' } },
  Instances: instances.map(({ instanceId, isProtected }) => ({
    InstanceId: instanceId,
    ProtectedFromScaleIn: isProtected,
  })),
});
