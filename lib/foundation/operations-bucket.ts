import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { LifecycleRule } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../../lambdas/contracts/cluster-config';
import { DEFAULT_KEEP_DAYS } from '../../lambdas/contracts/cluster-config';
import { REPORT_KEPT_DAYS, REPORT_PREFIX } from '../../lambdas/contracts/operation-report';
import { snapshotPrefix } from '../../lambdas/contracts/snapshot';
import type { Permission } from './lambda-function';

export interface OperationsBucketProps {
  clusters: ClusterConfig[];
  /** Encrypts what is in it; without one, S3's own keys do. */
  encryptionKey?: IKey | undefined;
}

/** What was deleted, by age or by mistake, can be got back for so long. */
const KEPT_BEHIND = Duration.days(7);

/** Where operations keep what has to outlive a node or Step Functions: snapshots of etcd, and reports. It stays when the app is deleted. */
export class OperationsBucket extends Construct {
  private readonly bucket: Bucket;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: OperationsBucketProps,
  ) {
    super(scope, id);
    const { encryptionKey } = props;
    this.bucket = new Bucket(this, 'Bucket', {
      versioned: true,
      ...(encryptionKey
        ? { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }
        : { encryption: BucketEncryption.S3_MANAGED }),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      lifecycleRules: lifecycleRules(props.clusters),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Access logs need a second bucket; CloudTrail data events tell who read a snapshot, where they are wanted.',
    });
  }

  get bucketName(): string {
    return this.bucket.bucketName;
  }

  /** To sign URLs that upload snapshots: an upload has the rights of the function that signed its URL. */
  uploadSnapshots(): Permission[] {
    return [{ actions: ['s3:PutObject'], ...this.snapshots() }, ...this.withKey('kms:GenerateDataKey')];
  }

  writeReports(): Permission[] {
    return [{ ...this.reports(), actions: ['s3:PutObject'] }, ...this.withKey('kms:GenerateDataKey')];
  }

  /** Without the right to list: S3 then says of a report that is missing that it may not be read. */
  readReports(): Permission[] {
    return [{ ...this.reports(), actions: ['s3:GetObject'] }, ...this.withKey('kms:Decrypt')];
  }

  /** Without the right to list, S3 does not tell an object that is missing from one that may not be read. */
  readSnapshots(): Permission[] {
    return [
      { actions: ['s3:GetObject'], ...this.snapshots() },
      { actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] },
      ...this.withKey('kms:Decrypt'),
    ];
  }

  private snapshots(): Pick<Permission, 'resources' | 'because'> {
    return {
      resources: [this.bucket.arnForObjects('etcd-snapshots/*')],
      because: 'The snapshots of any cluster: their names are not known beforehand.',
    };
  }

  private reports(): Pick<Permission, 'resources' | 'because'> {
    return {
      resources: [this.bucket.arnForObjects(`${REPORT_PREFIX}*`)],
      because: 'The reports of any operation: their names are not known beforehand.',
    };
  }

  private withKey(action: string): Permission[] {
    const { encryptionKey } = this.props;
    return encryptionKey ? [{ actions: [action], resources: [encryptionKey.keyArn] }] : [];
  }
}

/** One rule for each age: also for clusters that have no file, and so the default. */
function lifecycleRules(clusters: ClusterConfig[]): LifecycleRule[] {
  const ages = new Set([DEFAULT_KEEP_DAYS, ...clusters.map(({ etcdBackup }) => etcdBackup.keepDays)]);
  return [
    ...[...ages]
      .sort((a, b) => a - b)
      .map((days) => ({
        id: `Snapshots-${days}-days`,
        prefix: snapshotPrefix(days),
        expiration: Duration.days(days),
        noncurrentVersionExpiration: KEPT_BEHIND,
      })),
    {
      id: 'Reports',
      prefix: REPORT_PREFIX,
      expiration: Duration.days(REPORT_KEPT_DAYS),
      noncurrentVersionExpiration: KEPT_BEHIND,
    },
    { id: 'Leftovers', expiredObjectDeleteMarker: true, abortIncompleteMultipartUploadAfter: Duration.days(1) },
  ];
}
