import type { AwsDoor } from '../../aws/aws-call';
import type { Clock } from '../../clock';
import type { CallContext } from '../integrations/integration';
import type { BusEvent } from '../../eventbridge/bus-event';
import type { TaskTokens } from './task-tokens';

/** What executions reach outside themselves. */
export interface Surroundings {
  door: AwsDoor;
  clock: Clock;
  tokens: TaskTokens;
  emit(event: BusEvent): void;
  /** Called for what AWS bills as a state transition: a start or redrive, each state entered, each retry. */
  countTransition(): void;
  executionEnded: CallContext['executionEnded'];
}
