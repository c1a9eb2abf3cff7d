import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { DynamoAttributeValue, DynamoGetItem, DynamoPutItem } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { STOP_REQUEST_SUFFIX } from '../../lambdas/contracts/stop-request';
import type { Assignment } from './assign';
import { assignments, set } from './assign';
import { context } from './context';
import type { Expression, Variable } from './expressions';
import { expression, jsonata } from './expressions';

interface Of {
  table: ITable;
  cluster: Expression<string>;
}

const keyOf = (cluster: Expression<string>) => ({
  cluster: DynamoAttributeValue.fromString(jsonata(expression`${cluster} & ${STOP_REQUEST_SUFFIX}`)),
});

/** Reads whom somebody wants to stop: the ARN of an execution, or nothing (""). A direct call, because it is asked before each node. */
export function readStopRequest(
  scope: Construct,
  name: string,
  { table, cluster, assignTo, assign = [] }: Of & { assignTo: Variable<string>; assign?: Assignment[] },
): DynamoGetItem {
  return DynamoGetItem.jsonata(scope, name, {
    table,
    key: keyOf(cluster),
    consistentRead: true,
    assign: assignments([
      set(
        assignTo,
        expression<string>`[$states.result.Item[$not($exists(notBefore.S)) or notBefore.S <= ${context.State.EnteredTime}].holder.S, ""][0]`,
      ),
      ...assign,
    ]),
  });
}

/**
 * Makes this execution stop before its next node, as a person would.
 * @param notBefore ISO 8601: from then on
 */
export function requestOwnStop(
  scope: Construct,
  name: string,
  { table, cluster, notBefore }: Of & { notBefore?: Expression<string> },
): DynamoPutItem {
  return DynamoPutItem.jsonata(scope, name, {
    table,
    item: {
      ...keyOf(cluster),
      holder: DynamoAttributeValue.fromString(jsonata(context.Execution.Id)),
      ...(notBefore && { notBefore: DynamoAttributeValue.fromString(jsonata(notBefore)) }),
    },
  });
}
