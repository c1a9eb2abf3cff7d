import type * as z from 'zod';
import type { ClusterConfig } from '../../contracts/cluster-config';
import type { KubernetesSettings } from '../../contracts/kubernetes-settings';
import type { NamedInstance } from '../../contracts/node';
import type { PlanStep } from '../../contracts/plan';
import type {
  planReconfigurationInput,
  ReconfigurationPlan,
  ReconfigurationTurn,
  SettingChange,
} from '../../contracts/reconfigure';
import { configurationFacts } from '../../contracts/reconfigure-steps';
import { parseResults } from '../../domain/nodes/answers';
import { decide } from '../../domain/plan';
import { desiredConfiguration, type Desired, type Recorded } from '../../domain/reconfigure/desired-configuration';
import { flagChanges } from '../../domain/reconfigure/kubelet-flags';
import { patchChanges } from '../../domain/reconfigure/patch-changes';
import { lostChanges, type ConfiguredNode } from '../../domain/reconfigure/lost-changes';
import { count, listNames } from '../../domain/text/plain-text';
import {
  canSign,
  kubeadmOfTheCluster,
  manualChangesKept,
  movable,
  oneConfiguration,
} from '../../gates/reconfigure-gates';
import { machinesAnswer, machinesAtRest } from '../../gates/create-gates';
import { notFrozen } from '../../gates/renewal-gates';
import { inMaintenanceWindow } from '../../gates/window-gate';
import { UserError } from '../../runtime/user-error';
import { parametersOf } from './node-parameters';
import { renderChanges } from './render-plan';

/** Seconds, measured in the lab and rounded up; without connections that drain. */
const SECONDS = { staticPods: 90, kubelet: 30 };

/**
 * What is to be done so that a running cluster has what its settings say: all of it, or what an execution that was cut off has left to do.
 * @throws UserError InvalidClusterConfig: the settings do not say how the cluster is to be
 */
export function planReconfiguration(input: z.output<typeof planReconfigurationInput>, now: Date): ReconfigurationPlan {
  const { cluster, config, options, nodes, facts } = input;
  const settings = settingsOf(cluster, config);
  const { answers, noAnswers } = parseResults(configurationFacts, facts);
  const unreachable = nodes.flatMap(({ name, instanceId, unreachable: why }) =>
    why === undefined ? [] : [{ name, instanceId, error: 'NodeUnreachable' as const, message: `${name}: ${why}.` }],
  );
  const silent = [...unreachable, ...noAnswers];
  const controlPlanes = answers.filter(({ value }) => value.controlPlane);
  const first = controlPlanes[0];
  const recorded = recordedBy(first);
  const desired = recorded && desiredConfiguration(recorded, settings);
  const changes = changesOf(desired, answers, settings);
  const isUnfinished = controlPlanes.some(({ value }) => value.controlPlane?.unfinished);
  const lost = lostChanges(answers, changes);
  const todo = whatToDo(answers, changes, isUnfinished);
  const steps = stepsOf(todo, isUnfinished);
  const { gate, ...window } = inMaintenanceWindow({
    ...{ windows: config.maintenance.windows, timeZone: config.certificates.timeZone },
    ...{ now, waits: options.waitForWindow },
    longestNodeSeconds: Math.max(0, ...steps.map(({ predictedSeconds }) => predictedSeconds)),
  });
  const wanted = {
    ...({ operation: 'reconfigure', kind: kindOf(steps, isUnfinished) } as const),
    ...{ cluster, changes, lost, steps },
    summary: summarise(cluster, changes, todo, isUnfinished),
    gates: [
      ...[
        notFrozen(config),
        ...(steps.length > 0 ? [gate] : []),
        machinesAnswer({ noAnswers: silent, expected: nodes.length }),
        machinesAtRest({ machines: answers }),
        oneConfiguration(answers),
      ],
      ...(desired ? [kubeadmOfTheCluster(answers, versionOf(desired)), movable(desired.immovable, cluster)] : []),
      ...canSign(
        answers,
        changes.some(({ where }) => where === 'certSANs'),
      ),
      manualChangesKept(lost, options.overwrite, cluster),
    ],
    predictedSeconds: steps.reduce((sum, step) => sum + step.predictedSeconds, 0),
    ...(first && { first: named(first) }),
    ...todo,
    window,
    parameters: parametersOf(cluster, desired, settings, changes),
    text: renderChanges(changes, lost),
  };
  return decide<ReconfigurationPlan>(wanted, {
    whatIsNotDone: `${cluster} is not reconfigured`,
    nothingToDo: steps.length === 0,
    details: { changes, lost, overwrite: options.overwrite },
  });
}

const named = ({ instanceId, name }: NamedInstance): NamedInstance => ({ instanceId, name });

function settingsOf(cluster: string, { kubernetes }: ClusterConfig): KubernetesSettings {
  if (kubernetes) return kubernetes;
  throw new UserError(
    'InvalidClusterConfig',
    `The settings of ${cluster} have no section kubernetes, which says how the cluster is to be configured: add kubernetes with at least version, endpoint and podSubnet to clusters/${cluster}.yaml and deploy again.`,
  );
}

