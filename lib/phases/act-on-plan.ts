import type { Chain } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Fail, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Plan } from '../../lambdas/contracts/plan';
import type { Expression, Payload, Reference } from '../foundation/expressions';
import { condition, expression, is, jsonata, render } from '../foundation/expressions';
import { otherwiseOf, phase } from './chaining';

export interface ActOnPlanProps<Report> {
  plan: Reference<Pick<Plan, 'decision' | 'summary'>>;
  planOnly: Expression<boolean>;
  /** The operation's output when only the plan is wanted, or there is nothing to do. */
  nothingChanged: Payload<Report>;
}

/** Goes on when the plan's gates let it act. Ends the operation with the plan when no more is wanted; fails with GateRefused. */
export function actOnPlan<Report>(scope: Construct, { plan, planOnly, nothingChanged }: ActOnPlanProps<Report>): Chain {
  const onlyPlanned = Succeed.jsonata(scope, 'Nothing is changed', {
    outputs: render(nothingChanged) as Record<string, unknown>,
  });
  const refused = Fail.jsonata(scope, 'A gate says no', { error: 'GateRefused', cause: jsonata(plan.summary) });
  const whatPlanSays = Choice.jsonata(scope, 'What does the plan say?')
    .when(condition(expression`${is(planOnly, true)} or ${is(plan.decision, 'nothing')}`), onlyPlanned)
    .when(condition(is(plan.decision, 'refuse')), refused);
  return phase(whatPlanSays, otherwiseOf(whatPlanSays));
}
