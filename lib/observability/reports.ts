import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { LambdaFunction, type Permission } from '../foundation/lambda-function';
import { APP } from '../foundation/names';
import { describeExecutions, readHistories, stateMachineArns } from '../foundation/operation-arns';
import type { OperationsBucket } from '../foundation/operations-bucket';

/** Keeps the report of each operation in the operations bucket: Step Functions forgets an execution after 90 days. */
export class Reports extends Construct {
  constructor(scope: Construct, id: string, operationsBucket: OperationsBucket) {
    super(scope, id);
    const writeReport = new LambdaFunction(this, 'WriteReport', {
      name: 'write-report',
      description: 'Writes the report of an operation that has ended into the operations bucket',
      // It reads histories of up to 5,000 events, of up to a thousand executions.
      timeout: Duration.minutes(10),
      environment: {
        OPERATIONS_BUCKET: operationsBucket.bucketName,
        STATE_MACHINES: JSON.stringify(stateMachineArns(this)),
      },
      permissions: [
        describeExecutions(this),
        readHistories(this),
        this.readNested(),
        ...operationsBucket.writeReports(),
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

  /** Those of the executions that do a part of an operation's work. */
  private readNested(): Permission {
    return {
      actions: ['states:GetExecutionHistory'],
      resources: NESTED.map((name) =>
        Stack.of(this).formatArn({
          ...{ service: 'states', resource: 'execution', resourceName: `${APP}-${name}:*` },
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ),
      because: 'Any execution that an operation ran: their names are not known beforehand.',
    };
  }
}

const NESTED = ['run-on-nodes', 'upgrade-workers', 'upgrade-worker'];
