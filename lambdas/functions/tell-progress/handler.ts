import { eventBridge } from '../../aws/clients';
import { putEvents } from '../../aws/publish';
import { EVENT } from '../../contracts/events';
import { stepExecutionChanged, stepRequest } from '../../contracts/progress';
import { runOnNodesOutput } from '../../contracts/run-on-nodes';
import { environment, logger, parsePayload } from '../../runtime/lambda';
import { describeProgress } from './describe-progress';

/**
 * Follows the executions of RunOnNodes by Step Functions' own events, and puts what they say on the app's bus: no operation spends a
 * state on it, and none can fail for it.
 */
export async function handler(event: unknown): Promise<void> {
  const { status, startDate, stopDate, input, output, cause } = parsePayload(stepExecutionChanged, event).detail;
  // Step Functions leaves out what is too large for an event; then nothing is told of it.
  const request = stepRequest.safeParse(fromJson(input));
  if (!request.success) return;
  const answer = runOnNodesOutput.safeParse(fromJson(output));
  const details = describeProgress({
    ...{ status, startDate, stopDate, request: request.data },
    ...(answer.success && { answer: answer.data }),
    ...(cause !== null && cause !== undefined && { cause }),
  });
  if (details.length === 0) return;
  await putEvents(eventBridge(), environment('BUS_NAME'), EVENT.nodeProgress, details);
  const [{ step, state, cluster, node }] = details as [(typeof details)[0]];
  logger.info('Progress told', {
    cluster,
    step,
    state,
    ...(details.length === 1 ? { node } : { nodes: details.length }),
  });
}

function fromJson(text: string | null | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return undefined;
  }
}
