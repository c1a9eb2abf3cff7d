import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { IntegrationPattern, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct, IConstruct } from 'constructs';
import { acknowledgeWildcards } from './acknowledge';
import type { Assignment } from './assign';
import { assignments } from './assign';
import type { Expression, Payload } from './expressions';
import { jsonata, render } from './expressions';
import type { WorkflowProps } from './workflow';
import { Workflow } from './workflow';

export interface NestedWorkflowProps extends WorkflowProps {
  /** The state machines that it runs. */
  runs: IStateMachine[];
}

/** A state machine that does a part of an operation's work in executions of its own. It holds no lock: the operation does. */
export class NestedWorkflow extends Workflow {
  constructor(scope: Construct, id: string, props: NestedWorkflowProps) {
    super(scope, id, props);
    acknowledgeExecutionsOf(this, ...props.runs);
  }
}

/** A state that runs another state machine and waits for its end. */
export function runWorkflow<Input>(
  scope: Construct,
  name: string,
  {
    stateMachine,
    input,
    outputs,
    assign = [],
  }: {
    stateMachine: IStateMachine;
    input: Payload<Input>;
    outputs?: Expression<unknown>;
    assign?: Assignment[];
  },
): StepFunctionsStartExecution {
  return StepFunctionsStartExecution.jsonata(scope, name, {
    stateMachine,
    integrationPattern: IntegrationPattern.RUN_JOB,
    associateWithParent: true,
    input: TaskInput.fromObject(render(input) as Record<string, unknown>),
    outputs: outputs && jsonata(outputs),
    assign: assignments(assign),
  });
}

/** The CDK lets a state machine that runs another one see and stop each of its executions. */
export function acknowledgeExecutionsOf(runner: IConstruct, ...stateMachines: IStateMachine[]): void {
  for (const stateMachine of stateMachines)
    acknowledgeWildcards(
      runner,
      [executionsOf(stateMachine)],
      'Executions of a state machine of this app, whose names are not known beforehand.',
    );
}

/** As the CDK writes it for a state machine that runs another one. */
function executionsOf(stateMachine: IStateMachine): string {
  const stack = Stack.of(stateMachine);
  const name = stack.splitArn(stateMachine.stateMachineArn, ArnFormat.COLON_RESOURCE_NAME).resourceName;
  return stack.formatArn({
    service: 'states',
    resource: 'execution',
    resourceName: `${name}*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
