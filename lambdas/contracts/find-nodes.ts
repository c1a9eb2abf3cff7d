import * as z from 'zod';
import { clusterConfig, clusterName } from './cluster-config';
import { clusterNode, mistaggedNode, namedInstance } from './node';
import {
  asks,
  OPERATIONS,
  operationOptions,
  type AskedRole,
  type OperationName,
  type OperationOptions,
} from './operation';

/** From the first state of every operation's state machine to the Lambda `find-nodes`. */
export const findNodesInput = z.object({
  operation: z.enum(OPERATIONS),
  /** The execution's input as it came, not checked yet. */
  input: z.unknown(),
});
export type FindNodesInput = z.infer<typeof findNodesInput>;

const common = z.object({
  cluster: clusterName,
  /** With every default filled in; `frozen` is also filled in from the tag kubeadm-autopilot:frozen of any of its nodes. */
  config: clusterConfig,
  /** All of them by name, with the reason where Run Command would not reach one. */
  controlPlanes: z.array(clusterNode),
  /** Nodes of an external etcd, likewise. */
  etcdNodes: z.array(clusterNode),
  workerCount: z.number().int(),
  /** There are more workers than fit into a state, so `workers` is empty. */
  workersLeftOut: z.literal(true).optional(),
  /** Whom Run Command reaches now: control planes, and etcd nodes where the operation asks those. Never empty. */
  reachable: z.array(namedInstance),
  /** Of the same nodes those that it does not reach. */
  unreachable: z.array(clusterNode),
  /** Only of an operation that changes nothing, others refuse: instances whose role is not known. Absent when none. */
  mistagged: z.array(mistaggedNode).optional(),
  /** Why nothing may change on this cluster now; the same as `config.frozen`. */
  frozen: z.string().optional(),
});

/** By name, with the reason where Run Command would not reach one, or where its SSM agent is too old. About 1,300 fit into a state, about 2,000 without groups and tags. */
const workers = z.array(clusterNode);

/** Answer of `find-nodes` to the operation's state machine: workers only for an operation that asks workers, else their number alone. */
export type FoundNodes<Name extends OperationName = OperationName> = Name extends OperationName
  ? z.output<typeof common> & { options: OperationOptions<Name> } & ('worker' extends AskedRole<Name>
        ? { workers: z.output<typeof workers> }
        : { workers?: undefined })
  : never;
export const foundNodes = <Name extends OperationName>(operation: Name) =>
  common.extend({
    options: operationOptions(operation),
    ...(asks(operation, 'worker') && { workers }),
  }) as unknown as z.ZodType<FoundNodes<Name>>;
