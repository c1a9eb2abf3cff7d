import { USER_ERRORS, type UserErrorName } from '../../contracts/failures';
import { RUNBOOK } from '../../contracts/runbook';
import { redact, shorten } from '../../domain/text/plain-text';
import type { Failure } from './unwrap-failure';

/** Of a failed execution's cause. */
export const MOST_CHARACTERS = 1000;
const AGAIN = 'start the operation again, it goes on where it stopped';

/** What to do about errors that are not ours, by the name that AWS gives them; the first that matches. */
const ADVICE: [RegExp, string][] = [
  [
    /AccessDenied|Unauthorized|NotAuthorized|Forbidden/i,
    'deploy the app again, and if it stays look for a policy that denies this call (service control policy, permissions boundary)',
  ],
  [
    /InvalidInstanceId/i,
    'SSM does not know one of the nodes: see that it runs and its agent is registered, and start the operation again',
  ],
  [
    /Throttl|TooManyRequests|RateExceeded|RequestLimitExceeded|LimitExceeded/i,
    `AWS had too much to do: wait a few minutes and ${AGAIN}`,
  ],
  [
    /HeartbeatTimeout|Timeout|Timedout/i,
    `it took longer than its time limit: see what still runs on the nodes, then ${AGAIN}`,
  ],
  [/DataLimitExceeded/i, 'more data than the 256 KiB of a state came together: see which node printed it'],
  [/ConditionalCheckFailed/i, `this execution no longer holds the cluster's lock: see who does, then ${AGAIN}`],
  [
    /QueryEvaluation|ParameterPathFailure|States\.Runtime|NoChoiceMatched|ZodError|TypeError|ReferenceError/i,
    'this is a mistake in the app: report it with the history of this execution',
  ],
];

export function isUserError(error: string): error is UserErrorName {
  return (USER_ERRORS as readonly string[]).includes(error);
}

/** One sentence for a person: what happened, on which node and in which step where that is known, and what to do. */
export function writeSentence(operation: string, failure: Failure): string {
  const said = redact(shorten(isUserError(failure.error) ? failure.cause : withoutPayload(failure.cause), 4000));
  const where = [
    ...(failure.node && !said.includes(failure.node) ? [`on ${failure.node}`] : []),
    ...(failure.step && !said.includes(failure.step) ? [`in "${shorten(failure.step, 80)}"`] : []),
  ].join(' ');
  if (isUserError(failure.error)) {
    if (said === '')
      return `${operation} failed with ${failure.error}${where && ` ${where}`} and gave no reason: see "${failure.error}" in the runbook.`;
    return shorten(where ? `${sentenceEnd(said)} (${where}).` : said, MOST_CHARACTERS);
  }
  const advice = ADVICE.find(([pattern]) => pattern.test(failure.error) || pattern.test(said.slice(0, 200)))?.[1];
  const what = `${operation} failed with ${shorten(failure.error, 100)}${where && ` ${where}`}`;
  const todo = advice ?? `see "${RUNBOOK.operationFailed}" in the runbook and the history of this execution`;
  // The advice stays whole: of the two it is what a person needs at night.
  const reason =
    said === '' ? '' : ` (${shorten(sentenceEnd(said), MOST_CHARACTERS - what.length - todo.length - 10)})`;
  return `${what}${reason}: ${todo}.`;
}

function sentenceEnd(text: string): string {
  return text.replace(/[.\s]+$/, '');
}

/** Step Functions and SDKs quote what they were given; the beginning of their text says what was wrong with it. */
function withoutPayload(text: string): string {
  return text.replace(/[{[]\s*["{[][\s\S]{40,}$/, '…');
}
