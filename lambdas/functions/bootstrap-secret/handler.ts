import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { bootstrapSecretInput, type BootstrapSecret } from '../../contracts/repair';
import {
  deleteSecret,
  deleteSecretOf,
  newSecretName,
  readSecretRecord,
  writeSecretRecord,
} from '../../aws/bootstrap-secret';
import { ssm, stepFunctions } from '../../aws/clients';
import { executionStatus, isRunning } from '../../aws/executions';
import { logger, parsePayload } from '../../runtime/lambda';
import { randomInt } from 'node:crypto';

/**
 * Makes a bootstrap token for one execution and puts it where nodes read it themselves (a SecureString parameter), or deletes it.
 * The token is in no answer, event, log or history. Made again, it is another token under another name.
 */
export async function handler(payload: unknown): Promise<BootstrapSecret | null> {
  const { action, cluster, execution } = parsePayload(bootstrapSecretInput, payload);
  if (action === 'delete') {
    await deleteSecretOf(cluster, execution);
    logger.info('Secret deleted', { cluster });
    return null;
  }
  const record = { holder: execution, name: newSecretName(cluster) };
  // Of this execution, made a first time, or of one before that left it: this one holds the lock.
  const left = await readSecretRecord(cluster);
  if (left) await deleteSecret(cluster, left);
  if (!(await writeSecretRecord(cluster, record)))
    throw new Error(`Another execution makes a secret for ${cluster} at this moment: start the operation again.`);
  await ssm().send(
    new PutParameterCommand({
      Name: record.name,
      Type: 'SecureString',
      Value: newBootstrapToken(),
      Description: `Bootstrap token of ${execution.split(':').at(-1)}, deleted at its end`.slice(0, 1024),
    }),
  );
  // Stopped while this was under way: on-operation-ended may have deleted before there was anything to delete.
  if (!isRunning(await executionStatus(stepFunctions(), execution))) {
    await deleteSecret(cluster, record);
    throw new Error(`${execution} has ended meanwhile: the secret was deleted again.`);
  }
  logger.info('Secret made', { cluster });
  return { name: record.name };
}

const CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** A token in the form that Kubernetes demands: six characters, a dot, sixteen characters (82 bits that nobody can guess). */
export function newBootstrapToken(): string {
  return `${characters(6)}.${characters(16)}`;
}

function characters(howMany: number): string {
  return Array.from({ length: howMany }, () => CHARACTERS[randomInt(CHARACTERS.length)]).join('');
}
