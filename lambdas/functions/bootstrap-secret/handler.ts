import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { bootstrapSecretInput, type BootstrapSecret } from '../../contracts/repair';
import { bootstrapSecretName, deleteBootstrapSecret } from '../../aws/bootstrap-secret';
import { ssm, stepFunctions } from '../../aws/clients';
import { executionStatus, isRunning } from '../../aws/executions';
import { logger, parsePayload } from '../../runtime/lambda';
import { randomInt } from 'node:crypto';

/**
 * Makes a bootstrap token for one execution and puts it where nodes read it themselves (a SecureString parameter), or deletes it.
 * The token is in no answer, event, log or history. Made again for the same execution, it is another token.
 */
export async function handler(payload: unknown): Promise<BootstrapSecret> {
  const { action, cluster, execution } = parsePayload(bootstrapSecretInput, payload);
  const name = bootstrapSecretName(cluster, execution);
  if (action === 'delete') await deleteBootstrapSecret(ssm(), cluster, execution);
  else {
    await ssm().send(
      new PutParameterCommand({
        Name: name,
        Type: 'SecureString',
        Value: newBootstrapToken(),
        Overwrite: true,
        Description: `Bootstrap token of ${execution.split(':').at(-1)}, deleted at its end`.slice(0, 1024),
      }),
    );
    // Stopped while this was under way: on-operation-ended may have deleted before there was anything to delete.
    if (!isRunning(await executionStatus(stepFunctions(), execution))) {
      await deleteBootstrapSecret(ssm(), cluster, execution);
      throw new Error(`${execution} has ended meanwhile: the secret was deleted again.`);
    }
  }
  logger.info(action === 'delete' ? 'Secret deleted' : 'Secret made', { cluster, name });
  return { name };
}

const CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** A token in the form that Kubernetes demands: six characters, a dot, sixteen characters (82 bits that nobody can guess). */
export function newBootstrapToken(): string {
  return `${characters(6)}.${characters(16)}`;
}

function characters(howMany: number): string {
  return Array.from({ length: howMany }, () => CHARACTERS[randomInt(CHARACTERS.length)]).join('');
}
