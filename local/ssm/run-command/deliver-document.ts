import { deadline } from './deadline';
import type { Delivery } from './deliver';
import type { DocumentNode } from './document-node';
import type { Invocation } from './invocation';

/** Gives the whole document to a node's own agent and waits for what it says. An agent that is lost may come back and tell. */
export async function deliverDocument(
  invocation: Invocation,
  node: DocumentNode,
  { clock, stopped }: Pick<Delivery, 'clock' | 'stopped'>,
): Promise<void> {
  const { command, steps } = invocation;
  const { document, values, parameters } = command.request;
  const expired = deadline(command.expiresAfter, clock);
  const end = await node.runDocument({
    commandId: command.id,
    documentName: document.name,
    document: document.document,
    parameters: Object.fromEntries(Object.keys(parameters).map((name) => [name, values[name]!])),
    results: steps,
    cancel: invocation.cancelled,
    giveUp: AbortSignal.any([expired.signal, stopped]),
    now: () => clock.now(),
  });
  expired.cancel();
  if (end === undefined) return invocation.become('Delivery Timed Out');
  invocation.become(end === 'TimedOut' ? 'Execution Timed Out' : end);
}
