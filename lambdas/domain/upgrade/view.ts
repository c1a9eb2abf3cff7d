import type * as z from 'zod';
import type { ClusterConfig } from '../../contracts/cluster-config';
import type { ClusterNode } from '../../contracts/node';
import type { planUpgradeInput } from '../../contracts/upgrade';
import {
  upgradeFacts,
  type ClusterFacts,
  type UpgradeControlPlaneFacts,
  type UpgradeFacts,
} from '../../contracts/upgrade-facts';
import { byName, parseResults, type Answer, type NoAnswer } from '../nodes/answers';
import { viewEtcd, type EtcdView, type EtcdWitness } from '../etcd/majority';

export type Machine = Answer<UpgradeFacts>;
export type UpgradeControlPlane = Answer<UpgradeFacts & { controlPlane: UpgradeControlPlaneFacts }>;

/** A cluster as an upgrade sees it before anything changes. */
export interface UpgradeView {
  cluster: string;
  config: ClusterConfig;
  target: string;
  /** Control planes and workers that are upgraded, whether they answered or not. */
  nodes: ClusterNode[];
  /** Those that the caller leaves out. */
  skipped: ClusterNode[];
  /** What the caller names and is no worker of this cluster. */
  unknownSkips: string[];
  /** Answers of the nodes that are upgraded, by name. */
  machines: Machine[];
  controlPlanes: UpgradeControlPlane[];
  workers: Machine[];
  noAnswers: NoAnswer[];
  /** The cluster as the first control plane that could tell tells it. */
  facts?: ClusterFacts;
  /** Names by which Kubernetes knows the nodes that are left out, as far as they are known. */
  skippedNames: string[];
  etcd: EtcdView;
  now: Date;
}

export function viewCluster(input: z.output<typeof planUpgradeInput>, now: Date): UpgradeView {
  const { cluster, config, options } = input;
  const all = input.nodes.filter(({ role }) => role !== 'etcd').sort(byName);
  const isSkipped = ({ name, role }: ClusterNode) => role === 'worker' && options.skipNodes.includes(name);
  const [nodes, skipped] = [all.filter((node) => !isSkipped(node)), all.filter(isSkipped)];
  const { answers, noAnswers } = parseResults(upgradeFacts, input.facts);
  const ids = new Set(nodes.map(({ instanceId }) => instanceId));
  const machines = answers.filter(({ instanceId }) => ids.has(instanceId));
  const roleOf = new Map(nodes.map(({ instanceId, role }) => [instanceId, role]));
  const controlPlanes = machines.filter(
    (one): one is UpgradeControlPlane =>
      roleOf.get(one.instanceId) === 'control-plane' && one.value.controlPlane !== undefined,
  );
  const facts = controlPlanes.find(({ value }) => value.cluster)?.value.cluster;
  return {
    ...{ cluster, config, nodes, skipped, machines, controlPlanes, now },
    target: options.version,
    unknownSkips: options.skipNodes.filter((name) => !skipped.some((node) => node.name === name)),
    workers: machines.filter(({ instanceId }) => roleOf.get(instanceId) === 'worker'),
    noAnswers: silent(nodes, machines, controlPlanes, noAnswers),
    ...(facts && { facts }),
    skippedNames: skipped.flatMap((node) => namesOf(node, answers, facts)),
    etcd: viewEtcd(controlPlanes.map(etcdWitness)),
  };
}

/** A control plane as one that tells of etcd. */
export const etcdWitness = (one: UpgradeControlPlane): EtcdWitness => ({
  ...one,
  value: { node: one.value.node, etcd: one.value.controlPlane.etcd },
});

/** Nodes in play of which nothing, or not all, is known. */
function silent(
  nodes: ClusterNode[],
  machines: Machine[],
  controlPlanes: UpgradeControlPlane[],
  noAnswers: NoAnswer[],
): NoAnswer[] {
  const complete = (node: ClusterNode) =>
    (node.role === 'control-plane' ? controlPlanes : machines).some(({ instanceId }) => instanceId === node.instanceId);
  return nodes
    .filter((node) => !complete(node))
    .map((node): NoAnswer => {
      const { instanceId, name, role, unreachable } = node;
      const told = noAnswers.find((one) => one.instanceId === instanceId);
      if (told) return told;
      if (role === 'control-plane' && machines.some((one) => one.instanceId === instanceId)) {
        const message = `${name} is tagged as a control plane, and there are no static pods of one.`;
        return { instanceId, name, error: 'NodeStepFailed', message };
      }
      const message = `${name} could not be asked: ${unreachable ?? 'it was not found in time'}.`;
      return { instanceId, name, error: 'NodeUnreachable', message };
    });
}

/** By which Kubernetes knows it. A node that does not answer is known by its address, which is in the names that EC2 gives. */
export function namesOf(node: ClusterNode, answers: Machine[], facts: ClusterFacts | undefined): string[] {
  const answer = answers.find(({ instanceId }) => instanceId === node.instanceId);
  if (answer) return [answer.value.node];
  const address = node.privateIp && `ip-${node.privateIp.replaceAll('.', '-')}`;
  return (facts?.nodes ?? [])
    .flatMap(({ names }) => names)
    .filter((name) => name === node.name || name === address || (address && name.startsWith(`${address}.`)));
}

/** What the API server says of a node; undefined where it does not know it, or had no room to tell. */
export function nodeState(view: UpgradeView, nodeName: string): ClusterFacts['nodes'][number] | undefined {
  return view.facts?.nodes.find(({ names }) => names.includes(nodeName));
}

type Component = UpgradeControlPlaneFacts['components'][number];

export const componentOf = ({ value }: UpgradeControlPlane, component: Component['name']): Component | undefined =>
  value.controlPlane.components.find(({ name }) => name === component);

/** The version of a component of a control plane, as it runs. */
export const componentVersion = (of: UpgradeControlPlane, component: Component['name']): string | undefined =>
  componentOf(of, component)?.version;
