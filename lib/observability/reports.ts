import { Duration } from 'aws-cdk-lib';
import { Rule, type IEventBus } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { LambdaFunction } from '../foundation/lambda-function';
import { describeExecutions, readHistories, readNestedHistories, stateMachineArns } from '../foundation/operation-arns';
import type { OperationsBucket } from '../foundation/operations-bucket';

export interface ReportsProps {
  operationsBucket: OperationsBucket;
  /** Hears of each report that is written. */
  eventBus: IEventBus;
}

/** Keeps the report of each operation in the operations bucket: Step Functions forgets an execution after 90 days. */
export class Reports extends Construct {
  constructor(scope: Construct, id: string, { operationsBucket, eventBus }: ReportsProps) {
    super(scope, id);
    const writeReport = new LambdaFunction(this, 'WriteReport', {
      name: 'write-report',
      description: 'Writes the report of an operation that has ended into the operations bucket',
      // It reads histories of up to 5,000 events, of up to a thousand executions.
      timeout: Duration.minutes(10),
      environment: {
        BUS_NAME: eventBus.eventBusName,
        OPERATIONS_BUCKET: operationsBucket.bucketName,
        STATE_MACHINES: JSON.stringify(stateMachineArns(this)),
      },
      permissions: [
        describeExecutions(this),
        readHistories(this),
        readNestedHistories(this),
        ...operationsBucket.writeReports(),
        { actions: ['events:PutEvents'], resources: [eventBus.eventBusArn] },
      ],
    });
    new Rule(this, 'Ended', {
      description: 'An operation has ended',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          status: ['SUCCEEDED', 'FAILED', 'ABORTED', 'TIMED_OUT'],
          stateMachineArn: Object.values(stateMachineArns(this)),
        },
      },
      targets: [new LambdaTarget(writeReport)],
    });
  }
}
