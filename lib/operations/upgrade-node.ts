import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { INextable, State, TaskStateBase } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Fail } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { ClusterConfig } from '../../lambdas/contracts/cluster-config';
import type { NamedInstance } from '../../lambdas/contracts/node';
import type { OperationLock } from '../../lambdas/contracts/run-on-nodes';
import type { Hop, UpgradeTurn } from '../../lambdas/contracts/upgrade';
import type { UncordonedNode } from '../../lambdas/contracts/upgrade-steps';
import { set } from '../foundation/assign';
import type { Expression, Reference, Variable } from '../foundation/expressions';
import { condition, expression, is, jsonata, variable } from '../foundation/expressions';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { nodeResults, runOnNodesTask } from '../node-access/run-on-nodes-task';
import type { Drain } from '../phases/drain';
import { drainNode } from '../phases/drain';
import { branchOf } from '../phases/chaining';
import type { StepSeconds } from '../phases/time-steps';
import { addSeconds } from '../phases/time-steps';

export interface UpgradeNodeProps {
  runOnNodes: RunOnNodes;
  eventBus: IEventBus;
  turn: Reference<UpgradeTurn>;
  /** When its turn is not begun, and where it goes on instead. */
  unless?: { condition: Expression<boolean>; then: State };
  /** Makes the states that change the node refuse when what they rely on may no longer hold, see RedriveGuard. */
  guarded?<Value>(value: Expression<Value>): Expression<Value>;
  hop: Reference<Pick<Hop, 'version' | 'kubeadm'>>;
  /** What only control planes have. */
  parts?: ControlPlaneParts;
  /** The control plane that drains the node, and looks whether it is back. */
  on: Expression<NamedInstance>;
  lock: Reference<OperationLock>;
  settings: Reference<ClusterConfig['upgrade']>;
  /** Takes how long each step took, and why the node was skipped ("" when it was not); both have to be there. */
  seconds: Variable<StepSeconds>;
  givenUp: Variable<string>;
}

export interface ControlPlaneParts {
  /** Where its turn is etcd's alone, and to which image. */
  onlyEtcd: Expression<boolean>;
  imageTag: Expression<string>;
  /** Where its turn ends after kubeadm's part. */
  onlyKubeadm: Expression<boolean>;
  /** Parameters of refresh-kubeconfigs. */
  kubeconfigs: { AdminKubeconfigs: Expression<string> };
}

export interface UpgradedNode extends Pick<Drain, 'skipped'> {
  start: State;
  /** The states that are `guarded`. */
  changing: TaskStateBase[];
  upgraded: INextable;
  /** Where one part alone was wanted. */
  prepared: INextable[];
}

const back = variable<UncordonedNode>('back');

/** What became of a node whose turn has come to its end. */
export const skippedOrNot = (givenUp: Variable<string>) =>
  expression<'upgraded' | 'skipped'>`${givenUp} = "" ? "upgraded" : "skipped"`;

/**
 * What is done on each node, in this order: on a control plane whose certificates kubeadm is told to leave alone, the renewal of those that
 * gain, by name, while nothing else has changed, so that a start after a failure comes to it again; kubeadm's part, drain, kubelet, uncordon. What an earlier run has done is left out. Where
 * the drain is given up for good, the kubelet stays as it is: an older one may run beside a newer control plane.
 */
