import type * as z from 'zod';
import { preflightFacts } from '../../contracts/create-steps';
import type { planRemovalInput } from '../../contracts/remove';
import type { Replacement } from '../../contracts/replacement';
import type { EtcdView } from '../etcd/majority';
import { parseResults } from '../nodes/answers';
import { namesOf, viewCluster, type UpgradeControlPlane, type UpgradeView } from '../upgrade/view';
import { findTarget, type AskedMachine, type Target } from './find-target';

/** A cluster as the removal of a node sees it before anything changes. */
export interface RemovalView {
  all: UpgradeView;
  /** What the caller calls the node, and whether he knows that its machine is gone. */
  wanted: string;
  force: boolean;
  target?: Target;
  /** It is a part of a replacement. */
  replacement?: Replacement;
  /** Control planes that stay and answered, those first that can drain and forget a node. */
  staying: UpgradeControlPlane[];
  /** Tagged instances that nobody reaches and no Node could be found for: one of them may be what is called gone. */
  unplaced: string[];
  /** Other nodes that are not Ready. */
  notReady: string[];
}

export function viewRemoval(input: z.output<typeof planRemovalInput>, now: Date): RemovalView {
  const { cluster, config, nodes, facts, options } = input;
  const asUpgrade = { planOnly: options.planOnly, version: '', skipNodes: [], waitForWindow: false };
  const all = viewCluster({ cluster, config, nodes, facts, options: asUpgrade, at: now.toISOString() }, now);
  const target = findTarget(all, options.node, readMachine(input.machine));
  const staying = all.controlPlanes.filter(({ instanceId }) => instanceId !== target?.instanceId);
  const isAble = (one: UpgradeControlPlane) => one.value.cluster !== undefined && one.value.controlPlane.etcd.healthy;
  return {
    ...{ all, wanted: options.node, force: options.force },
    ...(target && { target }),
    ...(options.replacement && { replacement: options.replacement }),
    staying: [...staying.filter(isAble), ...staying.filter((one) => !isAble(one))],
    unplaced: all.nodes
      .filter(({ unreachable }) => unreachable !== undefined)
      .filter((node) => namesOf(node, all.machines, all.facts).length === 0)
      .map(({ name }) => name),
    notReady: (all.facts?.nodes ?? [])
      .filter(({ ready, fresh }) => !ready || !fresh)
      .flatMap(({ names }) => names)
      .filter((name) => name !== target?.nodeName),
  };
}

function readMachine(results: z.output<typeof planRemovalInput>['machine']): AskedMachine {
  const { answers, noAnswers } = parseResults(preflightFacts, results);
  const [answer] = answers;
  const [silence] = noAnswers;
  return { ...(answer && { facts: answer.value }), ...(silence && { silence }) };
}

/** The machine that joins before this node leaves, and has not joined yet. */
export function joinsBefore({ replacement, target, all }: RemovalView): string | undefined {
  if (!replacement || replacement.lock || !target?.isReached) return undefined;
  const isNode = all.controlPlanes.some(({ instanceId }) => instanceId === replacement.with);
  return isNode
    ? undefined
    : (all.nodes.find(({ instanceId }) => instanceId === replacement.with)?.name ?? replacement.with);
}

/** etcd as it will be when this node leaves. */
export function etcdThen(view: RemovalView): EtcdView {
  const { etcd } = view.all;
  const joining = joinsBefore(view);
  if (joining === undefined || etcd.topology === 'external') return etcd;
  return { ...etcd, members: [...etcd.members, { id: '', name: joining, learner: false, healthy: true }] };
}

/** It is no node: neither does the machine say so, nor does the cluster know it. */
export const isGone = ({ machine, node, member }: Target): boolean =>
  machine?.cluster.state === 'none' && node === undefined && member === undefined;

/** The same of a dead machine that is replaced: an earlier run has removed its Node, and it cannot say so itself. */
export const wasRemoved = ({ all, target, replacement }: RemovalView): boolean =>
  replacement !== undefined &&
  all.facts?.nodesLeftOut === 0 &&
  // Under its lock replace-node has seen it before.
  (target
    ? !target.isReached && target.node === undefined && target.member === undefined
    : replacement.lock !== undefined);

/** Its kubelet is at work, by its Node object. Nodes that are well are the first for which an answer has no room. */
export const isAlive = ({ all }: RemovalView, { node }: Target): boolean =>
  node ? node.fresh : (all.facts?.nodesLeftOut ?? 0) > 0;