const decode = (text: string): string => Buffer.from(text, 'base64').toString();

function recordedBy(node: ConfiguredNode | undefined): Recorded | undefined {
  const told = node?.value.controlPlane;
  return (
    told && {
      clusterConfiguration: decode(told.clusterConfiguration),
      kubeletConfiguration: decode(told.kubeletConfiguration),
    }
  );
}

const versionOf = ({ clusterConfiguration }: Desired): string =>
  /^kubernetesVersion: *["']?v([0-9.]+)/m.exec(clusterConfiguration)?.[1] ?? 'unknown';

/** Of the cluster's configuration, and of the flags of kubelets, each once. */
function changesOf(
  desired: Desired | undefined,
  nodes: ConfiguredNode[],
  { extraArgs, patches }: KubernetesSettings,
): SettingChange[] {
  const flags = nodes.flatMap(({ value }) => flagChanges(value.kubelet.flags, extraArgs.kubelet));
  const once = new Map(flags.map((change) => [JSON.stringify(change), change]));
  return [...(desired?.changes ?? []), ...patchChanges(nodes, patches), ...once.values()];
}

const isOfKubelet = ({ where, name }: SettingChange): boolean =>
  ['kubelet', 'kubelet flags'].includes(where) || (where === 'patches' && name.startsWith('kubeletconfiguration'));

type Todo = Pick<ReconfigurationPlan, 'controlPlanes' | 'canary' | 'workers'>;

/** Each node does by itself what it has left to do; one that has nothing is left out, unless nobody knows what a run that was cut off did. */
function whatToDo(nodes: ConfiguredNode[], changes: SettingChange[], isUnfinished: boolean): Todo {
  const kubeletEverywhere = isUnfinished || changes.some(isOfKubelet);
  const staticPodsEverywhere = isUnfinished || changes.some((change) => !isOfKubelet(change));
  const turns = nodes.map((node) => ({
    ...named(node),
    isControlPlane: node.value.controlPlane !== undefined,
    kubelet: kubeletEverywhere || node.value.kubelet.is !== 'recorded',
    staticPods:
      node.value.controlPlane !== undefined &&
      (staticPodsEverywhere || node.value.controlPlane.manifests.some(({ is }) => is !== 'recorded')),
  }));
  const workers = turns.filter(({ isControlPlane, kubelet }) => !isControlPlane && kubelet).map(named);
  return {
    controlPlanes: turns
      .filter(({ isControlPlane, kubelet, staticPods }) => isControlPlane && (kubelet || staticPods))
      .map(({ isControlPlane: _, ...turn }) => turn),
    canary: workers.slice(0, 1),
    workers: workers.slice(1),
  };
}

function stepsOf({ controlPlanes, canary, workers }: Todo, isUnfinished: boolean): PlanStep[] {
  const why = isUnfinished ? 'an earlier reconfiguration was cut off' : 'it is not as the settings say';
  const actionOf = ({ staticPods, kubelet }: ReconfigurationTurn) =>
    [...(staticPods ? ['static pods'] : []), ...(kubelet ? ['kubelet'] : [])].join(' and ');
  return [
    ...controlPlanes.map((turn) => ({
      ...named(turn),
      ...{ action: `reconfigure ${actionOf(turn)}`, why },
      predictedSeconds: (turn.staticPods ? SECONDS.staticPods : 0) + (turn.kubelet ? SECONDS.kubelet : 0),
    })),
    ...[...canary, ...workers].map((worker, index) => ({
      ...named(worker),
      ...{ action: 'reconfigure kubelet', why },
      // The first alone, then all others at once.
      predictedSeconds: index < 2 ? SECONDS.kubelet : 0,
    })),
  ];
}

const kindOf = (steps: PlanStep[], isUnfinished: boolean): ReconfigurationPlan['kind'] =>
  steps.length === 0 ? 'nothing' : isUnfinished ? 'continue' : 'reconfigure';

function summarise(
  cluster: string,
  changes: SettingChange[],
  { controlPlanes, canary, workers }: Todo,
  isUnfinished: boolean,
): string {
  const nodes = [...controlPlanes, ...canary, ...workers];
  if (nodes.length === 0) return `${cluster} has what its settings say: there is nothing to change.`;
  const where = listNames(
    nodes.map(({ name }) => name),
    5,
  );
  if (changes.length === 0 && isUnfinished)
    return `The reconfiguration of ${cluster} that was cut off goes on (${where}).`;
  if (changes.length === 0) return `What was changed by hand on ${where} is put back as ${cluster} is configured.`;
  return `${count(changes.length, 'setting')} of ${cluster} (${listNames([...new Set(changes.map((change) => change.where))], 6)}) ${changes.length === 1 ? 'changes' : 'change'} on ${count(nodes.length, 'node')} (${where}).`;
}
