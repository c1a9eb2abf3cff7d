import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import { Map, ProvideItems } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Assignment } from '../foundation/assign';
import type { Expression, Reference, Sequence } from '../foundation/expressions';
import { expression, jsonata, list, referTo } from '../foundation/expressions';
import { oneAtATime } from './one-at-a-time';

export interface WavesProps<Wave, Item> {
  /** Each begins when the one before has ended. */
  waves: Expression<Sequence<Wave>>;
  itemsOf(wave: Reference<Wave>): Expression<Sequence<Item>>;
  /** How many items of a wave may be under way: when one has ended, the next begins, so that the window slides. 40 at most. */
  atOnce: Expression<number>;
  assign?: Assignment[];
}

/** What `act` answered for each item of all waves, in the `assign` of `inWaves`. */
export const resultsOfWaves = <Result>() => expression<Sequence<Result>>`$reduce($states.result, $append, [])`;

/** Does `act` for the items of one wave after the other, several at once. Its first state's input is the item. */
export function inWaves<Wave, Item>(
  scope: Construct,
  name: string,
  { waves, itemsOf, atOnce, assign = [] }: WavesProps<Wave, Item>,
  act: IChainable,
): Map {
  const window = Map.jsonata(scope, `${name}: some at once`, {
    items: ProvideItems.jsonata(jsonata(list(itemsOf(referTo<Wave>('$states.input'))))),
    jsonataMaxConcurrency: jsonata(atOnce),
  }).itemProcessor(act);
  return oneAtATime(scope, name, { items: waves, assign }, window);
}
