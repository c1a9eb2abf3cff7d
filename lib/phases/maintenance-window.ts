import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Chain, State } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Wait, WaitTime } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { PlannedWindow } from '../../lambdas/contracts/maintenance-settings';
import type { Expression, Reference } from '../foundation/expressions';
import { condition, expression, jsonata } from '../foundation/expressions';
import { requestOwnStop } from '../foundation/stop-request';
import { branchOf, otherwiseOf, phase } from './chaining';

/** Goes on at once where the plan has no window to wait for, else makes the plan again when it opens. */
export function awaitWindow(
  scope: Construct,
  { window, planAgain }: { window: Reference<PlannedWindow>; planAgain: State },
): Chain {
  const isToWait = Choice.jsonata(scope, 'Does it wait for a maintenance window?');
  isToWait.when(
    condition(expression`$exists(${window.opensAt})`),
    Wait.jsonata(scope, 'Wait until the maintenance window opens', {
      time: WaitTime.timestamp(jsonata(window.opensAt)),
    }).next(planAgain),
  );
  return phase(isToWait, otherwiseOf(isToWait));
}

/** Lets no node begin that would not be done when the window closes. */
export function stopWithWindow(
  scope: Construct,
  props: { table: ITable; cluster: Expression<string>; window: Reference<PlannedWindow> },
): Chain {
  const closes = Choice.jsonata(scope, 'Does the maintenance window close?');
  const stop = requestOwnStop(scope, 'Stop when the maintenance window closes', {
    ...{ table: props.table, cluster: props.cluster, notBefore: props.window.stopAt },
  });
  const path = branchOf(closes, condition(expression`$exists(${props.window.stopAt})`)).next(stop);
  return phase(closes, path, otherwiseOf(closes));
}
