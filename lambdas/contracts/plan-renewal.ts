import * as z from 'zod';
import { clusterConfig, clusterName } from './cluster-config';
import { clusterNode } from './node';
import { operationOptions } from './operation';
import { nodeResult } from './run-on-nodes';

/** From the state machine renew-certificates to the Lambda `plan-renewal`, which answers with a RenewalPlan. */
export const planRenewalInput = z.object({
  cluster: clusterName,
  config: clusterConfig,
  options: operationOptions('renew-certificates'),
  /** Control planes and etcd nodes: every control plane has to have answered, also those that nobody could ask. */
  nodes: z.array(clusterNode),
  /** How many workers there are: a repair asks them too. */
  workerCount: z.number().default(0),
  /** Results of scripts/inspect-control-plane.sh with Inventory=yes (ControlPlaneFacts), or why there is none. */
  facts: z.array(nodeResult),
});
export type PlanRenewalInput = z.input<typeof planRenewalInput>;
