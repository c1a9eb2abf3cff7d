import type { CreateOperation } from '../../contracts/create';
import type { NamedInstance } from '../../contracts/node';
import type { PlanStep } from '../../contracts/plan';
import { isJoined, type CreateView, type Machine } from '../../domain/create/machines';
import { count, listNames } from '../../domain/text/plain-text';
import type { Order } from './order-nodes';
import { SECONDS } from './predict-create';

// The order in which machines become nodes, as a plan tells it.

export const named = ({ instanceId, name }: Machine): NamedInstance => ({ instanceId, name });

const ROLE = { 'control-plane': 'a control plane', worker: 'a worker', etcd: 'a machine of etcd' } as const;

export function stepsOf({ etcd, first, isNew, controlPlanes, workers, unproven }: Order): PlanStep[] {
  const step = (machine: Machine, action: string, predictedSeconds: number): PlanStep => ({
    ...named(machine),
    action,
    why:
      machine.value.cluster.state === 'unfinished'
        ? 'it was begun and cut off, which is undone first'
        : `it is ${ROLE[machine.role]} by its tag and ${machine.role === 'etcd' ? 'runs none yet' : 'no node yet'}`,
    predictedSeconds: SECONDS.prepare + predictedSeconds,
  });
  return [
    ...etcd.filter((machine) => !isJoined(machine)).map((machine) => step(machine, 'start etcd', SECONDS.etcd)),
    ...(first && isNew ? [step(first, 'begin the cluster (kubeadm init)', SECONDS.init)] : []),
    ...controlPlanes.map((machine) => step(machine, 'join as a control plane', SECONDS.joinControlPlane)),
    ...workers.map((machine) => step(machine, 'join as a worker', SECONDS.joinWorker)),
    ...unproven.map((machine): PlanStep => ({
      ...named(machine),
      action: 'look whether it is Ready',
      why: 'it joined, and nobody has seen the cluster work from there',
      predictedSeconds: SECONDS.verify,
    })),
  ];
}

export function summarise(
  operation: CreateOperation,
  { cluster, settings, machines }: CreateView,
  { etcd, first, isNew, controlPlanes, workers, unproven }: Order,
): string {
  const joining = [
    ...(controlPlanes.length > 0 ? [count(controlPlanes.length, 'control plane')] : []),
    ...(workers.length > 0 ? [count(workers.length, 'worker')] : []),
  ].join(' and ');
  const join = `${joining} ${controlPlanes.length + workers.length === 1 ? 'joins' : 'join'}`;
  if (first && isNew)
    return `${cluster} is created with Kubernetes ${settings.version}: ${etcd.length > 0 ? `etcd runs on ${listNames(etcd.map((one) => one.name))}, ` : ''}it begins on ${first.name}${joining ? `, then ${join}` : ''}.`;
  if (joining && operation === 'join-node')
    return `${join} ${cluster} with Kubernetes ${settings.version} (${listNames(
      [...controlPlanes, ...workers].map((one) => one.name),
      5,
    )}).`;
  if (joining)
    return `${cluster} is there, and ${join} it (${listNames(
      [...controlPlanes, ...workers].map((one) => one.name),
      5,
    )}).`;
  if (operation === 'join-node')
    return unproven.length > 0
      ? `${listNames(unproven.map((one) => one.name))} joined ${cluster} before, and it is looked whether the cluster works there.`
      : `All machines that were asked for are nodes of ${cluster} already.`;
  if (unproven.length > 0)
    return `All ${count(machines.length, 'machine')} of ${cluster} are nodes of the cluster, and it is looked whether it works.`;
  return `All ${count(machines.length, 'machine')} of ${cluster} are nodes of the cluster already.`;
}
