import type * as z from 'zod';
import type { CreatePlan, planCreateInput } from '../../contracts/create';
import type { NamedInstance } from '../../contracts/node';
import type { Gate, PlanStep } from '../../contracts/plan';
import { viewMachines, type CreateView, type Machine } from '../../domain/create/machines';
import { digest } from '../../domain/digest';
import { renderInit, renderJoin } from '../../domain/kubeadm/render-configuration';
import { decide } from '../../domain/plan';
import { count, listNames } from '../../domain/text/plain-text';
import {
  clusterVersion,
  configurationFits,
  machinesAnswer,
  machinesAtRest,
  networkPlugin,
  oddControlPlanes,
  oneCluster,
  prerequisitesMet,
} from '../../gates/create-gates';
import { prerequisites } from '../../gates/create-machine-gates';
import { notFrozen } from '../../gates/renewal-gates';
import { UserError } from '../../runtime/user-error';
import { orderNodes, type Order } from './order-nodes';
import { predictCreate, SECONDS } from './predict-create';

/** As many as a document takes (lib/node-access/node-steps/create.ts). */
const MOST_CONFIGURATION = 8000;
/** As many as a report shows. */
const MOST_ROWS = 200;

/**
 * What is to be done so that all machines with the cluster's tag are nodes of one cluster: all of it, or what an execution that was cut off
 * has left to do.
 * @throws UserError InvalidClusterConfig: the settings do not say how the cluster is to be made
 */
export function planCreate({ cluster, config, nodes, facts }: z.output<typeof planCreateInput>): CreatePlan {
  const settings = config.kubernetes;
  if (!settings) {
    throw new UserError(
      'InvalidClusterConfig',
      `The settings of ${cluster} have no section kubernetes, which says how the cluster is to be made: add kubernetes with at least version, endpoint and podSubnet to clusters/${cluster}.yaml and deploy again.`,
    );
  }
  const view = viewMachines(cluster, config, settings, nodes, facts);
  const rows = prerequisites(view);
  const order = orderNodes(view);
  const steps = stepsOf(order);
  const gates: Gate[] = [
    ...[notFrozen(config), machinesAnswer(view), machinesAtRest(view), oneCluster(view), oddControlPlanes(view)],
    ...[clusterVersion(view), configurationFits(view), networkPlugin(view), ...prerequisitesMet(rows)],
  ];
  const configuration = {
    init: encoded(cluster, renderInit(cluster, settings)),
    controlPlane: encoded(cluster, renderJoin('control-plane', settings)),
    worker: encoded(cluster, renderJoin('worker', settings)),
  };
  const { version, packages, cgroupDriver, swap, cni } = settings;
  const wanted = {
    ...({ operation: 'create-cluster', kind: kindOf(order) } as const),
    ...{ cluster, version, summary: summarise(view, order), steps, gates },
    predictedSeconds: predictCreate({
      isNew: order.isNew,
      controlPlanes: order.controlPlanes.length,
      workers: order.workers.length,
      unproven: order.unproven.length,
    }),
    ...(order.first && { first: named(order.first) }),
    init: order.first && order.isNew ? [named(order.first)] : [],
    controlPlanes: order.controlPlanes.map(named),
    workers: order.workers.map(named),
    nodes: view.machines.length,
    prepare: { packages, cgroupDriver, swap },
    cni: cni ?? { url: 'none', sha256: 'none' },
    configuration,
    prerequisites: rows.slice(0, MOST_ROWS),
  };
  return decide<CreatePlan>(wanted, {
    whatIsNotDone: `${cluster} is not created`,
    nothingToDo: steps.length === 0,
    details: { version, prepare: wanted.prepare, cni: wanted.cni, configuration: digest(configuration) },
  });
}

const named = ({ instanceId, name }: Machine): NamedInstance => ({ instanceId, name });

/** @throws UserError InvalidClusterConfig: more than a document of SSM takes */
function encoded(cluster: string, configuration: string): string {
  const text = Buffer.from(configuration).toString('base64');
  if (text.length <= MOST_CONFIGURATION) return text;
  throw new UserError(
    'InvalidClusterConfig',
    `The configuration of kubeadm for ${cluster} has ${text.length} characters in base64, ${MOST_CONFIGURATION} are possible: shorten extraArgs, kubelet or kubeProxy in the section kubernetes of clusters/${cluster}.yaml.`,
  );
}

function kindOf({ isNew, controlPlanes, workers, unproven }: Order): CreatePlan['kind'] {
  if (isNew) return 'create';
  if (controlPlanes.length + workers.length > 0) return 'continue';
  return unproven.length > 0 ? 'prove' : 'nothing';
}

function stepsOf({ first, isNew, controlPlanes, workers, unproven }: Order): PlanStep[] {
  const step = (machine: Machine, action: string, predictedSeconds: number): PlanStep => ({
    ...named(machine),
    action,
    why:
      machine.value.cluster.state === 'unfinished'
        ? 'it was begun and cut off, which is undone first'
        : `it is a ${machine.role === 'worker' ? 'worker' : 'control plane'} by its tag and no node yet`,
    predictedSeconds: SECONDS.prepare + predictedSeconds,
  });
  return [
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

function summarise(
  { cluster, settings, machines }: CreateView,
  { first, isNew, controlPlanes, workers, unproven }: Order,
): string {
  const joining = [
    ...(controlPlanes.length > 0 ? [count(controlPlanes.length, 'control plane')] : []),
    ...(workers.length > 0 ? [count(workers.length, 'worker')] : []),
  ].join(' and ');
  const join = `${joining} ${controlPlanes.length + workers.length === 1 ? 'joins' : 'join'}`;
  if (first && isNew)
    return `${cluster} is created with Kubernetes ${settings.version}: it begins on ${first.name}${joining ? `, then ${join}` : ''}.`;
  if (joining)
    return `${cluster} is there, and ${join} it (${listNames(
      [...controlPlanes, ...workers].map((one) => one.name),
      5,
    )}).`;
  if (unproven.length > 0)
    return `All ${count(machines.length, 'machine')} of ${cluster} are nodes of the cluster, and it is looked whether it works.`;
  return `All ${count(machines.length, 'machine')} of ${cluster} are nodes of the cluster already.`;
}
