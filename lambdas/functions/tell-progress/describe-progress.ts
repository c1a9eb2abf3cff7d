import type { NodeProgressDetail } from '../../contracts/events';
import type { RunOnNodesInput, RunOnNodesOutput } from '../../contracts/run-on-nodes';
import { operationOfExecution } from '../../domain/operations';
import { shorten } from '../../domain/text/plain-text';

/** An execution of RunOnNodes that has begun or ended. */
export interface StepExecution {
  status: string;
  startDate: number;
  stopDate?: number | null | undefined;
  request: RunOnNodesInput;
  /** What it answered; absent while it runs, and when it failed. */
  answer?: RunOnNodesOutput | undefined;
  /** Why it failed. */
  cause?: string | undefined;
}

/** One for each node. None for what changes no node: only steps that do hold the lock, and so tell for whom they work. */
export function describeProgress({
  status,
  startDate,
  stopDate,
  request,
  ...end
}: StepExecution): NodeProgressDetail[] {
  const { lock, about, nodes, document } = request;
  if (!lock) return [];
  const ended = status === 'RUNNING' ? undefined : (stopDate ?? startDate);
  return (about ? [about] : nodes).map(({ instanceId, name }) => {
    const message = ended === undefined ? undefined : (failureOf(about ? undefined : instanceId, end) ?? unlessDone());
    return {
      operation: operationOfExecution(lock.holder),
      cluster: lock.cluster,
      execution: lock.holder,
      node: name,
      step: document.replace(/^kubeadm-autopilot-/, ''),
      state: ended === undefined ? 'started' : message === undefined ? 'succeeded' : 'failed',
      at: new Date(ended ?? startDate).toISOString(),
      ...(ended !== undefined && { seconds: Math.round((ended - startDate) / 1000) }),
      ...(message !== undefined && { message: shorten(message, 500) }),
    };
  });

  function unlessDone(): string | undefined {
    return status === 'SUCCEEDED' ? undefined : (sentenceOf(end.cause) ?? `It ended as ${status}.`);
  }
}

function failureOf(instanceId: string | undefined, { answer }: Pick<StepExecution, 'answer'>): string | undefined {
  const failed = answer?.nodes.filter((node) => node.failure !== undefined);
  return failed?.find((node) => instanceId === undefined || node.instanceId === instanceId)?.failure?.message;
}

/** RunOnNodes fails with {node, message} as JSON, or with a sentence. */
function sentenceOf(cause: string | undefined): string | undefined {
  if (!cause?.startsWith('{')) return cause;
  try {
    const { message } = JSON.parse(cause) as { message?: unknown };
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
