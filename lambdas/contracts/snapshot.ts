import * as z from 'zod';
import { clusterName } from './cluster-config';
import { namedInstance } from './node';
import { label } from './node-steps';
import { nodeResult } from './run-on-nodes';

/** What snapshots in the operations bucket begin with, those that are kept for so many days. */
export const snapshotPrefix = (keepDays: number) => `etcd-snapshots/${keepDays}-days/`;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** etcd's keys as they were saved, and as they came out of the restore. */
export const savedEtcd = z.object({
  /** Of the keys and their history at this revision: `etcdctl endpoint hashkv`. */
  hash: z.number().int(),
  revision: z.number().int(),
  /** As `etcdutl snapshot status` counts them: revisions, and what etcd itself keeps. */
  totalKeys: z.number().int(),
  /** X.Y.Z of the member that gave it. */
  version: label.optional(),
});
export type SavedEtcd = z.infer<typeof savedEtcd>;

/** Result of scripts/back-up-etcd.sh. `etcd` on the node alone that takes the snapshot. */
export const backUpResult = z.object({
  node: label,
  /** Of the archive that was uploaded. */
  bytes: z.number().int().positive(),
  sha256,
  etcd: savedEtcd.optional(),
});
export type BackUpResult = z.infer<typeof backUpResult>;

/** From a snapshot phase to the Lambda `prepare-snapshot`, just before the node step. */
export const prepareSnapshotInput = z.object({
  cluster: clusterName,
  /** ARN of the execution that needs the URLs, which holds the cluster's lock. */
  execution: z.string().min(1),
  /** When, ISO 8601: part of the objects' names. */
  at: z.string(),
  /** How long what is saved is kept. */
  keepDays: z.number().int(),
  nodes: z.array(namedInstance).min(1),
});
export type PrepareSnapshotInput = z.input<typeof prepareSnapshotInput>;

/** Its answer: where nodes find their URLs, never a URL. */
export const preparedSnapshot = z.object({
  /** Parameter `Secret` of the node step: each node's own is this with `-` and its instance id. */
  secret: z.string(),
  bucket: z.string(),
  objects: z.array(namedInstance.extend({ key: z.string() })),
});
export type PreparedSnapshot = z.infer<typeof preparedSnapshot>;

/** From a snapshot phase to the Lambda `verify-snapshot`, once all nodes have answered. */
export const verifySnapshotInput = z.object({
  cluster: clusterName,
  /** ARN of the execution that the uploads were prepared for. */
  execution: z.string().min(1),
  prepared: preparedSnapshot,
  /** Results of scripts/back-up-etcd.sh. */
  answers: z.array(nodeResult),
});
export type VerifySnapshotInput = z.input<typeof verifySnapshotInput>;

/** What was saved and is proven: read back from the bucket, byte by byte. */
export const snapshot = z.object({
  bucket: z.string(),
  objects: z.array(
    namedInstance.extend({
      key: z.string(),
      versionId: z.string(),
      bytes: z.number().int(),
      sha256,
      /** The one with etcd's snapshot. */
      etcd: savedEtcd.optional(),
    }),
  ),
  /** A sentence. */
  summary: z.string(),
});
export type Snapshot = z.infer<typeof snapshot>;
