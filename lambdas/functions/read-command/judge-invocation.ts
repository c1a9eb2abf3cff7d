import type { NamedInstance } from '../../contracts/node';
import { EXIT, type NodeFailure, type NodeResult, RESULT_MARKER, scriptFailure } from '../../contracts/run-on-nodes';
import { plainStatus } from '../../domain/commands/status';
import { plainLines, shorten } from '../../domain/text/plain-text';
import { whyTooMuch } from './why-too-much';

/** What GetCommandInvocation says about one node, once the command has ended there. */
export interface Invocation {
  status: string;
  statusDetails?: string | undefined;
  /** The script's exit code; -1 where it never began. */
  responseCode?: number | undefined;
  stdout: string;
  stderr: string;
}

/** Longest end of a log that is passed on: 50 of them have to fit into a state. */
const MOST_LOG = 2_000;

/** The node's result, or its failure under one of RunOnNodes' three names. `step` is the script's name. */
export function judgeInvocation(node: NamedInstance, step: string, invocation: Invocation): NodeResult {
  const { instanceId, name } = node;
  const fail = (failure: NodeFailure): NodeResult => ({ instanceId, name, failure: withLog(failure, invocation) });
  // Status is the coarse word; the details tell a node that was never reached from one that took too long.
  const status = plainStatus(invocation.statusDetails || invocation.status);

  const undelivered = whyUndelivered(name, step, status, invocation.responseCode);
  if (undelivered) return fail({ error: 'NodeUnreachable', message: undelivered });
  if (status === 'executiontimedout' || status === 'timedout') {
    return fail({
      error: 'NodeStepTimedOut',
      message: `${step} was killed on ${name}, because it took longer than its time limit: look at its log on the node and start again, it goes on where it stopped.`,
    });
  }
  if (status === 'cancelled' || status === 'terminated') {
    const by = status === 'cancelled' ? 'somebody cancelled the command' : 'it failed on other nodes first';
    return fail({
      error: 'NodeStepFailed',
      message: `${step} was stopped on ${name}, because ${by}: start again when that is settled.`,
    });
  }

  const line = findResultLine(invocation.stdout);
  const exitCode = invocation.responseCode;
  if (line.kind === 'found') {
    const said = scriptFailure.safeParse(line.value);
    if (said.success) return fail(failureOf(name, step, said.data, exitCode));
    if (status === 'success') return { instanceId, name, result: line.value };
  }
  if (status === 'success')
    return fail({
      error: 'NodeStepFailed',
      message: `${step} ended well on ${name} but ${withoutAnswer(line, invocation)}.`,
      ...code(exitCode),
    });
  // So does the agent report a script that it has lost. Ours print a line before they do anything.
  if (exitCode === 1 && invocation.stdout === '' && invocation.stderr === '')
    return fail({
      error: 'NodeStepFailed',
      message: `${step} was lost on ${name} while it ran, as when the node reboots or its SSM agent crashes: see that the node is up and start again, it goes on where it stopped.`,
      ...code(exitCode),
    });
  const error = exitCode === EXIT.timedOut ? 'NodeStepTimedOut' : 'NodeStepFailed';
  const how =
    exitCode === undefined || exitCode < 0
      ? `with status ${shorten(invocation.statusDetails || invocation.status, 40)}`
      : `with exit code ${exitCode}`;
  return fail({
    error,
    message: `${step} failed on ${name} ${how} and did not say why: read the end of its log.`,
    ...code(exitCode),
  });
}

/** A sentence where Run Command did not reach the node; undefined where it did. */
function whyUndelivered(
  name: string,
  step: string,
  status: string,
  responseCode: number | undefined,
): string | undefined {
  switch (status) {
    case 'timedout':
      return responseCode === -1 ? lost(name, step) : undefined;
    case 'deliverytimedout':
      return lost(name, step);
    case 'undeliverable':
      return `${name} did not take the command ${step}: SSM does not know it, or its agent does not answer; see that the instance and its agent run, and start again.`;
    case 'accessdenied':
      return `SSM may not send ${step} to ${name}: the instance lacks the tag kubeadm-autopilot:cluster, or a policy denies it; fix that and start again.`;
    case 'invalidplatform':
      return `${name} does not run Linux, as ${step} needs: correct its tag kubeadm-autopilot:role.`;
    default:
      return undefined;
  }
}

/** SSM says the same of a node that never took the command and of one that was lost while it ran. */
function lost(name: string, step: string): string {
  return `${name} did not take the command ${step} in time or was lost while it ran, so the script may have run: see that the instance and its agent run, and start again.`;
}

function failureOf(
  name: string,
  step: string,
  said: ReturnType<typeof scriptFailure.parse>,
  exitCode: number | undefined,
): NodeFailure {
  const verb = {
    failed: 'failed',
    refused: 'was refused',
    busy: 'found another run at work',
    'timed-out': 'ran out of time',
  }[said.error];
  const message = `${step} ${verb} on ${name} in "${shorten(said.step, 80)}": ${shorten(said.message, 500)}`;
  return {
    error: said.error === 'timed-out' ? 'NodeStepTimedOut' : 'NodeStepFailed',
    message: /[.!?…]$/.test(message) ? message : `${message}.`,
    step: shorten(said.step, 80),
    ...code(exitCode),
    ...(said.logTail ? { logTail: said.logTail } : {}),
  };
}

function withoutAnswer(line: ReturnType<typeof findResultLine>, { stdout }: Invocation): string {
  if (line.kind === 'none')
    return 'gave no result, expected one marked line on stdout: see that the document is of this version and that the agent runs scripts';
  if (line.kind === 'too-much')
    return `its result ${line.why}: it is not taken, and the other nodes' are; see what printed it on the node, whose answers may be forged`;
  const cut = stdout.length >= MOST_STDOUT || line.kind === 'found' ? ` (SSM keeps ${MOST_STDOUT} characters)` : '';
  return `its result cannot be read, expected one line of JSON${cut}: read the log on the node`;
}

function withLog(failure: NodeFailure, { stderr }: Invocation): NodeFailure {
  const log = failure.logTail ?? stderr;
  return log === '' ? failure : { ...failure, logTail: plainLines(log.slice(-MOST_LOG)) };
}

function code(exitCode: number | undefined): { exitCode?: number } {
  return exitCode === undefined || exitCode < 0 ? {} : { exitCode };
}

export type ResultLine =
  | { kind: 'found'; value: Record<string, unknown> }
  /** There is no marked line. */
  | { kind: 'none' }
  /** There is one, and it is not a JSON object: cut off by SSM's limit, or garbled. */
  | { kind: 'garbled'; length: number }
  /** There is one, deeper or larger than any script's: why, as half a sentence. */
  | { kind: 'too-much'; why: string };

/** SSM keeps the first 24,000 characters of stdout. */
export const MOST_STDOUT = 24_000;

/** The first line that begins with the marker, as far as it keeps to the limits of an answer. Everything else on stdout is left alone: the agent adds text of its own. */
export function findResultLine(stdout: string): ResultLine {
  const line = stdout.split(/\r?\n/).find((text) => text.startsWith(RESULT_MARKER));
  if (line === undefined) return { kind: 'none' };
  const json = line.slice(RESULT_MARKER.length);
  try {
    const value: unknown = JSON.parse(json);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      const why = whyTooMuch(json, value);
      return why === undefined ? { kind: 'found', value: value as Record<string, unknown> } : { kind: 'too-much', why };
    }
  } catch {
    // Falls through: whatever is wrong with it, it is not a result.
  }
  return { kind: 'garbled', length: json.length };
}
