import type { State, TaskStateBase } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Fail } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Assignment } from '../foundation/assign';
import { assignments, set } from '../foundation/assign';
import type { CaughtError } from '../foundation/context';
import { caughtError, context } from '../foundation/context';
import type { Expression } from '../foundation/expressions';
import { condition, expression, jsonata, variable } from '../foundation/expressions';

const REDRIVES = context.Execution.RedriveCount;

export interface RedriveGuardProps {
  /** Names the guard's two variables, one guard from the other. */
  id: string;
  /** What has to be done again first, for the log: "look at the control planes again". */
  again: string;
  /** Names of its two states. */
  question: string;
  mistake: string;
}

/**
 * A redrive begins at the state that was cut off, maybe days later: what was found out before it may no longer hold. A guarded state
 * refuses then, because what it needs cannot be evaluated, and the machine goes back to where it is found out.
 */
export class RedriveGuard {
  private readonly notedIn;
  private readonly unevaluated;

  constructor(private readonly props: RedriveGuardProps) {
    this.notedIn = variable<number>(`${props.id}In`);
    this.unevaluated = variable<CaughtError>(`${props.id}Unevaluated`);
  }

  /** For the state that finds it out: notes how often the execution had been redriven by then. */
  note(): Assignment {
    return set(this.notedIn, REDRIVES);
  }

  /** The value, unless the execution has been redriven since. */
  unlessRedriven<Value>(value: Expression<Value>): Expression<Value> {
    const message = `Redriven: ${this.props.again} first`;
    return expression`(${this.notedIn} = ${REDRIVES} ? ${value} : $error(${message}))`;
  }

  /** Sends what refuses back to `goBack`, with `input` where that needs one. */
  protect(scope: Construct, guarded: TaskStateBase[], goBack: State, input?: Expression<unknown>): void {
    const mistake = Fail.jsonata(scope, this.props.mistake, {
      error: jsonata(this.unevaluated.Error),
      cause: jsonata(this.unevaluated.Cause),
    });
    const wasRedriven = Choice.jsonata(scope, this.props.question)
      .when(condition(expression`${this.notedIn} < ${REDRIVES}`), goBack)
      .otherwise(mistake);
    for (const state of guarded) {
      state.addCatch(wasRedriven, {
        errors: ['States.QueryEvaluationError'],
        outputs: input && jsonata(input),
        assign: assignments([set(this.unevaluated, caughtError)]),
      });
    }
  }
}
