import * as z from 'zod';
import { clusterConfig, clusterName } from './cluster-config';
import { clusterNode, namedInstance } from './node';
import { operationOptions } from './operation';
import { plan } from './plan';
import { nodeResult } from './run-on-nodes';
import { snapshot } from './snapshot';

/** `steps` has every node that saves its /etc/kubernetes. */
export const backUpPlan = plan.extend({
  operation: z.literal('back-up-etcd'),
  kind: z.literal('snapshot'),
  /** The node that saves etcd: of the healthy members one that does not lead, where there is one. Absent where a gate refuses. */
  etcdOn: namedInstance.optional(),
});
export type BackUpPlan = z.infer<typeof backUpPlan>;

/** From the state machine back-up-etcd to the Lambda `plan-back-up`, which answers with a BackUpPlan. */
export const planBackUpInput = z.object({
  cluster: clusterName,
  config: clusterConfig,
  options: operationOptions('back-up-etcd'),
  /** Control planes and etcd nodes, reachable or not. */
  nodes: z.array(clusterNode),
  /** Results of scripts/inspect-control-plane.sh. */
  facts: z.array(nodeResult),
});
export type PlanBackUpInput = z.input<typeof planBackUpInput>;

/** Output of the back-up-etcd state machine. */
export const backUpReport = z.object({
  cluster: z.string(),
  plan: backUpPlan,
  /** Absent when only the plan was wanted. */
  snapshot: snapshot.optional(),
  summary: z.string(),
});
export type BackUpReport = z.infer<typeof backUpReport>;
