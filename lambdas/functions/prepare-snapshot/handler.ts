import { presigner, uploadUrl } from '../../aws/bucket';
import { ssm, stepFunctions } from '../../aws/clients';
import { executionStatus, isRunning } from '../../aws/executions';
import { deleteSecret, putSecret, secretName } from '../../aws/secrets';
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
  const secret = secretName('upload', cluster, execution);
  const objects = objectKeys(cluster, keepDays, at, nodes);
  const client = presigner();
  const description = `URL for an upload of ${execution.split(':').at(-1)}, deleted at its end`;
  for (const { instanceId, key } of objects) {
    const url = await uploadUrl(client, { Bucket: bucket, Key: key }, URL_SECONDS);
    await putSecret(ssm(), `${secret}-${instanceId}`, url, description);
  }
  // Stopped while this was under way: on-operation-ended may have deleted before there was anything to delete.
  if (!isRunning(await executionStatus(stepFunctions(), execution))) {
    for (const { instanceId } of objects) await deleteSecret(ssm(), `${secret}-${instanceId}`);
    throw new Error(`${execution} has ended meanwhile: the URLs were deleted again.`);
  }
  logger.info('Uploads prepared', { cluster, bucket, keys: objects.map(({ key }) => key) });
  return { secret, bucket, objects };
}
