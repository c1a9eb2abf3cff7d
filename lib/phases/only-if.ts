import type { Chain } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Expression } from '../foundation/expressions';
import { condition } from '../foundation/expressions';
import { otherwiseOf, phase } from './chaining';

/** Does `act` where the question's answer is yes, and goes on in either case. */
export function onlyIf(scope: Construct, question: string, answer: Expression<boolean>, act: Chain): Chain {
  const choice = Choice.jsonata(scope, question).when(condition(answer), act);
  return phase(choice, ...act.endStates, otherwiseOf(choice));
}
