import { Duration } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Choice, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { GivenApproval } from '../../lambdas/contracts/approval';
import type { CreatePlan } from '../../lambdas/contracts/create';
import type { FoundNodes } from '../../lambdas/contracts/find-nodes';
import type { ClusterNode } from '../../lambdas/contracts/node';
import type { OperationInput } from '../../lambdas/contracts/operation';
import type { RemovalPlan, RemovalReport } from '../../lambdas/contracts/remove';
import type { ReplacementPlan, ReplacementReport } from '../../lambdas/contracts/replace';
import type { Replacement } from '../../lambdas/contracts/replacement';
import type { OperationLock } from '../../lambdas/contracts/run-on-nodes';
import type { Assignment } from '../foundation/assign';
import { set } from '../foundation/assign';
import type { Payload } from '../foundation/expressions';
import {
  condition,
  expression,
  fieldsOf,
  is,
  jsonata,
  list,
  object,
  referTo,
  variable,
} from '../foundation/expressions';
import { lambdaTask } from '../foundation/lambda-task';
import type { ClusterLock } from '../foundation/lock';
import { runWorkflow } from '../foundation/nested-workflow';
import { Operation } from '../foundation/operation';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { lockOfThis } from '../node-access/run-on-nodes-task';
import { actOnPlan } from '../phases/act-on-plan';
import { approval, withApproval } from '../phases/approval';
import { phase } from '../phases/chaining';
import { findNodes } from '../phases/find-nodes';
import { withLock } from '../phases/with-lock';
import type { JoinNode } from './join-node';
import type { OperationFunctions } from './operation-functions';
import type { RemoveFunctions } from './remove-functions';
import type { RemoveNode } from './remove-node';

export interface ReplaceNodeProps extends OperationFunctions, Pick<RemoveFunctions, 'planReplacement'> {
  runOnNodes: RunOnNodes;
  lock: ClusterLock;
  eventBus: IEventBus;
  topic: ITopic;
  joinNode: JoinNode;
  removeNode: RemoveNode;
}

const found = variable<FoundNodes<'replace-node'>>('found');
const removal = variable<RemovalPlan>('removalPlan');
const join = variable<CreatePlan>('joinPlan');
const plan = variable<ReplacementPlan>('plan');
const approved = variable<GivenApproval>('approval');
const warnings = variable<string[]>('warnings');

/**
 * Lets a machine take the place of a node: it joins, then the node leaves for good. A dead node is removed first, because etcd takes no new
 * member while one is away. Both are executions of join-node and remove-node, under the lock of this one. Nothing changes before the gates of
 * both have passed. Started again, or redriven, it goes on: each half knows what is done. Input: OperationInput; output: ReplacementReport.
 */
export class ReplaceNode extends Operation {
  constructor(scope: Construct, id: string, props: ReplaceNodeProps) {
    super(scope, id, {
      operation: 'replace-node',
      comment: 'Lets a machine take the place of a node of its cluster',
      // What a join and a removal may take.
      // Three days more may be spent on waiting for approval.
      timeout: Duration.hours(84),
      ...props,
      functions: [
        ...[props.findNodes, props.planReplacement, props.takeOverLock],
        ...[props.requestApproval, props.awaitApproval],
      ],
      runs: [props.joinNode, props.removeNode],
      steps: (states) => steps(states, props),
    });
  }
}

/** What both halves are told. */
type Half = Payload<{ planOnly: boolean; replacement: Replacement }> & object;

function steps(states: Construct, props: ReplaceNodeProps) {
  const { joinNode, removeNode } = props;
  const operation = 'replace-node';
  const { cluster, config, options } = found;
  const leaves = (name: string, half: Half, assign: Assignment[]) =>
    runWorkflow<OperationInput<'remove-node'>>(states, name, {
      stateMachine: removeNode,
      input: { cluster, node: options.node, force: options.force, ...half },
      outputs: expression`{}`,
      assign,
    });
  const joins = (name: string, half: Half, assign: Assignment[] = []) =>
    runWorkflow<OperationInput<'join-node'>>(states, name, {
      stateMachine: joinNode,
      input: { cluster, nodes: [options.with], ...half },
      outputs: expression`{}`,
      assign,
    });
  const { instanceId, name } = fieldsOf<ClusterNode>();
  const machine = expression<string>`[$append(${found.controlPlanes}, ${found.workers})[${instanceId} = ${options.with} or ${name} = ${options.with}].instanceId, ${options.with}][0]`;

  const find = findNodes(states, { operation, findNodes: props.findNodes, assignTo: found });
  const planRemoval = leaves(
    'Plan the removal',
    { planOnly: true, replacement: { node: options.node, with: machine } },
    [set(removal, referTo<RemovalPlan>('$states.result.Output.plan'))],
  );
  const planJoin = joins(
    'Plan the join',
    {
      planOnly: true,
      replacement: {
        node: expression<string>`$exists(${removal.target}) ? ${removal.target.instanceId} : ${options.node}`,
        with: machine,
      },
    },
    [set(join, referTo<CreatePlan>('$states.result.Output.plan'))],
  );
  const planBoth = lambdaTask(states, 'Put both plans together', {
    lambdaFunction: props.planReplacement,
    payload: {
      ...{ cluster, options, removal, join },
      nodes: expression<ClusterNode[]>`[${found.controlPlanes}, ${found.workers}]`,
    },
    assignTo: plan,
    assign: [set(warnings, [])],
  });
  const gates = actOnPlan<ReplacementReport>(states, {
    plan,
    planOnly: options.planOnly,
    nothingChanged: { cluster, plan, outcome: 'nothing', warnings: [], summary: plan.summary },
  });

  const approve = approval(states, {
    ...props,
    ...{ operation, cluster, config, plan, assignTo: approved, planAgain: find },
    // It is both of them.
    wantedFor: ['replace-node', 'join-node', 'remove-node'],
  });

  const lock: Payload<OperationLock> = lockOfThis(cluster);
  const half = { planOnly: false, replacement: { node: plan.node, with: plan.with, lock } };
  const noteWarnings = [set(warnings, list(referTo<RemovalReport['warnings']>('$states.result.Output.warnings')))];
  const isDead = Choice.jsonata(states, 'Is the node dead?');
  const clean = leaves('Remove the dead node', half, noteWarnings).next(joins('Let the machine join after it', half));
  const swap = joins('Let the machine join', half).next(leaves('Remove the node', half, noteWarnings));
  isDead.when(condition(is(plan.kind, 'dead')), clean).otherwise(swap);

  const done = Succeed.jsonata(states, 'The node is replaced', {
    outputs: jsonata(
      withApproval<ReplacementReport>(
        object<Omit<ReplacementReport, 'approval'>>({
          ...{ cluster, plan, outcome: expression`"replaced"`, warnings: list(warnings) },
          summary: plan.whenDone,
        }),
        approved,
      ),
    ),
  });
  return find
    .next(planRemoval)
    .next(planJoin)
    .next(planBoth)
    .next(gates)
    .next(approve)
    .next(withLock(states, { ...props, operation, cluster }, phase(isDead, ...clean.endStates, ...swap.endStates)))
    .next(done);
}
