import type * as z from 'zod';
import type { ClusterConfig } from '../../contracts/cluster-config';
import type { CreateOperation, CreatePlan, planCreateInput } from '../../contracts/create';
import { MOST_PATCHES, type KubeadmPatches } from '../../contracts/kubeadm-patches';
import { kubernetesSettings, type KubernetesSettings } from '../../contracts/kubernetes-settings';
import type { Gate } from '../../contracts/plan';
import { findAsked, viewAsked, type Asked } from '../../domain/create/asked-machines';
import { joinSettings } from '../../domain/create/join-settings';
import { isJoined, viewMachines, type CreateView, type MachinesView } from '../../domain/create/machines';
import { digest } from '../../domain/digest';
import { encodePatches, patchesOf } from '../../domain/kubeadm/patches';
import { etcdOn, renderEtcd, renderEtcdKubelet } from '../../domain/kubeadm/render-etcd';
import { renderInit, renderJoin } from '../../domain/kubeadm/render-configuration';
import { decide } from '../../domain/plan';
import {
  cloudControllerManager,
  clusterVersion,
  configurationFits,
  etcdMachineFits,
  machinesAnswer,
  machinesAtRest,
  networkPlugin,
  oddControlPlanes,
  oneCluster,
  prerequisitesMet,
} from '../../gates/create-gates';
import { prerequisites } from '../../gates/create-machine-gates';
import { askedAreThere, clusterIsThere, oneRelease } from '../../gates/join-gates';
import { notFrozen } from '../../gates/renewal-gates';
import { UserError } from '../../runtime/user-error';
import { orderJoining, orderNodes, type Order } from './order-nodes';
import { predictCreate } from './predict-create';
import { named, stepsOf, summarise } from './tell-order';

/** As many as a document takes (lib/node-access/node-steps/create.ts). */
const MOST_CONFIGURATION = 8000;
/** As many characters as wait-for-nodes takes (lib/node-access/node-steps/repair.ts). */
const MOST_NAMES_TO_WAIT_FOR = 3199;
/** As many as a report shows. */
const MOST_ROWS = 200;

/**
 * What is to be done so that machines are nodes of one cluster: all with the cluster's tag, or those that somebody asks to join. All of it, or
 * what an execution that was cut off has left to do.
 * @throws UserError InvalidClusterConfig: the settings do not say how the cluster is to be made
 */
export function planCreate(input: z.output<typeof planCreateInput>): CreatePlan {
  const { operation, cluster, config, options, nodes, facts } = input;
  const all = viewMachines(cluster, config, nodes, facts);
  if (operation === 'create-cluster') {
    const view = { ...all, settings: createSettings(cluster, config) };
    const gates = gatesOfCreation(view);
    return planOf(operation, withEtcdMachine(view), orderNodes(view), gates);
  }
  const asked = findAsked('nodes' in options ? options.nodes : [], nodes);
  const replacement = 'replacement' in options ? options.replacement : undefined;
  const machines = viewAsked(without(all, replacement?.node), asked);
  const settings = joinSettings(machines);
  return planOf(
    operation,
    // Without settings a gate refuses, and nothing of this is used.
    { ...machines, settings: settings ?? NO_SETTINGS },
    orderJoining(machines, asked),
    gatesOfJoin(machines, asked, settings, replacement !== undefined),
  );
}

/** Control planes reach the etcd of the machine with that role as they would somebody else's. */
function withEtcdMachine(view: CreateView): CreateView {
  const addresses = view.etcdMachines.flatMap(({ privateIp }) => privateIp ?? []);
  if (addresses.length === 0) return view;
  return { ...view, settings: { externalEtcd: etcdOn(addresses), ...view.settings } };
}

/** Whom a machine replaces is out of the cluster before, where it does not answer. */
const without = (view: MachinesView, node: string | undefined): MachinesView => ({
  ...view,
  noAnswers: view.noAnswers.filter(({ instanceId }) => instanceId !== node),
});

const NO_SETTINGS = kubernetesSettings.parse({ version: '1.28.0', endpoint: 'none:6443', podSubnet: '0.0.0.0/0' });

function createSettings(cluster: string, { kubernetes }: ClusterConfig): KubernetesSettings {
  if (kubernetes) return kubernetes;
  throw new UserError(
    'InvalidClusterConfig',
    `The settings of ${cluster} have no section kubernetes, which says how the cluster is to be made: add kubernetes with at least version, endpoint and podSubnet to clusters/${cluster}.yaml and deploy again.`,
  );
}

const all = ({ machines, etcdMachines }: MachinesView) => ({ machines: [...machines, ...etcdMachines] });

const gatesOfCreation = (view: CreateView): Gate[] => [
  ...[
    notFrozen(view.config),
    machinesAnswer(view),
    machinesAtRest(all(view)),
    oneCluster(view),
    oddControlPlanes(view),
  ],
  ...etcdMachineFits(view),
  ...[clusterVersion(view), configurationFits(view), networkPlugin(view), ...cloudControllerManager(view)],
];

