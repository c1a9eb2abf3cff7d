import { Choice, Fail } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { GivenApproval } from '../../lambdas/contracts/approval';
import type { RemovalPlan } from '../../lambdas/contracts/remove';
import type { Expression, Variable } from '../foundation/expressions';
import { condition, expression, is, jsonata } from '../foundation/expressions';

export interface MayStillLeaveProps {
  cluster: Expression<string>;
  /** As it is under the lock. */
  plan: Variable<RemovalPlan>;
  approved: Variable<GivenApproval>;
  /** Digest of the plan that was approved; empty where there is nothing to compare with. */
  agreed: Variable<string>;
}

/** Asked under the lock, of the plan that was made again: fails with GateRefused, or with PlanChanged where another plan was approved. */
export function mayStillLeave(scope: Construct, { cluster, plan, approved, agreed }: MayStillLeaveProps): Choice {
  return Choice.jsonata(scope, 'May it still leave?')
    .when(
      condition(is(plan.decision, 'refuse')),
      Fail.jsonata(scope, 'A gate says no by now', { error: 'GateRefused', cause: jsonata(plan.summary) }),
    )
    .when(
      condition(expression`$exists(${approved.state}) and ${agreed} != "" and ${plan.digest} != ${agreed}`),
      Fail.jsonata(scope, 'The plan has changed', {
        error: 'PlanChanged',
        cause: jsonata(
          expression`${cluster} & " has changed since the removal was approved, so nothing was done (now: " & ${plan.summary} & "): look at the plan with planOnly, then start the removal again."`,
        ),
      }),
    );
}
