import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import { Map, ProvideItems } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Assignment } from '../foundation/assign';
import { assignments } from '../foundation/assign';
import type { Expression, Sequence } from '../foundation/expressions';
import { jsonata, list, referTo } from '../foundation/expressions';

/** What `act` answered for each item, in the `assign` of one-at-a-time. */
export const resultsOf = <Result>() => referTo<Result[]>('$states.result');

/** Does `act` for one item after the other. Its first state's input is the item. */
export function oneAtATime<Item>(
  scope: Construct,
  name: string,
  { items, assign = [] }: { items: Expression<Sequence<Item>>; assign?: Assignment[] },
  act: IChainable,
): Map {
  return Map.jsonata(scope, name, {
    items: ProvideItems.jsonata(jsonata(list(items))),
    maxConcurrency: 1,
    assign: assignments(assign),
    outputs: {},
  }).itemProcessor(act);
}
