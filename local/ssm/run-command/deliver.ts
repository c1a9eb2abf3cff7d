import type { Clock } from '../../clock';
import type { Node, OutputLine } from '../../nodes/node';
import { setTimeout as delay } from 'node:timers/promises';
import { agentEnvironment } from './agent-environment';
import { deadline } from './deadline';
import { deliverDocument } from './deliver-document';
import { runsDocuments } from './document-node';
import type { Invocation } from './command';
import type { Places } from './places';
import { runDocument } from './run-document';
import { documentStatus } from './step-result';

export interface Delivery {
  clock: Clock;
  places: Places;
  onOutput(invocation: Invocation, output: OutputLine): void;
  /** What the node's agent was started with. */
  agentStartedWith(node: Node): Promise<Record<string, string>>;
  /** Aborted when the local AWS stops. */
  stopped: AbortSignal;
}

/** How often the service looks whether a node is back. Real time. */
const LOOK_AGAIN_MS = 50;
/** How long the agent waits for a process that a power cut took from it. */
const ZOMBIE_MS = 60_000;
const NEVER = new Date(8.64e15);

/** Brings an invocation to its node and to its end, whatever that is. Never rejects. */
export async function deliver(invocation: Invocation, delivery: Delivery): Promise<void> {
  const { node, command } = invocation;
  if (!node.agentVersion) return invocation.become('Undeliverable');
  const late = deadline(command.deliverBefore, delivery.clock);
  const place = await takePlace(
    node,
    delivery.places,
    AbortSignal.any([late.signal, invocation.cancelled, delivery.stopped]),
  );
  late.cancel();
  if (!place) return invocation.become(invocation.cancelled.aborted ? 'Cancelled' : 'Delivery Timed Out');
  invocation.become('InProgress');
  if (runsDocuments(node)) return deliverDocument(invocation, node, delivery).finally(place);
  const ended = await execute(invocation, delivery).finally(place);
  if (ended !== 'ended') return withoutAnswer(invocation, ended, delivery);
  const status = documentStatus(invocation.steps);
  invocation.become(status === 'TimedOut' ? 'Execution Timed Out' : status);
}

/** A place on a node that is on. undefined when the signal came first. */
async function takePlace(node: Node, places: Places, signal: AbortSignal): Promise<(() => void) | undefined> {
  while (!signal.aborted) {
    if (!(await isOn(node, signal))) return undefined;
    const place = await places.take(node.instanceId, signal);
    if (place && node.isOn && !signal.aborted) return place;
    place?.();
  }
  return undefined;
}

async function isOn(node: Node, signal: AbortSignal): Promise<boolean> {
  while (!node.isOn && !signal.aborted)
    await delay(LOOK_AGAIN_MS, undefined, { ref: false, signal }).catch(() => undefined);
  return !signal.aborted;
}

async function execute(invocation: Invocation, delivery: Delivery): Promise<'ended' | 'lost' | 'dropped'> {
  const { command, node, steps } = invocation;
  const { document } = command.document;
  const own = await delivery.clock.during(delivery.agentStartedWith(node));
  return runDocument({
    node,
    document,
    values: command.request.values,
    env: agentEnvironment(command.id, node, document, command.request.values, own),
    results: steps,
    cancel: invocation.cancelled,
    now: () => delivery.clock.now(),
    onOutput: (output) => delivery.onOutput(invocation, output),
  });
}

/**
 * Nobody tells how the script ended. The service waits until the command expires. An agent that comes back after a power cut reports
 * a failure with no output before that, a minute after it has looked for the process in vain.
 */
async function withoutAnswer(
  invocation: Invocation,
  why: 'lost' | 'dropped',
  { clock, stopped }: Delivery,
): Promise<void> {
  const { node, steps, command } = invocation;
  const expired = deadline(command.expiresAfter, clock);
  const noLonger = AbortSignal.any([expired.signal, stopped]);
  const restarted = why === 'lost' && (await isOn(node, noLonger));
  const wait = restarted ? clock.sleep(ZOMBIE_MS, noLonger) : clock.sleepUntil(NEVER, noLonger);
  const reported = await wait.then(
    () => true,
    () => false,
  );
  expired.cancel();
  if (!reported) return invocation.become('Delivery Timed Out');
  const step = steps.find(({ status }) => status === 'InProgress');
  if (step)
    Object.assign(step, { status: 'Failed', code: 1, stdout: '', stderr: '', output: '', endedAt: clock.now() });
  invocation.become('Failed');
}
