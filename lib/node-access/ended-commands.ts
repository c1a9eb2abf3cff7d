import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { LambdaFunction } from '../foundation/lambda-function';
import { APP } from '../foundation/names';

/** SSM's event at the end of a command wakes up the execution of RunOnNodes that waits for it. Events may get lost. */
export function hearOfEndedCommands(scope: Construct, runOnNodes: IStateMachine): void {
  const completeCommand = new LambdaFunction(scope, 'CompleteCommand', {
    name: 'complete-command',
    description: 'Tells a waiting RunOnNodes execution that its command has ended',
    permissions: [
      { actions: ['states:SendTaskSuccess'], resources: [runOnNodes.stateMachineArn] },
      {
        actions: ['ssm:ListCommands'],
        resources: ['*'],
        because: 'IAM has no resource-level permissions for listing commands.',
      },
    ],
  });
  new Rule(scope, 'CommandEnded', {
    description: 'A command with one of the documents of this app has changed its status',
    eventPattern: {
      source: ['aws.ssm'],
      detailType: ['EC2 Command Status-change Notification'],
      detail: { 'document-name': [{ prefix: `${APP}-` }] },
    },
    targets: [new LambdaTarget(completeCommand)],
  });
}
