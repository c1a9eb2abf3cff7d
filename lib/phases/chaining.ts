import type { Condition, Choice, IChainable, INextable } from 'aws-cdk-lib/aws-stepfunctions';
import { Chain, State } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

// A phase is a chain: it begins with one state, and whatever it ends in goes on to what is chained to it.

/** A phase that begins as `start` does and goes on from `ends`. */
export const phase = (start: IChainable, ...ends: INextable[]): Chain => Chain.custom(start.startState, ends, start);

/** The way on from a choice when none of its conditions holds. */
export const otherwiseOf = (choice: Choice): INextable => ({
  next: (next) => {
    choice.otherwise(next);
    return Chain.start(next);
  },
});

/** The way on from a choice when this condition holds. */
export const branchOf = (choice: Choice, condition: Condition): INextable => ({
  next: (next) => {
    choice.when(condition, next);
    return Chain.start(next);
  },
});

/**
 * A phase that the same state machine has already: here the names of its states begin with `prefix`. For what is inside a Map or Parallel,
 * not around one: the CDK notes the names of inner states when it makes those.
 */
export function named(scope: Construct, prefix: string, build: (scope: Construct) => IChainable): Chain {
  const own = new Construct(scope, prefix);
  const built = build(own);
  State.prefixStates(own, `${prefix}: `);
  return Chain.start(built);
}
