import type { Duration } from 'aws-cdk-lib';
import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { CfnRole } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import { DefinitionBody, LogLevel, QueryLanguage, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledge';
import { APP } from './names';

export interface WorkflowProps {
  /** Without the prefix `kubeadm-autopilot-`. */
  name: string;
  comment: string;
  timeout: Duration;
  /** Makes the states, in `scope`, and says with which one it begins. */
  definition(scope: Construct): IChainable;
}

/** A standard state machine in JSONata with this app's defaults: a fixed name, everything logged, traced, with a time limit. */
export class Workflow extends StateMachine {
  constructor(scope: Construct, id: string, props: WorkflowProps) {
    const name = `${APP}-${props.name}`;
    super(scope, id, {
      stateMachineName: name,
      comment: props.comment,
      definitionBody: DefinitionBody.fromChainable(props.definition(new Construct(scope, `${id}States`))),
      queryLanguage: QueryLanguage.JSONATA,
      timeout: props.timeout,
      tracingEnabled: true,
      logs: {
        level: LogLevel.ALL,
        // With inputs and outputs: whoever is on call needs them, and no secret ever enters a state.
        includeExecutionData: true,
        destination: new LogGroup(scope, `${id}Logs`, {
          // Below this prefix all state machines of an account share one resource policy, which has a size limit.
          logGroupName: `/aws/vendedlogs/states/${name}`,
          retention: RetentionDays.THREE_MONTHS,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      },
    });
    trustOnly(this, name);
    acknowledgeWildcards(
      this,
      ['*'],
      'Log delivery of Step Functions, X-Ray and the reading calls of SSM know no resources.',
    );
  }
}

/** Step Functions may assume the role for this state machine alone: whoever may pass roles cannot give it to one of their own. */
function trustOnly(stateMachine: StateMachine, stateMachineName: string): void {
  const arn = Stack.of(stateMachine).formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: stateMachineName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  // The CDK writes the condition with any state machine of the account.
  const role = stateMachine.role.node.defaultChild as CfnRole;
  role.addPropertyOverride('AssumeRolePolicyDocument.Statement.0.Condition.ArnLike', { 'aws:SourceArn': arn });
}
