import * as z from 'zod';
import { clusterConfig, clusterName } from './cluster-config';
import { clusterNode, namedInstance } from './node';
import { OPERATIONS, operationOptions, type OperationName, type OperationOptions } from './operation';

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
  /** Control planes and etcd nodes by name, reachable or not. Workers are only counted: a thousand would not fit into a state. */
  nodes: z.array(clusterNode),
  workers: z.number(),
  /** Whom Run Command reaches now: control planes; for check-certificates etcd nodes too. Never empty. */
  controlPlanes: z.array(namedInstance),
  unreachable: z.array(clusterNode),
  /** Why nothing may change on this cluster now; the same as `config.frozen`. */
  frozen: z.string().optional(),
});

/** Answer of `find-nodes` to the operation's state machine. */
export type FoundNodes<Name extends OperationName = OperationName> = z.output<typeof common> & {
  options: OperationOptions<Name>;
};
export const foundNodes = <Name extends OperationName>(operation: Name) =>
  common.extend({ options: operationOptions(operation) }) as unknown as z.ZodType<FoundNodes<Name>>;
