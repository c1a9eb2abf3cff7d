import { Duration, Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { EventPattern, IEventBus } from 'aws-cdk-lib/aws-events';
import { Match, Rule } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Choice, Errors, Pass, Succeed, Wait, WaitTime } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { clusterParameterName } from '../../lambdas/contracts/cluster-config';
import type { FollowedLifecycle, FollowLifecycleInput, LifecycleProgress } from '../../lambdas/contracts/lifecycle';
import { HOOK_PREFIX } from '../../lambdas/contracts/lifecycle';
import { assignments, set } from '../foundation/assign';
import { context } from '../foundation/context';
import { condition, is, jsonata, variable } from '../foundation/expressions';
import { acknowledgeVersionsOf, LambdaFunction } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';
import { describeExecutions, LIFECYCLE, stateMachineArns } from '../foundation/operation-arns';
import { Workflow } from '../foundation/workflow';
import { tell, useLock } from '../operations/operation-functions';

export interface LifecycleEventsProps {
  startOperation: IFunction;
  lockTable: ITable;
  eventBus: IEventBus;
  topic: ITopic;
}

const followed = variable<FollowedLifecycle>('followed');

/**
 * What happens to instances by themselves leads to join-node and remove-node: Auto Scaling launches or terminates one, Spot takes one back, AWS
 * retires one. Each event is followed by an execution of its own until its operation has ended and its lifecycle hook is completed.
 */
export class LifecycleEvents extends Construct {
  /** Its executions fail where AWS itself could not be asked for long. */
  readonly stateMachine: Workflow;

  constructor(scope: Construct, id: string, props: LifecycleEventsProps) {
    super(scope, id);
    const follow = followFunction(this, props);
    this.stateMachine = new Workflow(this, 'StateMachine', {
      name: LIFECYCLE,
      comment: 'Follows an event of an instance until its node has joined or left',
      // No lifecycle hook waits longer.
      timeout: Duration.hours(48),
      definition: (states) => definition(states, follow),
    });
    acknowledgeVersionsOf(this.stateMachine, follow);
    for (const [name, { description, eventPattern }] of Object.entries(RULES))
      new Rule(this, name, { description, eventPattern, targets: [new SfnStateMachine(this.stateMachine)] });
  }
}

const RULES: Record<string, { description: string; eventPattern: EventPattern }> = {
  Hook: {
    description: 'A lifecycle hook of this app waits in an Auto Scaling group',
    eventPattern: {
      source: ['aws.autoscaling'],
      detailType: ['EC2 Instance-launch Lifecycle Action', 'EC2 Instance-terminate Lifecycle Action'],
      detail: { LifecycleHookName: Match.prefix(HOOK_PREFIX) },
    },
  },
  Interruption: {
    description: 'EC2 takes a Spot instance back in two minutes',
    eventPattern: { source: ['aws.ec2'], detailType: ['EC2 Spot Instance Interruption Warning'] },
  },
  Retirement: {
    description: 'AWS is going to retire an instance',
    eventPattern: {
      source: ['aws.health'],
      detailType: ['AWS Health Event'],
      detail: {
        service: ['EC2'],
        eventTypeCode: ['AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED', 'AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED'],
      },
    },
  },
};

function definition(states: Construct, follow: LambdaFunction<FollowLifecycleInput, FollowedLifecycle>) {
  const begin = Pass.jsonata(states, 'Take the event', {
    assign: assignments([
      set(followed, {
        progress: { index: 0, attempt: 1 } satisfies LifecycleProgress,
        ...{ next: 'look', waitSeconds: 1, said: 'Nothing has been looked at yet.' },
      }),
    ]),
  });
  const look = lambdaTask(states, 'See what it has led to', {
    lambdaFunction: follow,
    payload: {
      event: context.Execution.Input,
      execution: context.Execution.Id,
      progress: followed.progress,
    },
    assignTo: followed,
  });
  // An instance waits for it: AWS may be out of reach for hours.
  look.addRetry({
    errors: [Errors.ALL],
    interval: Duration.seconds(15),
    maxDelay: Duration.minutes(5),
    backoffRate: 2,
    maxAttempts: 60,
  });
  const wait = Wait.jsonata(states, 'Wait before the next look', {
    time: WaitTime.seconds(jsonata(followed.waitSeconds)),
  });
  const done = Succeed.jsonata(states, 'The event is done', { outputs: { said: jsonata(followed.said) } });
  const isDone = Choice.jsonata(states, 'Is it done?').when(condition(is(followed.next, 'end')), done);
  isDone.otherwise(wait.next(look));
  return begin.next(look).next(isDone);
}

function followFunction(
  scope: Construct,
  { startOperation, lockTable, eventBus, topic }: LifecycleEventsProps,
): LambdaFunction<FollowLifecycleInput, FollowedLifecycle> {
  const stack = Stack.of(scope);
  return new LambdaFunction(scope, 'FollowLifecycleEvent', {
    name: 'follow-lifecycle-event',
    description: 'Looks at what an event of an instance has led to, and takes the next step',
    environment: {
      START_OPERATION: startOperation.functionArn,
      STATE_MACHINES: JSON.stringify(stateMachineArns(scope)),
      LOCK_TABLE: lockTable.tableName,
      BUS_NAME: eventBus.eventBusName,
      TOPIC_ARN: topic.topicArn,
    },
    permissions: [
      {
        actions: ['autoscaling:CompleteLifecycleAction', 'autoscaling:RecordLifecycleActionHeartbeat'],
        resources: [stack.formatArn({ service: 'autoscaling', resource: 'autoScalingGroup:*:autoScalingGroupName/*' })],
        because: "Auto Scaling groups are others': only hooks whose names begin with kubeadm-autopilot lead here.",
      },
      {
        actions: ['ec2:DescribeInstances', 'ssm:DescribeInstanceInformation'],
        resources: ['*'],
        because: 'These actions have no resource-level permissions.',
      },
      {
        actions: ['ssm:GetParameter'],
        resources: [
          stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: clusterParameterName('*').slice(1) }),
        ],
        because: 'The settings of the cluster whose tag the instance has.',
      },
      useLock(lockTable, 'Get'),
      // Whose turn it is, and no cluster's lock.
      {
        ...useLock(lockTable, 'Put', 'Delete'),
        conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['*/lifecycle'] } },
      },
      describeExecutions(scope),
      { actions: ['lambda:InvokeFunction'], resources: [startOperation.functionArn] },
      { actions: ['events:PutEvents'], resources: [eventBus.eventBusArn] },
      tell(topic),
    ],
  });
}
