import type { Clock } from '../../clock';
import type { CallContext } from '../integrations/integration';
import type { JsonObject } from '../json';
import type { History } from './history';
import type { TaskTokens } from './task-tokens';

/** What all flows of one execution share. */
export interface Run {
  history: History;
  clock: Clock;
  tokens: TaskTokens;
  calls: CallContext;
  region: string;
  /** Execution and StateMachine of the context object. */
  context: JsonObject;
  countTransition(): void;
}
