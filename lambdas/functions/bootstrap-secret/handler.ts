import { randomBytes, randomInt } from 'node:crypto';
import { bootstrapSecretInput, type BootstrapSecret } from '../../contracts/repair';
import {
  bootstrapSecretName,
  certificateKeyName,
  deleteBootstrapSecret,
  deleteJoinSecrets,
} from '../../aws/bootstrap-secret';
import { ssm, stepFunctions } from '../../aws/clients';
import { executionStatus, isRunning } from '../../aws/executions';
import { putSecret } from '../../aws/secrets';
import { logger, parsePayload } from '../../runtime/lambda';

/**
 * Makes a bootstrap token for one execution, and the key for control planes' certificates where they are wanted, and puts them where nodes
 * read them themselves (SecureString parameters), or deletes them. No secret is in an answer, event, log or history. Made again for the same
 * execution, they are others.
 */
export async function handler(payload: unknown): Promise<BootstrapSecret> {
  const { action, cluster, execution, withCertificateKey = false } = parsePayload(bootstrapSecretInput, payload);
  const name = bootstrapSecretName(cluster, execution);
  const certificateKey = certificateKeyName(cluster, execution);
  const remove = () =>
    withCertificateKey
      ? deleteJoinSecrets(ssm(), cluster, execution)
      : deleteBootstrapSecret(ssm(), cluster, execution);
  if (action === 'delete') await remove();
  else {
    const owner = `of ${execution.split(':').at(-1)}, deleted at its end`;
    await putSecret(ssm(), name, newBootstrapToken(), `Bootstrap token ${owner}`);
    if (withCertificateKey) await putSecret(ssm(), certificateKey, newCertificateKey(), `Certificate key ${owner}`);
    // Stopped while this was under way: on-operation-ended may have deleted before there was anything to delete.
    if (!isRunning(await executionStatus(stepFunctions(), execution))) {
      await remove();
      throw new Error(`${execution} has ended meanwhile: the secret was deleted again.`);
    }
  }
  logger.info(action === 'delete' ? 'Secret deleted' : 'Secret made', { cluster, name });
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
