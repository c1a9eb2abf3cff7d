import type { Chain } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { NamedInstance } from '../../lambdas/contracts/node';
import type { NodeResult } from '../../lambdas/contracts/run-on-nodes';
import type {
  PreparedSnapshot,
  PrepareSnapshotInput,
  Snapshot,
  VerifySnapshotInput,
} from '../../lambdas/contracts/snapshot';
import { context } from '../foundation/context';
import type { Expression, Sequence, Variable } from '../foundation/expressions';
import { list, pick, variable } from '../foundation/expressions';
import type { LambdaFunction } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { runOnNodesTask } from '../node-access/run-on-nodes-task';
import { phase } from './chaining';
import { RedriveGuard } from './redrive-guard';

export interface SnapshotProps {
  runOnNodes: RunOnNodes;
  prepareSnapshot: LambdaFunction<PrepareSnapshotInput, PreparedSnapshot>;
  verifySnapshot: LambdaFunction<VerifySnapshotInput, Snapshot>;
  cluster: Expression<string>;
  /** `etcdBackup.keepDays` of the cluster's settings. */
  keepDays: Expression<number>;
  /** Each saves its /etc/kubernetes: the control planes, and the node that saves etcd. 50 at most. */
  nodes: Expression<Sequence<NamedInstance>>;
  /** Instance id of the one that saves etcd. */
  etcdOn: Expression<string>;
  /** Takes what was saved and proven. */
  assignTo: Variable<Snapshot>;
}

const prepared = variable<PreparedSnapshot>('preparedSnapshot');
const saved = variable<NodeResult[]>('saved');

/**
 * Saves etcd and /etc/kubernetes into the operations bucket, restored from on the node and read back as a proof. The cluster's lock has to be
 * held. Fails with SnapshotNotProven, or as the node step fails. A redrive begins with new URLs: those of before have expired.
 */
export function snapshot(scope: Construct, props: SnapshotProps): Chain {
  const { runOnNodes, cluster, nodes } = props;
  const guard = new RedriveGuard({
    id: 'uploads',
    again: 'make new URLs for the uploads',
    question: 'Was it redriven after the uploads were prepared?',
    mistake: 'The snapshot cannot be put into words',
  });
  const prepare = lambdaTask(scope, 'Prepare the uploads', {
    lambdaFunction: props.prepareSnapshot,
    payload: {
      cluster,
      execution: context.Execution.Id,
      at: context.State.EnteredTime,
      keepDays: props.keepDays,
      nodes: list(pick(nodes, 'instanceId', 'name')),
    },
    assignTo: prepared,
    assign: [guard.note()],
  });
  const save = runOnNodesTask(scope, 'Save etcd and the files of Kubernetes', runOnNodes, {
    step: 'back-up-etcd',
    nodes,
    parameters: { Secret: guard.unlessRedriven(prepared.secret), EtcdOn: props.etcdOn },
    lockOf: cluster,
    assignTo: saved,
  });
  const prove = lambdaTask(scope, 'Prove the snapshot', {
    lambdaFunction: props.verifySnapshot,
    payload: { cluster, execution: context.Execution.Id, prepared, answers: list(saved) },
    assignTo: props.assignTo,
  });
  guard.protect(scope, [save], prepare);
  return phase(prepare.next(save).next(prove), prove);
}
