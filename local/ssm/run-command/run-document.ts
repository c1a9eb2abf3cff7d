import { reboot } from '../../nodes/reboot';
import type { CommandDocument, DocumentStep } from '../documents/document';
import { substitute } from '../documents/substitute';
import { runStep, type StepRun } from './run-step';
import type { StepResult } from './step-result';

/** After this many reboots the agent drops the document and tells nobody. */
const MOST_REBOOTS = 15;

export interface DocumentRun extends StepRun {
  document: CommandDocument;
  /** One for each step, all Pending; filled in as the steps end. */
  results: StepResult[];
  now(): Date;
}

/**
 * Runs the steps one after another as the agent does, over reboots that a step asks for with exit code 194.
 * @returns `lost` when the node went off under it, `dropped` after too many reboots: the results stay as they are.
 */
export async function runDocument(run: DocumentRun): Promise<'ended' | 'lost' | 'dropped'> {
  for (let reboots = 0; ; reboots++) {
    const ended = await runSteps(run);
    if (ended !== 'reboot') return ended;
    if (reboots === MOST_REBOOTS) return 'dropped';
    await reboot(run.node);
  }
}

async function runSteps(run: DocumentRun): Promise<'ended' | 'lost' | 'reboot'> {
  for (const [index, step] of run.document.mainSteps.entries()) {
    const result = run.results[index]!;
    if (!['Pending', 'SuccessAndReboot'].includes(result.status)) continue;
    result.startedAt ??= run.now();
    const reason = whySkipped(run, index);
    if (reason !== undefined) Object.assign(result, { status: 'Skipped', code: 0, output: reason });
    else if (run.cancel.aborted) Object.assign(result, { status: 'Cancelled', code: 1 });
    else {
      const before = { ...result };
      result.status = 'InProgress';
      // The API shows a step's output when it has ended, so it is kept apart until then.
      const after = { ...before };
      if ((await runStep(step, after, run)) === 'lost') return 'lost';
      Object.assign(result, afterModifiers(step, after));
    }
    if (result.status === 'SuccessAndReboot') return 'reboot';
    result.endedAt = run.now();
  }
  return 'ended';
}

function whySkipped(run: DocumentRun, index: number): string | undefined {
  const step = run.document.mainSteps[index]!;
  const isFinal = step.inputs.finallyStep && index === run.document.mainSteps.length - 1;
  if (
    !isFinal &&
    run.document.mainSteps.slice(0, index).some((earlier, at) => endsDocument(earlier, run.results[at]!))
  ) {
    return `Plugin with name ${step.action} and id ${step.name} skipped due to prior step with an exit condition`;
  }
  const operands = step.precondition?.StringEquals;
  if (!operands || isMet(operands, run)) return undefined;
  return `Step execution skipped due to unsatisfied preconditions: '"StringEquals": [${operands.join(', ')}]'. Step name: ${step.name}`;
}

/** A step that timed out has not "failed" here: the agent goes on with the next one even with onFailure. */
function endsDocument({ inputs }: DocumentStep, { status, code }: StepResult): boolean {
  if (code === 168 || code === 169) return true;
  return (status === 'Failed' && inputs.onFailure === 'exit') || (status === 'Success' && inputs.onSuccess === 'exit');
}

function isMet(operands: [string, string], { values }: DocumentRun): boolean {
  const platform = operands.indexOf('platformType');
  if (platform >= 0) return operands[1 - platform]!.toLowerCase() === 'linux';
  return String(substitute(operands[0], values)) === String(substitute(operands[1], values));
}

/** The lines that the agent adds to both streams when a step ends the document, and what it makes of its status. */
function afterModifiers({ inputs }: DocumentStep, result: StepResult): StepResult {
  const say = (line: string) => ({ stdout: `${result.stdout}\n${line}`, stderr: `${result.stderr}\n${line}` });
  if (result.code === 168) {
    const { stdout } = say(
      'Step exited with code 168. Therefore, marking step as succeeded. Further document steps will be skipped.',
    );
    return { ...result, status: 'Success', stdout, stderr: '' };
  }
  if (result.code === 169) {
    return {
      ...result,
      ...say('Step exited with code 169. Therefore, marking step as Failed. Further document steps will be skipped.'),
    };
  }
  if (result.status !== 'Failed' || !inputs.onFailure) return result;
  const ended = {
    ...result,
    ...say('Step was found to have onFailure property. Further document steps will be skipped.'),
  };
  return inputs.onFailure === 'successAndExit' ? { ...ended, status: 'Success', code: 168 } : ended;
}
