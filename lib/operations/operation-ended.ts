import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { LambdaFunction } from '../foundation/lambda-function';
import { describeExecutions, stateMachineArns } from '../foundation/operation-arns';
import { changeTargets } from '../foundation/permissions';
import { deleteSecrets, tell, useLock } from './operation-functions';

export interface OperationEndedProps {
  lockTable: ITable;
  eventBus: IEventBus;
  topic: ITopic;
  /** Started for an operation that drains nodes. */
  uncordonNodes: IStateMachine;
}

/**
 * Puts back what is out of a load balancer and gives the lock back when an operation ended without coming to its own end: stopped by a person, out of time, or failed in a way that
 * its Catch could not catch.
 */
export class OperationEnded extends Construct {
  constructor(scope: Construct, id: string, { lockTable, eventBus, topic, uncordonNodes }: OperationEndedProps) {
    super(scope, id);
    const onOperationEnded = new LambdaFunction(this, 'OnOperationEnded', {
      name: 'on-operation-ended',
      description:
        'Puts nodes back into their load balancer and gives the lock back after an operation that was stopped or ran out of time',
      environment: {
        LOCK_TABLE: lockTable.tableName,
        BUS_NAME: eventBus.eventBusName,
        TOPIC_ARN: topic.topicArn,
        UNCORDON_NODES: uncordonNodes.stateMachineArn,
        STATE_MACHINES: JSON.stringify(stateMachineArns(this)),
      },
      permissions: [
        useLock(lockTable, 'Get', 'Delete'),
        ...changeTargets(this, 'Register'),
        deleteSecrets(this),
        describeExecutions(this),
        { actions: ['events:PutEvents'], resources: [eventBus.eventBusArn] },
        tell(topic),
        { actions: ['states:StartExecution'], resources: [uncordonNodes.stateMachineArn] },
      ],
    });
    new Rule(this, 'Ended', {
      description: 'An operation of this app did not succeed',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          status: ['FAILED', 'ABORTED', 'TIMED_OUT'],
          stateMachineArn: Object.values(stateMachineArns(this)),
        },
      },
      targets: [new LambdaTarget(onOperationEnded)],
    });
  }
}
