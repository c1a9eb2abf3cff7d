import type { ClusterConfig } from '../../contracts/cluster-config';
import { preflightFacts, type PreflightFacts } from '../../contracts/create-steps';
import type { KubernetesSettings } from '../../contracts/kubernetes-settings';
import type { ClusterNode, NodeRole } from '../../contracts/node';
import type { NodeResult } from '../../contracts/run-on-nodes';
import { byName, parseResults, type Answer, type NoAnswer } from '../nodes/answers';

/** A machine that answered, with the role that its tag gives it. */
export interface Machine extends Answer<PreflightFacts> {
  role: NodeRole;
  privateIp?: string | undefined;
  metadataHopLimit?: number | undefined;
}

/** What the machines are, before it is known how nodes are made of them. */
export interface MachinesView {
  cluster: string;
  config: ClusterConfig;
  machines: Machine[];
  /** Those of role etcd, which become no nodes: create-cluster looks at them, join-node does not. */
  etcdMachines: Machine[];
  /** Of the cluster's machines those that were not heard, with the reason. */
  noAnswers: Pick<NoAnswer, 'name' | 'instanceId' | 'message'>[];
  /** How many machines were to be looked at. */
  expected: number;
}

/** Everything that the plan and its gates look at. */
export interface CreateView extends MachinesView {
  settings: KubernetesSettings;
}

export function viewMachines(
  cluster: string,
  config: ClusterConfig,
  nodes: ClusterNode[],
  facts: NodeResult[],
): MachinesView {
  const { answers, noAnswers } = parseResults(preflightFacts, facts);
  const nodeOf = new Map(nodes.map((node) => [node.instanceId, node]));
  const machines = answers.flatMap((answer): Machine[] => {
    const node = nodeOf.get(answer.instanceId);
    if (!node) return [];
    const { role, privateIp, metadataHopLimit } = node;
    return [{ ...answer, role, privateIp, metadataHopLimit }];
  });
  const unreachable = nodes.flatMap(({ name, instanceId, unreachable: why }) =>
    why === undefined ? [] : [{ name, instanceId, message: `${name}: ${why}.` }],
  );
  return {
    ...{ cluster, config },
    machines: machines.filter(({ role }) => role !== 'etcd'),
    etcdMachines: machines.filter(({ role }) => role === 'etcd'),
    noAnswers: [...unreachable, ...noAnswers].sort(byName),
    expected: nodes.length,
  };
}

export const isJoined = ({ value }: Machine): boolean => value.cluster.state === 'joined';
export const isUnproven = ({ value }: Machine): boolean => value.cluster.unproven === true;
export const controlPlanesOf = ({ machines }: Pick<MachinesView, 'machines'>): Machine[] =>
  machines.filter(({ role }) => role === 'control-plane');
