import { createHash } from 'node:crypto';
import type { OperationName, Trigger } from '../contracts/operation';

/** Name of the execution that a trigger starts, at most 80 characters: the same trigger gives the same name, so it starts one. */
export function executionName(operation: OperationName, cluster: string, { source, id }: Trigger): string {
  const hash = createHash('sha256').update(`${source}:${id}`).digest('hex').slice(0, 20);
  return `${operation}-${cluster}-${hash}`;
}

/** ARN of an execution of a standard state machine. */
export function executionArn(stateMachineArn: string, name: string): string {
  return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
}
