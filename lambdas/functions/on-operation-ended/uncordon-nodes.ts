import { ExecutionAlreadyExists, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { createHash } from 'node:crypto';
import { dynamoDb, stepFunctions } from '../../aws/clients';
import { readLock } from '../../aws/lock-table';
import type { UncordonNodesInput } from '../../contracts/uncordon-nodes';
import { environment, logger } from '../../runtime/lambda';

export interface EndedOperation {
  operation: string;
  cluster: string;
  executionArn: string;
  /** Its input, parsed. */
  input: unknown;
  startDate?: number | null | undefined;
  redriveCount?: number | null | undefined;
}

/**
 * Starts what uncordons the nodes that an operation left cordoned, and gives its lock back then. Where the operation does not hold the
 * lock, it has drained nothing, or somebody else is at work and sees to it.
 * @returns false when nothing was started: the lock is to be given back
 */
export async function uncordonNodes(ended: EndedOperation): Promise<boolean> {
  const { operation, cluster, executionArn, input, startDate, redriveCount } = ended;
  const lock = await readLock(dynamoDb(), environment('LOCK_TABLE'), cluster);
  if (lock?.holder !== executionArn) return false;
  const since = lock.since ?? new Date(startDate ?? Date.now()).toISOString();
  const request: UncordonNodesInput = { operation, cluster, input, lock: { cluster, holder: executionArn, since } };
  // The event may come twice; after a redrive the operation ends once more.
  const name = createHash('sha256')
    .update(`${executionArn}/${redriveCount ?? 0}`)
    .digest('hex')
    .slice(0, 40);
  try {
    await stepFunctions().send(
      new StartExecutionCommand({
        stateMachineArn: environment('UNCORDON_NODES'),
        name,
        input: JSON.stringify(request),
      }),
    );
    logger.info('Nodes are being uncordoned', { operation, cluster, executionArn, execution: name });
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
  return true;
}
