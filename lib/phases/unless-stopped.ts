import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Assignment } from '../foundation/assign';
import { context } from '../foundation/context';
import type { Expression } from '../foundation/expressions';
import { condition, expression, jsonata, variable } from '../foundation/expressions';
import { readStopRequest } from '../foundation/stop-request';

export interface UnlessStoppedProps {
  /** The lock table, which has the stop requests. */
  table: ITable;
  cluster: Expression<string>;
  /** What would begin, such as "this node": in the names of the states. */
  what: string;
  assign?: Assignment[];
  /** The output where it does not begin. */
  notBegun: Expression<unknown>;
}

const stopFor = variable<string>('stopFor');

/**
 * For what a Map does with each item: does `act` unless somebody has asked this execution to stop, a freeze stands by now, or the maintenance
 * window closes too soon.
 */
export function unlessStopped(
  scope: Construct,
  { table, cluster, what, assign = [], notBegun }: UnlessStoppedProps,
  act: IChainable,
): IChainable {
  const isStopWanted = readStopRequest(scope, `Read whether to stop before ${what}`, {
    ...{ table, cluster, assignTo: stopFor, assign },
  });
  const stopped = Succeed.jsonata(scope, `Nothing begins on ${what}`, { outputs: jsonata(notBegun) });
  return isStopWanted.next(
    Choice.jsonata(scope, `Go on with ${what}?`)
      .when(condition(expression`${stopFor} = ${context.Execution.Id}`), stopped)
      .otherwise(act),
  );
}
