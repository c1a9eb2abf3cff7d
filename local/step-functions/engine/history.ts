import type { HistoryEvent, HistoryEventType } from '@aws-sdk/client-sfn';
import type { Clock } from '../../clock';
import { MAX_HISTORY_EVENTS } from '../limits';
import { StatesError } from '../states-error';

export type EventDetails = Omit<HistoryEvent, 'timestamp' | 'type' | 'id' | 'previousEventId'>;

/** The events of one execution, as GetExecutionHistory tells them. */
export class History {
  readonly events: HistoryEvent[] = [];

  constructor(private readonly clock: Clock) {}

  get lastId(): number {
    return this.events.length;
  }

  /** @returns the event's id. @throws StatesError States.Runtime when only the event that ends the execution has room. */
  add(type: HistoryEventType, previousEventId: number, details?: EventDetails): number {
    if (this.events.length >= MAX_HISTORY_EVENTS - 1) {
      throw StatesError.runtime(`The execution reached the maximum number of history events (${MAX_HISTORY_EVENTS}).`);
    }
    return this.append(type, previousEventId, details);
  }

  /** For events that tell an end which comes in any case: without room they are left out. */
  addIfRoom(type: HistoryEventType, previousEventId: number, details?: EventDetails): number {
    return this.events.length >= MAX_HISTORY_EVENTS - 1 ? previousEventId : this.append(type, previousEventId, details);
  }

  /** The event that ends the execution: there is always room for it. */
  end(type: HistoryEventType, previousEventId: number, details?: EventDetails): void {
    this.append(type, previousEventId, details);
  }

  private append(type: HistoryEventType, previousEventId: number, details?: EventDetails): number {
    const id = this.events.length + 1;
    this.events.push({ timestamp: this.clock.now(), type, id, previousEventId, ...details });
    return id;
  }
}

/** Data in history events is never cut short here: it is within the payload limit anyway. */
export const NOT_TRUNCATED = { truncated: false };
