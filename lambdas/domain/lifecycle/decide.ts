import type { ClusterConfig } from '../../contracts/cluster-config';
import type { LifecycleProgress } from '../../contracts/lifecycle';
import type { NodeRole } from '../../contracts/node';
import type { LifecycleEvent } from './read-event';

/** All that the next step with an event depends on. */
export interface LifecycleView {
  event: LifecycleEvent;
  progress: LifecycleProgress;
  /** Of this app. */
  account: string;
  /** What EC2 still knows of it. */
  instance?: { name: string; state: string; isOnline: boolean };
  /** By its tags. */
  cluster?: string;
  role?: NodeRole;
  allowed: ClusterConfig['lifecycle'];
  /** The operation that was started for it. */
  operation?: { status: string; error?: string };
  /** Another operation, or another event's, is at work on the cluster. */
  isBusy: boolean;
}

export type Decision = { because: string } & (
  | { do: 'wait'; seconds: number }
  | { do: 'start'; operation: 'join-node' | 'remove-node'; options: Record<string, unknown> }
  /** The operation is started once more, as another execution. */
  | { do: 'again'; seconds: number }
  /** `result` is what the hook is told; without one its own time runs out. `tells`: people have not heard of it yet. */
  | { do: 'end'; result?: 'CONTINUE' | 'ABANDON'; tells?: true }
);

/** A node that leaves gets so many attempts: what keeps it may pass. */
const MOST_ATTEMPTS = 3;
const WAIT = { running: 30, hurried: 10, busy: 60, notOnline: 15, again: 120 };

/** What comes next, now. */
export function decide(view: LifecycleView): Decision {
  const { event, progress, cluster, role, allowed } = view;
  const joins = event.kind === 'launched';
  const end = (because: string, result?: 'CONTINUE' | 'ABANDON'): Decision => ({
    ...{ do: 'end', because, ...(result && { result }) },
  });
  if (event.account !== view.account) return end(`It happened in the account ${event.account}, which is another one.`);
  const who = view.instance?.name ?? progress.name ?? event.instanceIds[progress.index] ?? 'the instance';
  if (cluster === undefined || role === undefined)
    return end(`${who} is no node of a cluster by its tags.`, 'CONTINUE');
  if (role === 'etcd') return end(`${who} is a node of an external etcd, which this app does not change.`, 'CONTINUE');
  if (event.isForWarmPool) return end(`${who} is in a warm pool, and so no node.`, 'CONTINUE');
  if (!allowed[joins ? 'join' : 'remove'])
    return end(`The settings of ${cluster} do not want it (lifecycle.${joins ? 'join' : 'remove'}).`, 'CONTINUE');
  if (view.operation) return afterStart(view, view.operation, who);
  return joins ? beforeJoin(view, who) : beforeRemoval(view, who);
}

function afterStart(
  { event, progress, role, instance }: LifecycleView,
  { status, error = status }: NonNullable<LifecycleView['operation']>,
  who: string,
): Decision {
  const joins = event.kind === 'launched';
  if (status === 'RUNNING' || status === 'PENDING_REDRIVE')
    return {
      do: 'wait',
      seconds: WAIT[event.kind === 'interrupted' ? 'hurried' : 'running'],
      because: `${who} is at work.`,
    };
  if (status === 'SUCCEEDED')
    return { do: 'end', result: 'CONTINUE', because: joins ? `${who} has joined.` : `${who} has left its cluster.` };
  // Another one was quicker.
  if (error === 'ClusterLocked') return { do: 'again', seconds: WAIT.busy, because: `The cluster of ${who} is busy.` };
  if (joins)
    return { do: 'end', result: 'ABANDON', because: `${who} could not join (${error}): another one is launched.` };
  const isStillThere = instance?.state === 'running';
  const mayHelp = error !== 'GateRefused' || (!isStillThere && event.kind === 'interrupted');
  if (mayHelp && progress.attempt < MOST_ATTEMPTS)
    return { do: 'again', seconds: WAIT.again, because: `${who} could not leave (${error}).` };
  const because = `${who} could not leave (${error}).`;
  // What is lost with a control plane may be the cluster: people get the time that the hook has.
  return role === 'control-plane' ? { do: 'end', because } : { do: 'end', result: 'CONTINUE', because };
}

function beforeJoin({ progress, instance, isBusy }: LifecycleView, who: string): Decision {
  if (progress.hookIsOver)
    return { do: 'end', tells: true, because: `${who} did not join: the time of its lifecycle hook was over before.` };
  if (!instance || !['pending', 'running'].includes(instance.state))
    return { do: 'end', result: 'ABANDON', because: `${who} is ${instance?.state ?? 'gone'}, and cannot join.` };
  if (!instance.isOnline)
    return { do: 'wait', seconds: WAIT.notOnline, because: `Run Command does not reach ${who} yet.` };
  if (isBusy)
    return { do: 'wait', seconds: WAIT.busy, because: `Another operation is at work on the cluster of ${who}.` };
  return { do: 'start', operation: 'join-node', options: {}, because: `${who} joins.` };
}

function beforeRemoval({ event, instance, isBusy, progress }: LifecycleView, who: string): Decision {
  const isInterrupted = event.kind === 'interrupted';
  if (isBusy)
    return {
      ...{ do: 'wait', because: `Another operation is at work on the cluster of ${who}.` },
      seconds: isInterrupted && progress.attempt === 1 ? WAIT.hurried : WAIT.busy,
    };
  return {
    ...{ do: 'start', operation: 'remove-node', because: `${who} leaves.` },
    options: {
      ...(isInterrupted && instance?.state === 'running' && { hurry: true }),
      // It is sure to end, whatever it says now.
      ...(event.kind !== 'retired' && { force: true }),
    },
  };
}
