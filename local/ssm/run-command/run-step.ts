import type { Node, OutputLine, ScriptOutcome } from '../../nodes/node';
import type { DocumentStep } from '../documents/document';
import type { ParameterValue } from '../documents/document-parameter';
import { substitute } from '../documents/substitute';
import { summary } from './agent-output';
import type { StepResult, StepStatus } from './step-result';

export interface StepRun {
  node: Node;
  values: Record<string, ParameterValue>;
  env: Record<string, string>;
  /** Aborted by CancelCommand. */
  cancel: AbortSignal;
  onOutput(output: OutputLine): void;
}

const LEAST_SECONDS = 5;
const MOST_SECONDS = 172_800;
const DEFAULT_SECONDS = 3_600;

/** timeoutSeconds as the agent reads it: 5 to 172800, anything else is silently an hour. */
export function stepSeconds(step: DocumentStep, values: Record<string, ParameterValue>): number {
  const { timeoutSeconds } = step.inputs;
  const given = typeof timeoutSeconds === 'string' ? substitute(timeoutSeconds, values) : timeoutSeconds;
  const seconds = typeof given === 'string' && given.trim() === '' ? NaN : Math.trunc(Number(given));
  return seconds >= LEAST_SECONDS && seconds <= MOST_SECONDS ? seconds : DEFAULT_SECONDS;
}

/**
 * Runs one step's script and brings its end into `result`; the streams are appended to what earlier boots wrote.
 * @returns `lost` when the node went off under it: nobody tells how it ended.
 */
export async function runStep(step: DocumentStep, result: StepResult, run: StepRun): Promise<'ended' | 'lost'> {
  const script = scriptText(step, run.values);
  if (script === undefined)
    return end(result, 'Failed', 1, '', 'Invalid format in plugin properties: a line of runCommand is a list.');
  const outcome = await execute(script, step, run);
  if ('problem' in outcome) return end(result, 'Failed', 1, '', `failed to run commands: ${outcome.problem}`);
  if (outcome.ended === 'power-off') return 'lost';

  const { exitCode } = outcome;
  const status = statusOf(exitCode, run.cancel.aborted);
  // The agent writes this behind the script's last output, without a line break of its own.
  const failure = status === 'Failed' ? `failed to run commands: exit status ${exitCode}` : '';
  return end(result, status, exitCode, outcome.stdout, outcome.stderr + failure);
}

function end(result: StepResult, status: StepStatus, code: number, stdout: string, stderr: string): 'ended' {
  Object.assign(result, { status, code, stdout: result.stdout + stdout, stderr: result.stderr + stderr });
  // Exit code 168 means success, whatever stderr says.
  result.output = summary(result.stdout, code === 168 ? '' : result.stderr);
  return 'ended';
}

function scriptText({ inputs }: DocumentStep, values: Record<string, ParameterValue>): string | undefined {
  const lines = Array.isArray(inputs.runCommand)
    ? inputs.runCommand.map((line) => substitute(line, values))
    : substitute(inputs.runCommand, values);
  const list = Array.isArray(lines) ? lines : [lines];
  if (list.some(Array.isArray)) return undefined;
  const text = `${list.join('\n')}\n`;
  return text.startsWith('#!') ? text : `#!/bin/sh\n${text}`;
}

async function execute(script: string, step: DocumentStep, run: StepRun): Promise<ScriptOutcome | { problem: string }> {
  const directory =
    step.inputs.workingDirectory === undefined
      ? undefined
      : String(substitute(step.inputs.workingDirectory, run.values));
  try {
    return await run.node.run({
      script,
      env: run.env,
      timeLimitSeconds: stepSeconds(step, run.values),
      // A relative path would be below the files of aws:downloadContent, which there are none of: the agent's own folder then.
      ...(directory?.startsWith('/') && { workingDirectory: directory }),
      onOutput: run.onOutput,
      signal: run.cancel,
    });
  } catch (error) {
    if (!run.node.isOn) return { exitCode: 137, stdout: '', stderr: '', ended: 'power-off' };
    return { problem: (error as Error).message };
  }
}

/** 137 is how the agent knows that it was killed: a script that ends itself so counts as timed out. */
function statusOf(exitCode: number, cancelled: boolean): StepStatus {
  if (exitCode === 0) return 'Success';
  if (exitCode === 194) return 'SuccessAndReboot';
  if (exitCode === 137) return cancelled ? 'Cancelled' : 'TimedOut';
  return 'Failed';
}
