import type * as z from 'zod';
import type { NamedInstance } from '../../contracts/node';
import type { Gate, PlanStep } from '../../contracts/plan';
import type { planRemovalInput, RemovalPlan } from '../../contracts/remove';
import { decide } from '../../domain/plan';
import type { Target } from '../../domain/remove/find-target';
import { etcdThen, isGone, joinsBefore, viewRemoval, wasRemoved, type RemovalView } from '../../domain/remove/view';
import { componentOf } from '../../domain/upgrade/view';
import { etcdCanSpare, othersServe } from '../../gates/removal-control-plane-gates';
import {
  disruptionBudgets,
  nodeBelongs,
  nodeIsGone,
  nodeKnown,
  nodesAtRest,
  upgradeFinished,
} from '../../gates/removal-gates';
import { notFrozen } from '../../gates/renewal-gates';
import { etcdAlarms } from '../../gates/upgrade-etcd-gates';
import { chooseParts, kindOf } from './choose-parts';

/** Seconds, measured in the lab and rounded up; a load balancer's connections drain for as long as it is told to. */
const SECONDS = { drain: 60, reset: 60, forget: 30 };

/** What is done so that a node leaves for good: all of it, or what an execution that was cut off has left to do. Or why it has to stay. */
export function planRemoval(input: z.output<typeof planRemovalInput>, now: Date): RemovalPlan {
  const view = viewRemoval(input, now);
  const { all, target, staying } = view;
  const isDone = (target !== undefined && isGone(target)) || wasRemoved(view);
  const parts = chooseParts(view, isDone);
  const steps = target && !isDone ? stepsOf(target, parts) : [];
  const on = staying.find(({ value }) => value.cluster !== undefined);
  const wanted = {
    ...({ operation: 'remove-node', kind: kindOf(target) } as const),
    ...{ cluster: all.cluster, summary: summarise(view, isDone), steps, parts },
    gates: isDone ? [notFrozen(all.config), ...(wasRemoved(view) ? [] : [nodeKnown(view)])] : assessGates(view),
    predictedSeconds: steps.reduce((sum, step) => sum + step.predictedSeconds, 0),
    ...(target && { target: { ...named(target), nodeName: target.nodeName, role: roleOf(target) } }),
    ...(on && { on: named(on) }),
    drain: drainOf(input),
    leaveEtcd: parts.reset && target?.member?.healthy === true ? ('yes' as const) : ('no' as const),
    member: target?.member?.id ?? 'none',
    controlPlanes: all.controlPlanes.map(named),
    notReady: view.notReady.length,
    whenDone: whenDone(view),
    unhealthyMembers: all.etcd.members.filter((one) => !one.healthy && one !== target?.member).length,
  };
  return decide<RemovalPlan>(wanted, {
    whatIsNotDone: `${target?.name ?? 'The node'} is not removed from ${all.cluster}`,
    nothingToDo: isDone,
    details: { node: target?.nodeName, parts, member: wanted.member },
  });
}

/** An instance that EC2 takes back in two minutes leaves 90 seconds, of which half a minute is gone by then. */
function drainOf({ config, options }: z.output<typeof planRemovalInput>): RemovalPlan['drain'] {
  if (options.hurry) return { drainMinutes: 1, stuckDrain: 'force', forceAtOnce: true };
  const { drainMinutes, stuckDrain } = config.upgrade;
  return { drainMinutes, stuckDrain, forceAtOnce: false };
}

const roleOf = ({ isControlPlane }: Target) => (isControlPlane ? ('control-plane' as const) : ('worker' as const));
const named = ({ instanceId, name }: NamedInstance): NamedInstance => ({ instanceId, name });

function assessGates(view: RemovalView): Gate[] {
  const { all, target, staying } = view;
  const known = nodeKnown(view);
  if (!target || !known.passed) return [notFrozen(all.config), known];
  const servers = staying.map((one) => {
    const { ok, reason } = componentOf(one, 'kube-apiserver')?.healthy ?? { ok: false };
    return { name: one.name, ok, reason };
  });
  // A dead one takes nothing away: whoever answers is enough.
  const needed = target.isReached ? servers : servers.filter(({ ok }) => ok);
  return [
    ...[notFrozen(all.config), known, nodeBelongs(view, target), nodeIsGone(view, target)],
    ...[nodesAtRest(view, target), upgradeFinished(view, target)],
    ...(target.isControlPlane
      ? [
          othersServe(target.name, needed, joinsBefore(view)),
          etcdCanSpare(target.member, etcdThen(view)),
          etcdAlarms(all),
        ]
      : []),
    ...(target.isReached ? [disruptionBudgets(view, target)] : []),
  ];
}

function stepsOf(target: Target, parts: RemovalPlan['parts']): PlanStep[] {
  const step = (action: string, why: string, predictedSeconds: number): PlanStep => ({
    ...{ instanceId: target.instanceId, name: target.name, action, why, predictedSeconds },
  });
  const why = 'it leaves for good';
  return [
    ...(parts.drain ? [step('drain', why, SECONDS.drain)] : []),
    ...(parts.reset ? [step('reset the machine (kubeadm reset)', why, SECONDS.reset)] : []),
    step(
      target.member ? 'remove its etcd member and its Node' : 'remove its Node',
      target.isReached ? why : 'its machine is gone',
      SECONDS.forget,
    ),
  ];
}

function summarise({ all, target }: RemovalView, isDone: boolean): string {
  if (!target && isDone) return `${all.cluster} has no such node any more.`;
  if (!target) return `${all.cluster} has no such node.`;
  const what = target.isControlPlane ? 'control plane' : 'worker';
  if (isDone) return `${target.name} is no node of ${all.cluster}: there is nothing to remove.`;
  if (!target.isReached) return `${target.name}, a ${what} whose machine is gone, is removed from ${all.cluster}.`;
  return `${target.name}, a ${what}, is removed from ${all.cluster}${target.member ? ' with its etcd member' : ''}.`;
}

function whenDone({ all, target, wanted }: RemovalView): string {
  const removed = `${target?.name ?? wanted} was removed from ${all.cluster}.`;
  if (!target?.instance) return removed;
  return `${removed} Terminate its instance, or take off its tag kubeadm-autopilot:cluster: other operations look for a node there.`;
}
