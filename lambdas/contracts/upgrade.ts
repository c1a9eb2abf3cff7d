import * as z from 'zod';
import { clusterConfig, clusterName } from './cluster-config';
import { clusterNode, namedInstance } from './node';
import { kubernetesVersion } from './kubernetes-settings';
import { plannedWindow } from './maintenance-settings';
import { upgradeOptions } from './operation';
import { plan } from './plan';
import { nodeResult, resultsOrWhere } from './run-on-nodes';

/** What one node of a hop still needs. */
export const upgradeTurn = namedInstance.extend({
  /** The name that Kubernetes knows it by. */
  nodeName: z.string(),
  /** apply: the first control plane of a hop, which writes the cluster's configuration; node: all others. */
  command: z.enum(['apply', 'node']),
  /**
   * What an earlier run has finished for this hop. kubeadm: kubeadm's part, its static pods have the version; kubelet: that and the kubelet,
   * and it is only still cordoned by us. A node for which nothing is left to do has no turn.
   */
  done: z.enum(['nothing', 'kubeadm', 'kubelet']),
});
export type UpgradeTurn = z.infer<typeof upgradeTurn>;

/** Workers that are drained together, up to so many at a time. */
export const upgradeGroup = z.object({
  group: z.string(),
  /** A number of workers, 1 or more. */
  maxUnavailable: z.number().int().min(1),
  /** The first one goes alone. */
  nodes: z.array(upgradeTurn),
});
export type UpgradeGroup = z.infer<typeof upgradeGroup>;

/** One minor on the way, or the patch. */
export const hop = z.object({
  version: kubernetesVersion,
  /** etcd's members, in order, leader last, that are raised to this image before anything else of the hop. */
  raiseEtcd: z.object({ imageTag: z.string(), nodes: z.array(upgradeTurn) }).optional(),
  /** Parameters of the step upgrade-kubeadm. */
  kubeadm: z.object({
    /** Names of kubeadm's preflight checks, separated by commas, or none. */
    ignoreErrors: z.string(),
    /** no: some end later than new ones would, or another CA signed them; those that gain are renewed by name before. */
    renewCertificates: z.enum(['yes', 'no']),
    /** Separated by commas, or none. */
    skipPhases: z.string(),
    /** Where the kubelet of a control plane looks for the API while kubeadm restarts the one of its node. */
    kubeletServer: z.enum(['endpoint', 'own']),
  }),
  /** A kubelet of a control plane uses another API server than its own: kubelets follow after all API servers. */
  kubeletsLast: z.boolean(),
  /** One at a time, in this order: etcd's leader last. */
  controlPlanes: z.array(upgradeTurn),
  workers: z.array(upgradeGroup),
});
export type Hop = z.infer<typeof hop>;

/** What draining every node will meet, as far as it can be told beforehand. */
export const drainForecast = z.object({
  pods: z.number().int(),
  emptyDir: z.number().int(),
  unmanaged: z.array(z.string()),
  /** Budgets that allow fewer disruptions than a node (`most` of `node`) needs at once, or none at all. */
  tight: z.array(z.object({ budget: z.string(), allowed: z.number(), node: z.string(), most: z.number() })),
  refused: z.array(z.string()),
});
export type DrainForecast = z.infer<typeof drainForecast>;

/** A plan with one of these kinds: a patch of the same minor, one minor, several. */
export const upgradePlan = plan.extend({
  operation: z.literal('upgrade'),
  kind: z.enum(['patch', 'minor', 'chain']),
  /** The oldest version in the cluster. */
  from: z.string(),
  target: z.string(),
  /** In order; empty unless the decision is act. */
  hops: z.array(hop),
  /** As found: CNI, cloud controller manager, CSI drivers, etcd, CoreDNS. */
  versions: z.array(z.object({ name: z.string(), version: z.string() })),
  forecast: drainForecast,
  /** Nodes that are left as they are, with the reason. */
  skipped: z.array(z.object({ name: z.string(), reason: z.string() })),
  /**
   * What is saved in the operations bucket before the first change: etcd of one control plane, and /etc/kubernetes of each. Absent unless the
   * decision is act, and where etcd is external: an upgrade does not touch that one.
   */
  snapshot: z.object({ etcdOn: namedInstance, nodes: z.array(namedInstance) }).optional(),
  window: plannedWindow,
  /** How many steps are not listed in `steps`, because there are more than fit into a state; `hops` has all of them. */
  moreSteps: z.number().int().optional(),
  /** Of Step Functions, and what they cost in US dollars at list price. */
  transitions: z.number().int(),
  dollars: z.number(),
});
export type UpgradePlan = z.infer<typeof upgradePlan>;

/** Of the Lambda `plan-upgrade`, which answers with an UpgradePlan. */
export const planUpgradeInput = z.object({
  cluster: clusterName,
  config: clusterConfig,
  options: z.object({ planOnly: z.boolean(), ...upgradeOptions }).required(),
  /** Control planes and workers of the cluster, as find-nodes has them, reachable or not. */
  nodes: z.array(clusterNode),
  /** Results of scripts/inspect-for-upgrade.sh (UpgradeFacts), or why there is none. */
  facts: z.array(nodeResult),
  /** ISO 8601: the time by which the maintenance windows are judged. */
  at: z.string(),
});
export type PlanUpgradeInput = z.input<typeof planUpgradeInput>;

/** The same as the state machine sends it. */
export const planUpgradePayload = planUpgradeInput.extend({ facts: resultsOrWhere });
export type PlanUpgradePayload = z.input<typeof planUpgradePayload>;
