import * as z from 'zod';
import { givenApproval } from './approval';
import { clusterConfig, clusterName } from './cluster-config';
import { clusterNode, namedInstance } from './node';
import { operationOptions } from './operation';
import { plan } from './plan';
import { nodeResult } from './run-on-nodes';

/** One row of the table of prerequisites: a check on a node that did not pass, or only with a warning. */
export const prerequisite = z.object({
  node: z.string(),
  check: z.string(),
  found: z.string(),
  wanted: z.string(),
  whatToDo: z.string(),
  /** It does not stop the operation. */
  warning: z.boolean(),
});
export type Prerequisite = z.infer<typeof prerequisite>;

/** The operations that make nodes of machines. */
export const createOperation = z.enum(['create-cluster', 'join-node']);
export type CreateOperation = z.infer<typeof createOperation>;

/** What create-cluster and join-node do. `steps` are in the order in which machines become nodes; those that have joined already are in none. */
export const createPlan = plan.extend({
  operation: createOperation,
  /** join: of join-node; prove: all are nodes, and nobody has seen yet that the cluster works. */
  kind: z.enum(['create', 'continue', 'join', 'prove', 'nothing']),
  /** X.Y.Z; of join-node the cluster's own, whatever its settings say. */
  version: z.string(),
  /** The control plane that the cluster begins with, or one that is there already: tokens are made there. Absent where a gate refuses. */
  first: namedInstance.optional(),
  /** Machines of role etcd, where kubeadm init has to run: they run etcd by then, and the control planes have none of their own. */
  etcd: z.array(namedInstance),
  /** Of all machines those that get the packages of Kubernetes. */
  toPrepare: z.array(namedInstance),
  /** `first`, where kubeadm init has to run there. */
  init: z.array(namedInstance),
  controlPlanes: z.array(namedInstance),
  workers: z.array(namedInstance),
  /** Nodes that have to be Ready in the end: all of the cluster's, or of join-node those that join. */
  nodes: z.number().int(),
  /** Their names for scripts/wait-for-nodes.sh: all, or those of join-node with a comma between them. */
  waitFor: z.string(),
  /** Nodes that joined before, and from which nobody has seen the cluster work. */
  unproven: z.array(namedInstance),
  /** Those of them that are control planes: what let them join was cut off, perhaps before they came into their target groups. */
  unregistered: z.array(namedInstance),
  /** What every node is prepared with. */
  prepare: z.object({
    packages: z.string(),
    cgroupDriver: z.string(),
    swap: z.string(),
    runtime: z.string(),
    runtimePackages: z.string(),
  }),
  cni: z.object({ url: z.string(), sha256: z.string() }),
  configuration: z.object({
    /** kubeadm's configuration in base64, without secrets: nodes put those in. */
    init: z.string(),
    controlPlane: z.string(),
    worker: z.string(),
    /** The same of the etcd machine, and the configuration of its kubelet; empty where there is none. */
    etcd: z.string(),
    etcdKubelet: z.string(),
    /** As scripts/lib/kubeadm/patches.sh takes them. */
    controlPlanePatches: z.string(),
    workerPatches: z.string(),
  }),
  prerequisites: z.array(prerequisite),
});
export type CreatePlan = z.infer<typeof createPlan>;

/** From the state machines create-cluster and join-node to the Lambda `plan-create`, which answers with a CreatePlan. */
export const planCreateInput = z.object({
  operation: createOperation,
  cluster: clusterName,
  config: clusterConfig,
  options: z.union([operationOptions('join-node'), operationOptions('create-cluster')]),
  /** Control planes and workers, of create-cluster etcd machines too, reachable or not. */
  nodes: z.array(clusterNode),
  /** Results of scripts/preflight.sh. */
  facts: z.array(nodeResult),
});
export type PlanCreateInput = z.input<typeof planCreateInput>;

/** Secrets that nodes join with: where they are, never what they are. */
export const joinSecrets = z.object({ token: z.string(), certificateKey: z.string() });
export type JoinSecrets = z.infer<typeof joinSecrets>;

/** Output of the state machines create-cluster and join-node. */
export const createReport = z.object({
  cluster: z.string(),
  plan: createPlan.omit({ configuration: true }),
  outcome: z.enum(['created', 'joined', 'nothing']),
  /** Who asked and who approved, where the cluster's settings want approval. */
  approval: givenApproval.optional(),
  summary: z.string(),
});
export type CreateReport = z.infer<typeof createReport>;
