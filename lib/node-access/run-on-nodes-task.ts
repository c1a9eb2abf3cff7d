import { IntegrationPattern, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { RunOnNodesInput } from '../../lambdas/contracts/run-on-nodes';
import { jsonata } from '../foundation/jsonata';
import type { NodeStepName, NodeStepParameters } from './node-steps';
import { NODE_STEPS } from './node-steps';
import { documentName } from './node-step-document';
import type { RunOnNodes } from './run-on-nodes';

export interface RunOnNodesTaskProps<Step extends NodeStepName> {
  step: Step;
  /** JSONata: a list of {instanceId, name}. */
  nodes: string;
  /** Values, or JSONata in {% %}, for the script's parameters. */
  parameters: NodeStepParameters<Step>;
  /** false (default): the first node that fails fails the task; true: it is reported in its result. */
  tolerateFailures?: boolean;
  /** JSONata for the cluster's name; needed for steps that change a node. The lock has to be held by this execution. */
  lockOf?: string;
  /** Variable that takes the list of NodeResult. */
  assignTo?: string;
  /** Further variables. */
  assign?: Record<string, unknown>;
  /** The state's output, where somebody reads it: a Map does. Default: what RunOnNodes answers. */
  outputs?: unknown;
}

/** A state that runs a node step through RunOnNodes and waits for all nodes' results. */
export function runOnNodesTask<Step extends NodeStepName>(
  scope: Construct,
  name: string,
  runOnNodes: RunOnNodes,
  props: RunOnNodesTaskProps<Step>,
): StepFunctionsStartExecution {
  const step = NODE_STEPS[props.step];
  if (step.changesNode && !props.lockOf)
    throw new Error(`"${name}" runs ${props.step}, which changes nodes: it needs lockOf.`);
  const lock = props.lockOf && {
    cluster: jsonata(props.lockOf),
    holder: jsonata('$states.context.Execution.Id'),
    since: jsonata('$states.context.Execution.StartTime'),
  };
  // Values are JSONata here and so have other types than RunOnNodesInput; its names are what counts.
  const input: Record<keyof RunOnNodesInput, unknown> = {
    document: documentName(props.step),
    nodes: jsonata(`[${props.nodes}.{"instanceId": instanceId, "name": name}]`),
    parameters: props.parameters,
    deliverySeconds: step.deliverySeconds,
    executionSeconds: step.executionSeconds,
    tolerateFailures: props.tolerateFailures ?? false,
    lock: lock || undefined,
  };
  return StepFunctionsStartExecution.jsonata(scope, name, {
    stateMachine: runOnNodes,
    integrationPattern: IntegrationPattern.RUN_JOB,
    associateWithParent: true,
    input: TaskInput.fromObject(input),
    outputs: props.outputs,
    assign: { ...props.assign, ...(props.assignTo && { [props.assignTo]: jsonata('[$states.result.Output.nodes]') }) },
  });
}
