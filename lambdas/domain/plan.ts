import type { Gate, Plan, Refusal } from '../contracts/plan';
import { digest } from './digest';
import { shorten } from './text/plain-text';

// Each text is a sentence.
export const passed = (name: string, reason: string): Gate => ({ name, passed: true, reason });
export const warned = (name: string, reason: string): Gate => ({ name, passed: true, reason, warning: true });
export const refused = (name: string, reason: string, whatToDo: string): Refusal => ({
  ...{ name, passed: false, reason, whatToDo },
});

export const refusals = (gates: Gate[]): Refusal[] => gates.filter((gate) => !gate.passed);

/** Why gates say no, and what to do about it; what several of them say alike, once. */
export const describeRefusals = (gates: Refusal[]): string =>
  [...new Set(gates.map(({ reason, whatToDo }) => `${reason} ${whatToDo}`))].join(' ');

/** A plan before its gates have decided. */
export type Wanted<Planned extends AnyPlan> = Omit<Planned, 'decision' | 'digest'>;
type AnyPlan = Omit<Plan, 'operation'> & { operation: string };

/**
 * What the gates make of what is wanted; its digest is over what it does, see `planDigest`.
 * @param details what the operation also does differently, for the digest: options, versions
 */
export function decide<Planned extends Plan>(
  wanted: Wanted<Planned>,
  { details, ...words }: Words & { details: Record<string, unknown> },
): Wanted<Planned> & Pick<Plan, 'decision' | 'digest'> {
  const decided = decideWithoutDigest(wanted, words);
  return { ...decided, digest: planDigest(decided, details) };
}

interface Words {
  /** Begins the summary of a refusal: "demo is not renewed". */
  whatIsNotDone: string;
  /** Where no gate refuses. */
  nothingToDo: boolean;
}

/** The same for an operation that has a digest of its own. */
export function decideWithoutDigest<Planned extends AnyPlan>(
  wanted: Wanted<Planned>,
  { whatIsNotDone, nothingToDo }: Words,
): Wanted<Planned> & Pick<Plan, 'decision'> {
  const no = refusals(wanted.gates);
  const decision = no.length > 0 ? 'refuse' : nothingToDo ? 'nothing' : 'act';
  const acts = decision === 'act';
  return {
    ...wanted,
    decision,
    steps: acts ? wanted.steps : [],
    predictedSeconds: acts ? wanted.predictedSeconds : 0,
    summary: no.length > 0 ? shorten(`${whatIsNotDone}: ${describeRefusals(no)}`, 900) : wanted.summary,
  };
}

/**
 * Plans that do the same share it: over operation, cluster, kind, decision, details, nodes and actions in order and answers of the gates; not over
 * the words they are told in or predictions, because dates and durations in them change from hour to hour.
 */
export function planDigest(
  { operation, cluster, kind, decision, steps, gates }: Omit<Plan, 'summary' | 'digest'>,
  details: Record<string, unknown>,
): string {
  return digest({
    ...{ operation, cluster, kind, decision, details },
    steps: steps.map(({ instanceId, name, action }) => ({ instanceId, name, action })),
    gates: gates.map(({ name, passed }) => ({ name, passed })),
  });
}
