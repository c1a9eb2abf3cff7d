import { PutEventsCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { EVENT_SOURCE } from '../contracts/events';

/** PutEvents takes at most 10 entries. */
const MOST_ENTRIES = 10;
const ROUNDS = 3;

/** Puts one event for each detail on the bus. Entries that EventBridge refuses are sent again, twice at most. */
export async function putEvents(
  client: EventBridgeClient,
  bus: string,
  detailType: string,
  details: Record<string, unknown>[],
): Promise<void> {
  let left = details;
  let refusal = '';
  for (let round = 1; round <= ROUNDS && left.length > 0; round++) {
    const refused: Record<string, unknown>[] = [];
    for (let start = 0; start < left.length; start += MOST_ENTRIES) {
      const batch = left.slice(start, start + MOST_ENTRIES);
      const answer = await client.send(
        new PutEventsCommand({
          Entries: batch.map((detail) => ({
            EventBusName: bus,
            Source: EVENT_SOURCE,
            DetailType: detailType,
            Detail: JSON.stringify(detail),
          })),
        }),
      );
      // PutEvents answers 200 also when it took only some: each entry has its own answer, in the order of the request.
      answer.Entries?.forEach((entry, index) => {
        const detail = batch[index];
        if (!entry.ErrorCode || !detail) return;
        refusal = `${entry.ErrorCode} ${entry.ErrorMessage ?? ''}`.trim();
        refused.push(detail);
      });
    }
    left = refused;
  }
  if (left.length > 0)
    throw new Error(`EventBridge refused ${left.length} of ${details.length} events on ${bus}: ${refusal}.`);
}
