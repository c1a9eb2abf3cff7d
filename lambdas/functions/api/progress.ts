import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { OperationProgress, ProgressStep, StepState } from '../../contracts/api/operations';
import { plan, type Plan } from '../../contracts/plan';
import { runOnNodesInput, runOnNodesOutput } from '../../contracts/run-on-nodes';
import { drainedNode } from '../../contracts/upgrade-steps';
import { fromJson } from '../../domain/operations';
import { redact, shorten } from '../../domain/text/plain-text';

const DOCUMENTS = /^kubeadm-autopilot-/;
const MOST_MESSAGE = 500;
/** What of it matters here; Step Functions adds a field of its own. */
const commandOnNodes = runOnNodesInput.pick({ document: true, nodes: true }).strip();

interface Visit extends ProgressStep {
  kind: string;
}

/** Names of the states that an execution is in: those that do something or wait, else whatever it is in. */
export function currentStates(events: HistoryEvent[]): string[] {
  const open = readVisits(events).visits.filter(({ state }) => state === 'running');
  const working = open.filter(isStep);
  return [...new Set((working.length > 0 ? working : open).map(({ name }) => name))];
}

/**
 * What an execution has done and is doing, by its history.
 * @param events in their order, with the data of states
 */
export function readProgress(events: HistoryEvent[]): Omit<OperationProgress, 'operation'> {
  const { visits, plan: planned } = readVisits(events);
  const steps = visits.filter(isStep).map(({ kind: _, ...step }) => step);
  return { ...(planned && { plan: planned }), steps };
}

/** Choices, Pass states and the brackets around branches are of no interest to people. */
const isStep = ({ kind }: Visit): boolean => kind === 'Task' || kind === 'Wait';

/** Each time that a state was entered, in order. */
function readVisits(events: HistoryEvent[]): { visits: Visit[]; plan?: Plan } {
  const visits: Visit[] = [];
  /** The visit that each event is part of, by the event's id. */
  const visitOf = new Map<number, Visit>();
  /** Those that the end of the execution has cut off: a redrive goes on in them and does not enter them again. */
  let cutOff: Visit[] = [];
  let planned: Plan | undefined;
  for (const event of events) {
    const { type = '', id = 0, previousEventId = 0 } = event;
    const at = (event.timestamp ?? new Date(0)).toISOString();
    const entered = event.stateEnteredEventDetails?.name;
    const visit = entered === undefined ? visitOf.get(previousEventId) : enter(type, entered, at);
    if (entered !== undefined && visit) visits.push(visit);
    if (visit) visitOf.set(id, visit);
    const exited = event.stateExitedEventDetails?.name;
    if (exited !== undefined) leave(visits, visit, exited, at);
    else if (type === 'TaskScheduled' && visit) schedule(visit, fromJson(event.taskScheduledEventDetails?.parameters));
    else if (type === 'TaskSucceeded' && visit) {
      const output = fromJson(event.taskSucceededEventDetails?.output);
      succeed(visit, output);
      planned = planIn(output) ?? planned;
    } else if ((type === 'TaskFailed' || type === 'TaskTimedOut') && visit) fail(visit);
    else if (END_OF_ALL[type]) {
      cutOff = visits.filter(({ endedAt }) => endedAt === undefined);
      for (const open of cutOff) end(open, END_OF_ALL[type], at);
    } else if (type === 'ExecutionRedriven') {
      cutOff.forEach(goOn);
      const [only, ...others] = cutOff.filter(isStep);
      if (only && others.length === 0) visitOf.set(id, only);
    }
  }
  return { visits, ...(planned && { plan: planned }) };
}

const END_OF_ALL: Record<string, StepState> = {
  ExecutionFailed: 'failed',
  ExecutionTimedOut: 'failed',
  ExecutionAborted: 'stopped',
};

const enter = (type: string, name: string, startedAt: string): Visit => ({
  kind: type.replace('StateEntered', ''),
  name,
  state: 'running',
  startedAt,
  nodes: [],
});

/** The event before an exit may belong to the last state of a branch: then the open visit of that name is meant. */
function leave(visits: Visit[], visit: Visit | undefined, name: string, at: string): void {
  const isOpen = (one: Visit) => one.name === name && one.endedAt === undefined;
  const left = visit && isOpen(visit) ? visit : visits.findLast(isOpen);
  if (left) end(left, left.state === 'running' ? 'succeeded' : left.state, at);
}

function end(visit: Visit, state: StepState, at: string): void {
  visit.endedAt = at;
  visit.state = state;
  for (const node of visit.nodes) if (node.state === 'running') node.state = state;
}

function goOn(visit: Visit): void {
  delete visit.endedAt;
  visit.state = 'running';
  for (const node of visit.nodes) if (node.state === 'stopped') node.state = 'running';
}

/** Which nodes a task is about: those of the script that it runs, or the one that its function is asked about. */
function schedule(visit: Visit, parameters: unknown): void {
  // Another attempt.
  visit.state = 'running';
  const { Input, Payload } = (parameters ?? {}) as { Input?: unknown; Payload?: { node?: { name?: unknown } } };
  const command = commandOnNodes.safeParse(typeof Input === 'string' ? fromJson(Input) : Input);
  if (command.success) {
    visit.nodeStep = command.data.document.replace(DOCUMENTS, '');
    visit.nodes = command.data.nodes.map(({ name }) => ({ name, state: 'running' }));
  } else if (typeof Payload?.node?.name === 'string') visit.nodes = [{ name: Payload.node.name, state: 'running' }];
}

function succeed(visit: Visit, output: unknown): void {
  const { Output } = (output ?? {}) as { Output?: unknown };
  const answered = runOnNodesOutput.safeParse(typeof Output === 'string' ? fromJson(Output) : Output);
  if (answered.data) visit.commandId = answered.data.commandId;
  const drained = answered.data?.nodes.map(({ result }) => drainedNode.safeParse(result).data).find(Boolean);
  if (drained) visit.evicted = { node: drained.target, pods: drained.evicted };
  const failures = new Map(answered.data?.nodes.map(({ name, failure }) => [name, failure]));
  for (const node of visit.nodes) {
    const failure = failures.get(node.name);
    node.state = failure ? 'failed' : 'succeeded';
    if (failure) node.message = shorten(redact(failure.message), MOST_MESSAGE);
  }
}

function fail(visit: Visit): void {
  visit.state = 'failed';
  for (const node of visit.nodes) node.state = 'failed';
}

function planIn(output: unknown): Plan | undefined {
  const { Payload } = (output ?? {}) as { Payload?: unknown };
  return plan.safeParse(Payload).data;
}
