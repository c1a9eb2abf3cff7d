import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { INextable, State, TaskStateBase } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Fail } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { ClusterConfig } from '../../lambdas/contracts/cluster-config';
import type { DrainBlockedDetail } from '../../lambdas/contracts/events';
import { EVENT } from '../../lambdas/contracts/events';
import type { NamedInstance } from '../../lambdas/contracts/node';
import type { OperationLock } from '../../lambdas/contracts/run-on-nodes';
import type { DrainedNode } from '../../lambdas/contracts/upgrade-steps';
import { set } from '../foundation/assign';
import type { Expression, Reference, Variable } from '../foundation/expressions';
import { condition, expression, is, jsonata, list, referTo, variable } from '../foundation/expressions';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { nodeResults, runOnNodesTask } from '../node-access/run-on-nodes-task';
import { branchOf } from './chaining';
import { tellBus } from './tell';
import type { StepSeconds } from './time-steps';
import { addSeconds } from './time-steps';

export interface DrainProps {
  runOnNodes: RunOnNodes;
  eventBus: IEventBus;
  /** The control plane that drains. */
  on: Expression<NamedInstance>;
  /** The same where the drain is given up, which may be done at any time. Default: `on`. */
  giveUpOn?: Expression<NamedInstance>;
  /** The node that is drained. */
  target: Reference<NamedInstance & { nodeName: string }>;
  lock: Reference<OperationLock>;
  settings: Reference<Pick<ClusterConfig['upgrade'], 'drainMinutes' | 'stuckDrain'>>;
  /** After half a minute pods are forced away, once. Default: no. */
  forceAtOnce?: Expression<boolean>;
  /** Takes how long it took. Has to be there. */
  seconds: Variable<StepSeconds>;
  /** Takes why the drain was given up: what held it up. */
  givenUp: Variable<string>;
}

export interface Drain {
  start: State;
  draining: TaskStateBase[];
  /** Nothing is left on the node but what belongs to it. */
  drained: INextable;
  /** The drain was given up, as the cluster's settings want it for a node that cannot be drained, and the node takes pods again. */
  skipped: INextable;
}

/** After this long whoever watches is told what holds a drain up, and it goes on. */
const TELL_AFTER_S = 30;

const drain = variable<DrainedNode>('drain');
const patience = variable<number>('patience');
const first = referTo<DrainedNode['blockedBy'][number]>('$drain.blockedBy[0]');

/** "shop/cart-7d is held by the budget shop/cart (reason)", of the first pod; that nothing was named, where nothing was. */
const BLOCKED = expression<string>`($count(${drain.blockedBy}) = 0 ? "no pod was named" : ${first.pod} & ($exists(${first.budget}) ? " is held by the disruption budget " & ${first.budget} : " does not leave") & " (" & ${first.reason} & ")" & ($count(${drain.blockedBy}) > 1 ? " and " & $string($count(${drain.blockedBy}) - 1) & " more" : ""))`;

/**
 * Drains a node. What holds it up is told on the bus within half a minute; when the time that the cluster's settings give it is over,
 * it gets the same time once more (`wait`), is forced (`force`), or is given up: then the node takes pods again before anything else.
 * Fails with DrainStuck where a stuck drain is to stop the operation.
 */
export function drainNode(scope: Construct, props: DrainProps): Drain {
  const { runOnNodes, on, target, lock, settings, seconds } = props;
  const drainTask = (
    name: string,
    timeout: Expression<string> | string,
    force: Expression<string> | string,
    tries: Expression<number> | number,
  ) =>
    runOnNodesTask(scope, name, runOnNodes, {
      step: 'drain-node',
      nodes: on,
      parameters: { Node: target.nodeName, TimeoutSeconds: timeout, Force: force },
      ...{ lock, about: target },
      assign: [
        set(drain, expression<DrainedNode>`${nodeResults}[0].result`),
        set(patience, tries),
        addSeconds(seconds, 'drain-node'),
      ],
    });

  const attempt = drainTask(
    'Drain the node',
    String(TELL_AFTER_S),
    'no',
    props.forceAtOnce ? expression<number>`${props.forceAtOnce} ? 1 : 0` : 0,
  );
  const isDrained = Choice.jsonata(scope, 'Is it drained?');
  const tell = tellBus<DrainBlockedDetail>(
    scope,
    {
      eventBus: props.eventBus,
      detailType: EVENT.drainBlocked,
      detail: { cluster: lock.cluster, execution: lock.holder, node: target.name, blockedBy: list(drain.blockedBy) },
    },
    'Tell what holds the drain up',
  );
  const goOn = drainTask(
    'Go on draining',
    expression<string>`$string(60 * ${settings.drainMinutes})`,
    expression<string>`${is(settings.stuckDrain, 'force')} and ${patience} > 0 ? "yes" : "no"`,
    expression<number>`${patience} + 1`,
  );
  const isDrainedNow = Choice.jsonata(scope, 'Is it drained by now?');
  const giveUp = runOnNodesTask(scope, 'Give up the drain', runOnNodes, {
    step: 'uncordon-node',
    nodes: props.giveUpOn ?? on,
    parameters: { Node: target.nodeName, Version: 'none' },
    ...{ lock, about: target },
    assign: [set(props.givenUp, BLOCKED)],
  });
  const whatNow = Choice.jsonata(scope, 'Go on without this node?');
  const stuck = Fail.jsonata(scope, 'The drain is stuck', {
    error: 'DrainStuck',
    cause: jsonata(
      expression`${target.name} & " was not drained within " & $string(${settings.drainMinutes}) & " minutes: " & ${props.givenUp} & ". It takes pods again and was left as it is: let that pod go, or choose another upgrade.stuckDrain in the cluster's settings, then start the operation again, it goes on where it stopped."`,
    ),
  });

  const drained = condition(is(drain.drained, true));
  const mayTryAgain = condition(
    expression`${is(drain.drained, false)} and ${patience} < 2 and ${settings.stuckDrain} in ["wait", "force"]`,
  );
  const skips = condition(is(settings.stuckDrain, 'skip'));
  attempt.next(isDrained);
  tell.next(goOn).next(isDrainedNow);
  giveUp.next(whatNow);
  isDrained.otherwise(tell);
  isDrainedNow.when(mayTryAgain, goOn).otherwise(giveUp);
  whatNow.otherwise(stuck);
  return {
    start: attempt,
    draining: [attempt, goOn],
    drained: {
      next: (next) => {
        isDrained.when(drained, next);
        return branchOf(isDrainedNow, drained).next(next);
      },
    },
    skipped: branchOf(whatNow, skips),
  };
}
