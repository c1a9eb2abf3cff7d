import type { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { NamedInstance } from '../../lambdas/contracts/node';
import type { AssessGateInput, GatePurpose, OpenGates } from '../../lambdas/contracts/renewal';
import type { NodeResult } from '../../lambdas/contracts/run-on-nodes';
import type { Expression, Reference, Sequence, Variable } from '../foundation/expressions';
import { list } from '../foundation/expressions';
import type { LambdaFunction } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';

export interface PassGateProps {
  assessGate: LambdaFunction<AssessGateInput, OpenGates>;
  /** What is about to be done: decides which gates have to be passed. */
  purpose: GatePurpose;
  cluster: Expression<string>;
  /** The control plane whose turn it is. */
  node: Reference<NamedInstance>;
  controlPlanes: Expression<Sequence<NamedInstance>>;
  /** Gathered just before. */
  facts: Variable<NodeResult[]>;
}

/** Asks whether this may be done to this control plane now. Fails with GateRefused. */
export function passGate(
  scope: Construct,
  name: string,
  { assessGate, purpose, cluster, node, controlPlanes, facts }: PassGateProps,
): LambdaInvoke {
  return lambdaTask(scope, name, {
    lambdaFunction: assessGate,
    payload: {
      ...{ cluster, purpose },
      node: { instanceId: node.instanceId, name: node.name },
      controlPlanes: list(controlPlanes),
      facts: list(facts),
    },
  });
}
