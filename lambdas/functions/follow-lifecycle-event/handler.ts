import { autoScaling, dynamoDb, lambda, stepFunctions } from '../../aws/clients';
import { invokeNow } from '../../aws/invoke';
import { beat, complete } from '../../aws/lifecycle-hooks';
import { releaseLock } from '../../aws/lock-table';
import { tellFailure } from '../../after-failure/tell-failure';
import { followLifecycleInput, type FollowedLifecycle, type LifecycleProgress } from '../../contracts/lifecycle';
import { startedOperation, type StartRequest } from '../../contracts/operation';
import { describeExecution } from '../../aws/executions';
import { decide, type Decision, type LifecycleView } from '../../domain/lifecycle/decide';
import { readEvent, type LifecycleEvent } from '../../domain/lifecycle/read-event';
import { executionArn, executionName } from '../../domain/operations';
import { environment, logger, parsePayload, stateMachines } from '../../runtime/lambda';
import { look, turnKey } from './look';

/**
 * One look at what an event has led to, and the next step: starts the operation once the cluster is free, keeps the lifecycle hook waiting, and
 * completes it at the end. Made again it does the same, so an event may come twice.
 */
export async function handler(payload: unknown): Promise<FollowedLifecycle> {
  const { event: raw, execution, progress } = parsePayload(followLifecycleInput, payload);
  const event = readEvent(raw);
  if (!event) return ended(progress, 'This is no event that leads to an operation.');
  const hook = progress.hookIsOver ? undefined : event.hook;
  const isOurs = event.account === execution.split(':')[4];
  const hookIsOver = hook && isOurs ? !(await beat(autoScaling(), hook)) : progress.hookIsOver === true;
  const { view, instanceId } = await look(event, { ...progress, ...(hookIsOver && { hookIsOver }) }, execution);
  const decision = decide(view);
  logger.info('Lifecycle event followed', { instanceId, cluster: view.cluster, kind: event.kind, decision });
  return carryOut(decision, { event, view, instanceId, execution });
}

interface Followed {
  event: LifecycleEvent;
  view: LifecycleView;
  instanceId: string;
  execution: string;
}

async function carryOut(decision: Decision, followed: Followed): Promise<FollowedLifecycle> {
  const { view } = followed;
  const { progress } = view;
  switch (decision.do) {
    case 'wait':
      return { progress, next: 'look', waitSeconds: decision.seconds, said: decision.because };
    case 'start':
      return {
        progress: { ...progress, execution: await start(decision, followed) },
        ...{ next: 'look', waitSeconds: 10, said: decision.because },
      };
    case 'again': {
      await giveTurnBack(followed);
      const { execution: _, ...others } = progress;
      return {
        progress: { ...others, attempt: progress.attempt + 1 },
        ...{ next: 'look', waitSeconds: decision.seconds, said: decision.because },
      };
    }
    case 'end':
      return end(decision, followed);
  }
}

async function end(decision: Decision & { do: 'end' }, followed: Followed): Promise<FollowedLifecycle> {
  const { event, view, execution } = followed;
  const { progress, cluster } = view;
  await giveTurnBack(followed);
  if (event.hook && decision.result && !progress.hookIsOver && event.account === view.account)
    await complete(autoScaling(), event.hook, decision.result);
  if (decision.tells && cluster)
    await tellFailure({ operation: 'join-node', cluster, execution, error: 'States.Timeout', cause: decision.because });
  const next = progress.index + 1;
  if (next >= event.instanceIds.length) return ended(progress, decision.because);
  return { progress: { index: next, attempt: 1 }, next: 'look', waitSeconds: 1, said: decision.because };
}

const ended = (progress: LifecycleProgress, said: string): FollowedLifecycle => ({
  ...{ progress, next: 'end', waitSeconds: 1, said },
});

/** The event of which this is a part names the execution, so that it is one however often the event or this look is made. */
async function start(decision: Decision & { do: 'start' }, { event, view, instanceId }: Followed): Promise<string> {
  const { operation } = decision;
  const { progress, instance } = view;
  const cluster = view.cluster!;
  const trigger = { source: 'lifecycle', id: `${event.id}/${instanceId}/${progress.attempt}` };
  const arn = executionArn(stateMachines()[operation]!, executionName(operation, cluster, trigger));
  if (await describeExecution(stepFunctions(), arn)) return arn;
  // A machine that is gone is known by its name alone.
  const node = instance ? instanceId : (progress.name ?? instanceId);
  const options = operation === 'join-node' ? { nodes: [instanceId] } : { node, ...decision.options };
  const request: StartRequest = { operation, cluster, options, trigger };
  return startedOperation.parse(await invokeNow(lambda(), environment('START_OPERATION'), request)).executionArn;
}

async function giveTurnBack({ view: { cluster }, execution }: Followed): Promise<void> {
  if (cluster !== undefined) await releaseLock(dynamoDb(), environment('LOCK_TABLE'), turnKey(cluster), execution);
}
