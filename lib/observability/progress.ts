import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { LambdaFunction } from '../foundation/lambda-function';
import type { RunOnNodes } from '../node-access/run-on-nodes';

/** Puts an event on the app's bus when a step that changes a node begins there, and when it has ended. */
export class Progress extends Construct {
  constructor(scope: Construct, id: string, { runOnNodes, eventBus }: { runOnNodes: RunOnNodes; eventBus: IEventBus }) {
    super(scope, id);
    const tellProgress = new LambdaFunction(this, 'TellProgress', {
      name: 'tell-progress',
      description: 'Puts the beginning and the end of each step on a node on the event bus',
      environment: { BUS_NAME: eventBus.eventBusName },
      permissions: [{ actions: ['events:PutEvents'], resources: [eventBus.eventBusArn] }],
    });
    new Rule(this, 'StepChanged', {
      description: 'A step on nodes has begun or ended',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          stateMachineArn: [runOnNodes.stateMachineArn],
          // Of what changes no node there is nothing to tell.
          input: [{ wildcard: `*"lock":*` }],
        },
      },
      targets: [new LambdaTarget(tellProgress)],
    });
  }
}
