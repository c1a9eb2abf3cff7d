import { IntegrationPattern, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { NamedInstance } from '../../lambdas/contracts/node';
import type { NodeResult, OperationLock, RunOnNodesInput } from '../../lambdas/contracts/run-on-nodes';
import type { Assignment } from '../foundation/assign';
import { assignments, set } from '../foundation/assign';
import { context } from '../foundation/context';
import type { Expression, Payload, Reference, Sequence, Variable } from '../foundation/expressions';
import { jsonata, list, pick, referTo, render } from '../foundation/expressions';
import type { NodeStepName, NodeStepParameters } from './node-steps';
import { NODE_STEPS } from './node-steps';
import { documentName } from './node-step-document';
import type { RunOnNodes } from './run-on-nodes';

export interface RunOnNodesTaskProps<Step extends NodeStepName> {
  step: Step;
  /** One or several. */
  nodes: Expression<Sequence<NamedInstance> | readonly NamedInstance[] | NamedInstance>;
  /** For the script's parameters. */
  parameters: { [Name in keyof NodeStepParameters<Step>]: Payload<string> };
  /** false (default): the first node that fails fails the task; true: it is reported in its result. */
  tolerateFailures?: boolean;
  /** The cluster's name; needed for steps that change a node. The lock has to be held by this execution. */
  lockOf?: Expression<string>;
  /** The same for a machine that works for an operation, which holds the lock. */
  lock?: Expression<OperationLock>;
  /** The node that the step is about, where it runs on another one. */
  about?: Reference<NamedInstance>;
  /** Takes the nodes' results. */
  assignTo?: Variable<NodeResult[]>;
  /** Further variables. */
  assign?: Assignment[];
  /** The state's output, where another state reads it: a Map does. Default: what RunOnNodes answers. */
  outputs?: Expression<unknown>;
}

/** The nodes' results, in the `assign` and `outputs` of a state that runs a node step. */
export const nodeResults = referTo<NodeResult[]>('$states.result.Output.nodes');

/** The lock of the cluster, held by this execution. */
export const lockOfThis = (cluster: Expression<string>): Payload<OperationLock> => ({
  cluster,
  holder: context.Execution.Id,
  since: context.Execution.StartTime,
});

/** A state that runs a node step through RunOnNodes and waits for all nodes' results. */
export function runOnNodesTask<Step extends NodeStepName>(
  scope: Construct,
  name: string,
  runOnNodes: RunOnNodes,
  props: RunOnNodesTaskProps<Step>,
): StepFunctionsStartExecution {
  const step = NODE_STEPS[props.step];
  if (step.changesNode && !props.lockOf && !props.lock)
    throw new Error(`"${name}" runs ${props.step}, which changes nodes: it needs lockOf or lock.`);
  const input: Payload<RunOnNodesInput> = {
    document: documentName(props.step),
    nodes: list(pick(props.nodes, 'instanceId', 'name')),
    parameters: props.parameters as Payload<Record<string, string>>,
    deliverySeconds: step.deliverySeconds,
    executionSeconds: step.executionSeconds,
    tolerateFailures: props.tolerateFailures ?? false,
    lock: props.lockOf ? lockOfThis(props.lockOf) : props.lock,
    about: props.about && { instanceId: props.about.instanceId, name: props.about.name },
  };
  return StepFunctionsStartExecution.jsonata(scope, name, {
    stateMachine: runOnNodes,
    integrationPattern: IntegrationPattern.RUN_JOB,
    associateWithParent: true,
    input: TaskInput.fromObject(render(input) as Record<string, unknown>),
    outputs: props.outputs && jsonata(props.outputs),
    assign: assignments([...(props.assign ?? []), ...(props.assignTo ? [set(props.assignTo, list(nodeResults))] : [])]),
  });
}
