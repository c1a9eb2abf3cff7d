import type { StoredObject } from '../../aws/bucket';
import { backUpResult, type BackUpResult, type PreparedSnapshot, type Snapshot } from '../../contracts/snapshot';
import type { NodeResult } from '../../contracts/run-on-nodes';
import { parseResults } from '../../domain/nodes/answers';
import { count } from '../../domain/text/plain-text';
import { UserError } from '../../runtime/user-error';

type Wanted = PreparedSnapshot['objects'][number];

/** What a node said that it uploaded. */
export interface Claim extends Wanted {
  answer: BackUpResult;
}

/**
 * Each object that was prepared, with its node's answer.
 * @throws UserError SnapshotNotProven where a node has not answered, or none has saved etcd
 */
export function readClaims(cluster: string, { objects }: PreparedSnapshot, results: NodeResult[]): Claim[] {
  const { answers, noAnswers } = parseResults(backUpResult, results);
  const claims = objects.map((wanted) => {
    const answer = answers.find(({ instanceId }) => instanceId === wanted.instanceId)?.value;
    if (answer) return { ...wanted, answer };
    const said = noAnswers.find(({ instanceId }) => instanceId === wanted.instanceId)?.message ?? 'it gave no answer.';
    throw notProven(cluster, `${wanted.name} has not saved what it should: ${said}`);
  });
  if (!claims.some(({ answer }) => answer.etcd))
    throw notProven(cluster, `none of ${count(claims.length, 'node')} has saved etcd, expected one.`);
  return claims;
}

/**
 * Compares what is in the bucket with what the nodes say that they uploaded.
 * @param stored by key; undefined where there is no such object
 * @throws UserError SnapshotNotProven
 */
export function proveSnapshot(
  cluster: string,
  bucket: string,
  claims: Claim[],
  stored: Map<string, StoredObject | undefined>,
): Snapshot {
  const objects = claims.map(({ answer, ...object }) => {
    const found = stored.get(object.key);
    const where = `${object.key} in the bucket ${bucket}`;
    if (!found) throw notProven(cluster, `${object.name} says that it uploaded ${where}, and there is no such object.`);
    if (found.bytes !== answer.bytes || found.sha256 !== answer.sha256)
      throw notProven(
        cluster,
        `${where} has ${found.bytes} bytes with the SHA-256 ${found.sha256.slice(0, 12)}, ${object.name} says that it uploaded ${answer.bytes} with ${answer.sha256.slice(0, 12)}.`,
      );
    return { ...object, ...found, ...(answer.etcd && { etcd: answer.etcd }) };
  });
  const { name, etcd } = objects.find((object) => object.etcd)!;
  const summary = `etcd of ${cluster} is saved at revision ${etcd!.revision} (${etcd!.totalKeys} keys, from ${name}) and restored from as a proof, with /etc/kubernetes of ${count(objects.length, 'node')}.`;
  return { bucket, objects, summary };
}

const notProven = (cluster: string, what: string): UserError =>
  new UserError('SnapshotNotProven', `The snapshot of ${cluster} is not proven: ${what} Start the operation again.`);
