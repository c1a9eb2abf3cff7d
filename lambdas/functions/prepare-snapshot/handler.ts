import { presigner, uploadUrl } from '../../aws/bucket';
import { makeSecrets, newSecretName } from '../../aws/secrets';
import { prepareSnapshotInput, type PreparedSnapshot } from '../../contracts/snapshot';
import { environment, logger, parsePayload } from '../../runtime/lambda';
import { objectKeys } from './object-keys';

/** From now until the node has begun to upload. */
const URL_SECONDS = 900;

/**
 * Makes a presigned URL for each node and puts it where that node reads it itself (a SecureString parameter). No URL is in an answer, event,
 * log or history.
 */
export async function handler(payload: unknown): Promise<PreparedSnapshot> {
  const { cluster, execution, at, keepDays, nodes } = parsePayload(prepareSnapshotInput, payload);
  const bucket = environment('OPERATIONS_BUCKET');
  const secret = newSecretName('upload', cluster);
  const objects = objectKeys(cluster, keepDays, at, nodes);
  const client = presigner();
  const urls: { name: string; value: string }[] = [];
  for (const { instanceId, key } of objects)
    urls.push({
      name: `${secret}-${instanceId}`,
      value: await uploadUrl(client, { Bucket: bucket, Key: key }, URL_SECONDS),
    });
  const description = `URL for an upload of ${execution.split(':').at(-1)}, deleted at its end`;
  await makeSecrets(cluster, execution, description, urls);
  logger.info('Uploads prepared', { cluster, bucket, keys: objects.map(({ key }) => key) });
  return { secret, bucket, objects };
}
