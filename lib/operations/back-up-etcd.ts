import { Duration } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { BackUpPlan, BackUpReport } from '../../lambdas/contracts/back-up';
import { EVENT, type EtcdBackedUpDetail } from '../../lambdas/contracts/events';
import type { FoundNodes } from '../../lambdas/contracts/find-nodes';
import type { ClusterNode } from '../../lambdas/contracts/node';
import type { NodeResult } from '../../lambdas/contracts/run-on-nodes';
import type { Snapshot } from '../../lambdas/contracts/snapshot';
import { context } from '../foundation/context';
import type { Payload } from '../foundation/expressions';
import { expression, list, render, variable } from '../foundation/expressions';
import { lambdaTask } from '../foundation/lambda-task';
import type { ClusterLock } from '../foundation/lock';
import { Operation } from '../foundation/operation';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { actOnPlan } from '../phases/act-on-plan';
import { findNodes } from '../phases/find-nodes';
import { gatherFacts } from '../phases/gather-facts';
import { snapshot } from '../phases/snapshot';
import { tellBus } from '../phases/tell';
import { withLock } from '../phases/with-lock';
import type { OperationFunctions } from './operation-functions';

export interface BackUpEtcdProps extends OperationFunctions {
  runOnNodes: RunOnNodes;
  lock: ClusterLock;
  eventBus: IEventBus;
}

const found = variable<FoundNodes<'back-up-etcd'>>('found');
const facts = variable<NodeResult[]>('facts');
const plan = variable<BackUpPlan>('plan');
const saved = variable<Snapshot>('snapshot');

/**
 * Saves a snapshot of etcd and /etc/kubernetes of each control plane in the operations bucket, proven by a restore and by reading it back.
 * Nothing of the cluster changes. Input: OperationInput; output: BackUpReport.
 */
export class BackUpEtcd extends Operation {
  constructor(scope: Construct, id: string, props: BackUpEtcdProps) {
    super(scope, id, {
      operation: 'back-up-etcd',
      comment: 'Saves a snapshot of etcd and /etc/kubernetes in the operations bucket, proven by a restore',
      timeout: Duration.hours(4),
      ...props,
      functions: [props.findNodes, props.planBackUp, props.takeOverLock, props.prepareSnapshot, props.verifySnapshot],
      steps: (states) => steps(states, props),
    });
  }
}

function steps(states: Construct, props: BackUpEtcdProps) {
  const { runOnNodes, eventBus } = props;
  const operation = 'back-up-etcd';
  const { cluster, config, options } = found;

  const find = findNodes(states, { operation, findNodes: props.findNodes, assignTo: found });
  const gather = gatherFacts(states, 'Gather facts from the control planes', {
    runOnNodes,
    // The script knows control planes only; those that are out of reach are for the plan to tell.
    controlPlanes: expression`${found.controlPlanes}[$not($exists(unreachable))]`,
    inventory: 'no',
    assignTo: facts,
  });
  const makePlan = lambdaTask(states, 'Plan the backup', {
    lambdaFunction: props.planBackUp,
    payload: {
      ...{ cluster, config, options },
      nodes: expression<ClusterNode[]>`[${found.controlPlanes}, ${found.etcdNodes}]`,
      facts: list(facts),
    },
    assignTo: plan,
  });
  const gates = actOnPlan<BackUpReport>(states, {
    plan,
    planOnly: options.planOnly,
    nothingChanged: { cluster, plan, summary: plan.summary },
  });
  const save = snapshot(states, {
    ...props,
    cluster,
    keepDays: config.etcdBackup.keepDays,
    nodes: plan.steps,
    etcdOn: plan.etcdOn.instanceId,
    assignTo: saved,
  });
  const tell = tellBus<EtcdBackedUpDetail>(states, {
    eventBus,
    detailType: EVENT.etcdBackedUp,
    detail: {
      ...{ cluster, execution: context.Execution.Id, bucket: saved.bucket },
      keys: list(saved.objects.key),
      summary: saved.summary,
    },
  });
  const done = Succeed.jsonata(states, 'etcd is backed up', {
    outputs: render({
      cluster,
      plan,
      snapshot: saved,
      summary: saved.summary,
    } satisfies Payload<BackUpReport>) as Record<string, unknown>,
  });

  return find
    .next(gather)
    .next(makePlan)
    .next(gates)
    .next(withLock(states, { ...props, operation, cluster }, save))
    .next(tell)
    .next(done);
}
