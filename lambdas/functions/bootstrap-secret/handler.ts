import { randomInt } from 'node:crypto';
import { bootstrapSecretInput, type BootstrapSecret } from '../../contracts/repair';
import { deleteSecretsOf, makeSecrets, newSecretName } from '../../aws/secrets';
import { logger, parsePayload } from '../../runtime/lambda';

/**
 * Makes a bootstrap token for one execution and puts it where nodes read it themselves (a SecureString parameter), or deletes it.
 * The token is in no answer, event, log or history. Made again, it is another token under another name.
 */
export async function handler(payload: unknown): Promise<BootstrapSecret | null> {
  const { action, cluster, execution } = parsePayload(bootstrapSecretInput, payload);
  if (action === 'delete') {
    await deleteSecretsOf(cluster, execution);
    logger.info('Secret deleted', { cluster });
    return null;
  }
  const name = newSecretName('bootstrap-token', cluster);
  const description = `Bootstrap token of ${execution.split(':').at(-1)}, deleted at its end`;
  await makeSecrets(cluster, execution, description, [{ name, value: newBootstrapToken() }]);
  logger.info('Secret made', { cluster });
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