export function upgradeNode(scope: Construct, props: UpgradeNodeProps): UpgradedNode {
  const { runOnNodes, turn, hop, on, lock, seconds } = props;
  const { kubeadm, version } = hop;
  const guarded = props.guarded ?? ((value) => value);

  const whatIsLeft = Choice.jsonata(scope, 'What is left to do?');
  const runKubeadm = runOnNodesTask(scope, 'Upgrade with kubeadm', runOnNodes, {
    step: 'upgrade-kubeadm',
    nodes: guarded(turn),
    parameters: {
      Version: version,
      Command: turn.command,
      KubeletServer: kubeadm.kubeletServer,
      IgnoreErrors: kubeadm.ignoreErrors,
      RenewCertificates: kubeadm.renewCertificates,
      SkipPhases: kubeadm.skipPhases,
    },
    lock,
    assign: [addSeconds(seconds, 'upgrade-kubeadm')],
  });
  const drain = drainNode(scope, { ...props, on: guarded(on), giveUpOn: on, target: turn });
  const upgradeKubelet = runOnNodesTask(scope, 'Upgrade the kubelet', runOnNodes, {
    step: 'upgrade-kubelet',
    nodes: guarded(turn),
    parameters: { Version: version },
    lock,
    assign: [addSeconds(seconds, 'upgrade-kubelet')],
  });
  const uncordon = runOnNodesTask(scope, 'Wait until it is Ready and uncordon it', runOnNodes, {
    step: 'uncordon-node',
    nodes: on,
    parameters: { Node: turn.nodeName, Version: version },
    ...{ lock, about: turn },
    assign: [set(back, expression<UncordonedNode>`${nodeResults}[0].result`), addSeconds(seconds, 'uncordon-node')],
  });
  const isBack = Choice.jsonata(scope, 'Is it Ready at the new version?');
  const notReady = Fail.jsonata(scope, 'It is not Ready', {
    error: 'NodeNotReady',
    cause: jsonata(
      expression`${turn.name} & " is not Ready at version " & ${version} & " (" & [${back.reason}, "no reason was given"][0] & "): see kubelet and container runtime on it, then start the operation again, it goes on where it stopped."`,
    ),
  });

  if (props.unless) whatIsLeft.when(condition(props.unless.condition), props.unless.then);
  const prepared: INextable[] = [];
  const changing: TaskStateBase[] = [runKubeadm, ...drain.draining, upgradeKubelet];
  if (props.parts) {
    const raise = runOnNodesTask(scope, 'Raise etcd', runOnNodes, {
      step: 'raise-etcd',
      nodes: guarded(turn),
      parameters: { ImageTag: props.parts.imageTag, KubeletServer: kubeadm.kubeletServer },
      lock,
      assign: [addSeconds(seconds, 'raise-etcd')],
    });
    whatIsLeft.when(condition(props.parts.onlyEtcd), raise);
    changing.push(raise);
    prepared.push(raise);
  }
  whatIsLeft
    .when(condition(is(turn.done, 'kubelet')), uncordon)
    .when(condition(is(turn.done, 'kubeadm')), drain.start)
    .otherwise(runKubeadm);
  if (props.parts) {
    const renew = runOnNodesTask(scope, 'Renew by name', runOnNodes, {
      step: 'renew-certificates',
      nodes: guarded(turn),
      parameters: { Force: 'no', Until: 'all' },
      lock,
      assign: [addSeconds(seconds, 'renew-certificates')],
    });
    const refresh = runOnNodesTask(scope, 'Refresh the copies of admin.conf', runOnNodes, {
      step: 'refresh-kubeconfigs',
      nodes: turn,
      parameters: props.parts.kubeconfigs,
      lock,
    });
    whatIsLeft.when(condition(is(kubeadm.renewCertificates, 'no')), renew);
    renew.next(refresh).next(runKubeadm);
    changing.push(renew);
    const isThatAll = Choice.jsonata(scope, 'Is that all for now?').otherwise(drain.start);
    runKubeadm.next(isThatAll);
    prepared.push(branchOf(isThatAll, condition(props.parts.onlyKubeadm)));
  } else runKubeadm.next(drain.start);
  drain.drained.next(upgradeKubelet);
  upgradeKubelet.next(uncordon).next(isBack);
  isBack.otherwise(notReady);
  return {
    start: whatIsLeft,
    changing,
    upgraded: branchOf(isBack, condition(is(back.ready, true))),
    skipped: drain.skipped,
    prepared,
  };
}
