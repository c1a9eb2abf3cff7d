import * as z from 'zod';
import { givenApproval } from './approval';
import { clusterConfig, clusterName } from './cluster-config';
import { plannedWindow } from './maintenance-settings';
import { clusterNode, namedInstance } from './node';
import { operationOptions } from './operation';
import { plan } from './plan';
import { nodeResult } from './run-on-nodes';

/** Characters in base64 of a configuration, and of the kubelet's flags: as many as their documents take. */
export const MOST_DOCUMENT = 6000;
export const MOST_FLAGS = 3000;

/** One setting that changes. Without `from` it is added, without `to` removed. */
export const settingChange = z.object({
  /** kube-apiserver, certSANs, kubelet … */
  where: z.string(),
  name: z.string(),
  from: z.string().optional(),
  to: z.string().optional(),
});
export type SettingChange = z.infer<typeof settingChange>;

/** A control plane's turn. */
export const reconfigurationTurn = namedInstance.extend({
  /** Its static pods or the certificate of its API server may change, so it leaves the load balancer. */
  staticPods: z.boolean(),
  kubelet: z.boolean(),
});
export type ReconfigurationTurn = z.infer<typeof reconfigurationTurn>;

/** What reconfigure does. */
export const reconfigurationPlan = plan.extend({
  operation: z.literal('reconfigure'),
  /** continue: an earlier one was cut off. */
  kind: z.enum(['reconfigure', 'continue', 'nothing']),
  /** The control plane on which the cluster's configuration is stored. Absent where none answered. */
  first: namedInstance.optional(),
  changes: z.array(settingChange),
  /** What was changed by hand on nodes and would be lost, a line each. */
  lost: z.array(z.string()),
  controlPlanes: z.array(reconfigurationTurn),
  /** Workers whose kubelet is reconfigured: the first alone, then the others. */
  canary: z.array(namedInstance),
  workers: z.array(namedInstance),
  /** Of a cluster that has maintenance windows. */
  window: plannedWindow.optional(),
  /** What nodes get, as the node steps take it. */
  parameters: z.object({
    clusterConfiguration: z.string(),
    kubeletConfiguration: z.string(),
    kubeletArguments: z.string(),
    controlPlanePatches: z.string(),
    workerPatches: z.string(),
  }),
});
export type ReconfigurationPlan = z.infer<typeof reconfigurationPlan>;

/** From the state machine reconfigure to the Lambda `plan-reconfiguration`, which answers with a ReconfigurationPlan. */
export const planReconfigurationInput = z.object({
  /** ISO 8601: the time by which maintenance windows are judged; by default the function's own. */
  at: z.string().optional(),
  cluster: clusterName,
  config: clusterConfig,
  options: operationOptions('reconfigure'),
  /** Control planes and workers, reachable or not. */
  nodes: z.array(clusterNode),
  /** Results of scripts/inspect-configuration.sh. */
  facts: z.array(nodeResult),
});
export type PlanReconfigurationInput = z.input<typeof planReconfigurationInput>;

/** Output of the state machine reconfigure. */
export const reconfigurationReport = z.object({
  cluster: z.string(),
  plan: reconfigurationPlan.omit({ parameters: true }),
  /** stopped: as somebody asked, or because the maintenance window was about to close; started again, it goes on. */
  outcome: z.enum(['reconfigured', 'stopped', 'nothing']),
  /** Nodes on which something changed, by name. */
  changedNodes: z.array(z.string()),
  summary: z.string(),
  /** Who asked and who approved, where the cluster's settings want approval. */
  approval: givenApproval.optional(),
});
export type ReconfigurationReport = z.infer<typeof reconfigurationReport>;
