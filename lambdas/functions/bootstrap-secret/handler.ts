import { randomBytes, randomInt } from 'node:crypto';
import { bootstrapSecretInput, type BootstrapSecret } from '../../contracts/repair';
import { deleteSecretsOf, makeSecrets, newSecretName } from '../../aws/secrets';
import { logger, parsePayload } from '../../runtime/lambda';

/**
 * Makes a bootstrap token for one execution, and the key for control planes' certificates where they are wanted, and puts them where nodes
 * read them themselves (SecureString parameters), or deletes them. No secret is in an answer, event, log or history. Made again, they are
 * others under other names.
 */
export async function handler(payload: unknown): Promise<BootstrapSecret | null> {
  const { action, cluster, execution, withCertificateKey = false } = parsePayload(bootstrapSecretInput, payload);
  if (action === 'delete') {
    await deleteSecretsOf(cluster, execution);
    logger.info('Secret deleted', { cluster });
    return null;
  }
  const name = newSecretName('bootstrap-token', cluster);
  const certificateKey = newSecretName('certificate-key', cluster);
  await makeSecrets(cluster, execution, `Bootstrap secret of ${execution.split(':').at(-1)}, deleted at its end`, [
    { name, value: newBootstrapToken() },
    ...(withCertificateKey ? [{ name: certificateKey, value: newCertificateKey() }] : []),
  ]);
  logger.info('Secret made', { cluster });
  return { name, ...(withCertificateKey && { certificateKey }) };
}

const CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** A token in the form that Kubernetes demands: six characters, a dot, sixteen characters (82 bits that nobody can guess). */
export function newBootstrapToken(): string {
  return `${characters(6)}.${characters(16)}`;
}

/** A key for AES-256 in the form that kubeadm demands. */
export const newCertificateKey = (): string => randomBytes(32).toString('hex');

function characters(howMany: number): string {
  return Array.from({ length: howMany }, () => CHARACTERS[randomInt(CHARACTERS.length)]).join('');
}