function gatesOfJoin(
  view: MachinesView,
  asked: Asked,
  settings: KubernetesSettings | undefined,
  replaces: boolean,
): Gate[] {
  const joinsControlPlane = asked.nodes.some(({ role }) => role === 'control-plane');
  return [
    ...[notFrozen(view.config), askedAreThere(view.cluster, asked), machinesAnswer(view), machinesAtRest(view)],
    ...[clusterIsThere(view), oneCluster(view), oneRelease(view)],
    // Of those that are replaced, one leaves for each that joins.
    ...(joinsControlPlane && !replaces ? [oddControlPlanes(view)] : []),
    ...(settings ? [configurationFits({ ...view, settings })] : []),
  ];
}

function planOf(operation: CreateOperation, view: CreateView, order: Order, gates: Gate[]): CreatePlan {
  const { cluster, settings } = view;
  const rows = prerequisites(view);
  const steps = stepsOf(order);
  const [etcd] = order.etcd;
  const configuration = {
    init: operation === 'create-cluster' ? encoded(cluster, renderInit(cluster, settings)) : '',
    controlPlane: encoded(cluster, renderJoin('control-plane', settings)),
    worker: encoded(cluster, renderJoin('worker', settings)),
    etcd: etcd ? encoded(cluster, renderEtcd(etcd.value.node.toLowerCase(), etcd.privateIp ?? '', settings)) : '',
    etcdKubelet: etcd ? encoded(cluster, renderEtcdKubelet(settings)) : '',
    controlPlanePatches: encodedPatches(cluster, patchesOf('control-plane', settings.patches)),
    workerPatches: encodedPatches(cluster, patchesOf('worker', settings.patches)),
  };
  const { version, packages, cgroupDriver, swap, runtime, runtimePackages, cni } = settings;
  const becoming = [...order.controlPlanes, ...order.workers, ...order.unproven];
  const namesToWaitFor = becoming.map(({ value }) => value.node.toLowerCase()).join(',');
  const waitsForAll =
    operation === 'create-cluster' || becoming.length === 0 || namesToWaitFor.length > MOST_NAMES_TO_WAIT_FOR;
  const wanted = {
    ...{ operation, kind: kindOf(operation, order) },
    ...{ cluster, version, summary: summarise(operation, view, order), steps },
    gates: [...gates, ...prerequisitesMet(rows)],
    predictedSeconds: predictCreate({
      isNew: order.isNew,
      etcd: order.etcd.length,
      controlPlanes: order.controlPlanes.length,
      workers: order.workers.length,
      unproven: order.unproven.length,
    }),
    ...(order.first && { first: named(order.first) }),
    etcd: order.etcd.map(named),
    // Those that joined, or run etcd, have been prepared.
    toPrepare: [
      ...order.etcd,
      ...(order.first && order.isNew ? [order.first] : []),
      ...order.controlPlanes,
      ...order.workers,
    ]
      .filter((machine) => !isJoined(machine))
      .map(named),
    init: order.first && order.isNew ? [named(order.first)] : [],
    controlPlanes: order.controlPlanes.map(named),
    workers: order.workers.map(named),
    unproven: order.unproven.map(named),
    unregistered: order.unproven.filter(({ role }) => role === 'control-plane').map(named),
    nodes: operation === 'create-cluster' ? view.machines.length : becoming.length,
    waitFor: waitsForAll ? 'all' : namesToWaitFor,
    prepare: { packages, cgroupDriver, swap, runtime, runtimePackages },
    cni: cni ?? { url: 'none', sha256: 'none' },
    configuration,
    prerequisites: rows.slice(0, MOST_ROWS),
  };
  return decide<CreatePlan>(wanted, {
    whatIsNotDone: operation === 'create-cluster' ? `${cluster} is not created` : `Nothing joins ${cluster}`,
    nothingToDo: steps.length === 0,
    details: { version, prepare: wanted.prepare, cni: wanted.cni, configuration: digest(configuration) },
  });
}

/** @throws UserError InvalidClusterConfig: more than a document of SSM takes */
function encoded(cluster: string, configuration: string): string {
  const text = Buffer.from(configuration).toString('base64');
  if (text.length <= MOST_CONFIGURATION) return text;
  throw new UserError(
    'InvalidClusterConfig',
    `The configuration of kubeadm for ${cluster} has ${text.length} characters in base64, ${MOST_CONFIGURATION} are possible: shorten extraArgs, kubelet or kubeProxy in the section kubernetes of clusters/${cluster}.yaml.`,
  );
}

/** @throws UserError InvalidClusterConfig: more than a document of SSM takes */
function encodedPatches(cluster: string, patches: KubeadmPatches): string {
  const text = encodePatches(patches);
  if (text.length <= MOST_PATCHES) return text;
  throw new UserError(
    'InvalidClusterConfig',
    `The patches for ${cluster} have ${text.length} characters with their names in base64, ${MOST_PATCHES} are possible: shorten kubernetes.patches in clusters/${cluster}.yaml.`,
  );
}

function kindOf(operation: CreateOperation, { isNew, controlPlanes, workers, unproven }: Order): CreatePlan['kind'] {
  if (isNew) return 'create';
  if (controlPlanes.length + workers.length > 0) return operation === 'join-node' ? 'join' : 'continue';
  return unproven.length > 0 ? 'prove' : 'nothing';
}
