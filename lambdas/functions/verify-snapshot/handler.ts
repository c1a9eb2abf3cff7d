import { NoSuchKey } from '@aws-sdk/client-s3';
import { readBack, type StoredObject } from '../../aws/bucket';
import { cloudWatch, s3 } from '../../aws/clients';
import { publishMetrics } from '../../aws/publish';
import { deleteSecretsOf } from '../../aws/secrets';
import { verifySnapshotInput, type Snapshot } from '../../contracts/snapshot';
import { logger, parsePayload } from '../../runtime/lambda';
import { proveSnapshot, readClaims } from './verify-snapshot';

/** Deletes the URLs, reads what was uploaded back from the bucket and compares it with what the nodes saved. */
export async function handler(payload: unknown): Promise<Snapshot> {
  const { cluster, execution, prepared, answers } = parsePayload(verifySnapshotInput, payload);
  const { bucket } = prepared;
  await deleteSecretsOf(cluster, execution);
  const claims = readClaims(cluster, prepared, answers);
  const stored = new Map<string, StoredObject | undefined>();
  for (const { key } of claims) stored.set(key, await read(bucket, key));
  const snapshot = proveSnapshot(cluster, bucket, claims, stored);
  logger.info('Snapshot proven', { cluster, bucket, keys: [...stored.keys()] });
  const { bytes } = snapshot.objects.find(({ etcd }) => etcd)!;
  const metric = { name: 'EtcdSnapshotBytes', dimensions: { Cluster: cluster }, value: bytes };
  await publishMetrics(cloudWatch(), [metric], new Date());
  return snapshot;
}

async function read(bucket: string, key: string): Promise<StoredObject | undefined> {
  try {
    return await readBack(s3(), { Bucket: bucket, Key: key });
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}
