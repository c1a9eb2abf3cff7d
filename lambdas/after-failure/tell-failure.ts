import { EVENT, type OperationFailedDetail } from '../contracts/events';
import { USER_ERRORS } from '../contracts/failures';
import { RUNBOOK } from '../contracts/runbook';
import { eventBridge, sns } from '../aws/clients';
import { environment } from '../runtime/lambda';
import { notify, putEvents } from '../aws/publish';

/** Tells the bus and the operators of a failed operation; both are tried even when one fails. */
export async function tellFailure(failure: OperationFailedDetail): Promise<void> {
  const { subject, text } = describeFailure(failure);
  const told = await Promise.allSettled([
    putEvents(eventBridge(), environment('BUS_NAME'), EVENT.operationFailed, [failure]),
    notify(sns(), environment('TOPIC_ARN'), { cluster: failure.cluster, subject, text }),
  ]);
  const untold = told.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (untold.length > 0)
    throw new AggregateError(
      untold,
      `The failure of ${failure.operation} could not be told: ${untold.map(String).join('; ')}`,
    );
}

function describeFailure({ operation, cluster, execution, error, cause }: OperationFailedDetail): {
  subject: string;
  text: string;
} {
  const of = cluster === undefined ? '' : ` of ${cluster}`;
  const heading = (USER_ERRORS as readonly string[]).includes(error) ? error : RUNBOOK.operationFailed;
  return {
    subject: `${cluster === undefined ? '' : `${cluster}: `}${operation} failed (${error})`,
    text: [
      `${operation}${of} failed (${error}).`,
      '',
      cause,
      '',
      `Runbook (docs/operator-runbook.md): "${heading}"`,
      `Execution: ${execution}`,
    ].join('\n'),
  };
}
