import type { Clock } from '../../clock';
import type { Invocation } from './command';
import { deadline } from './deadline';
import type { DocumentNode } from './document-node';

/** Gives the whole document to a node's own agent and waits for what it says. An agent that is lost may come back and tell. */
export async function deliverDocument(
  invocation: Invocation,
  node: DocumentNode,
  { clock, stopped }: { clock: Clock; stopped: AbortSignal },
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
