import { clusterName } from '../contracts/cluster-config';
import { OPERATIONS, type OperationName } from '../contracts/operation';

/** One execution of an operation's state machine. */
export interface ExecutionOf {
  operation: OperationName;
  /** The execution's name. */
  name: string;
}

/** What identifies an operation outside: its execution's name where that tells the operation, else with the operation in front. */
export function operationIdOf({ operation, name }: ExecutionOf): string {
  return ownName(name)?.operation === operation ? name : `${operation}.${name}`;
}

/** Undefined for what is no id of an operation. */
export function parseOperationId(id: string): ExecutionOf | undefined {
  const own = ownName(id);
  if (own) return { operation: own.operation, name: id };
  const operation = OPERATIONS.find((one) => id.startsWith(`${one}.`));
  const name = operation && id.slice(operation.length + 1);
  return name ? { operation, name } : undefined;
}

/** The cluster that the name of an execution tells, where `start-operation` gave it that name. */
export const clusterOfExecution = ({ operation, name }: ExecutionOf): string | undefined =>
  nameOf(operation, name)?.cluster;

/** As `executionName` writes it. Of operations whose names begin alike, the longest is meant. */
function ownName(name: string): { operation: OperationName; cluster: string } | undefined {
  return [...OPERATIONS]
    .sort((a, b) => b.length - a.length)
    .map((operation) => nameOf(operation, name))
    .find((found) => found !== undefined);
}

function nameOf(operation: OperationName, name: string): { operation: OperationName; cluster: string } | undefined {
  if (!name.startsWith(`${operation}-`)) return undefined;
  const cluster = /^(.+)-[0-9a-f]{20}$/.exec(name.slice(operation.length + 1))?.[1];
  return cluster !== undefined && clusterName.safeParse(cluster).success ? { operation, cluster } : undefined;
}

/** Of an execution of one of these state machines; undefined for another one's, such as RunOnNodes. */
export function executionOf(arn: string, stateMachines: Record<string, string>): ExecutionOf | undefined {
  const [machine, name] = [arn.slice(0, arn.lastIndexOf(':')), arn.slice(arn.lastIndexOf(':') + 1)];
  const operation = OPERATIONS.find((one) => stateMachines[one]?.replace(':stateMachine:', ':execution:') === machine);
  return operation && { operation, name };
}
