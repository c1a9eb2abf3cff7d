import { referTo } from './expressions';

/** What Step Functions tells every state about its execution (Developer Guide, "Context object"). Times are ISO 8601. */
export const context = referTo<{
  Execution: { Id: string; Input: unknown; Name: string; StartTime: string; RedriveCount: number };
  StateMachine: { Id: string };
  State: { EnteredTime: string };
  Task: { Token: string };
}>('$states.context');

/** What a Catch got. */
export interface CaughtError {
  Error: string;
  Cause: string;
}
export const caughtError = referTo<CaughtError>('$states.errorOutput');
