import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import cdk from '../../cdk.json';
import { clusterConfig } from '../../lambdas/contracts/cluster-config';
import { KubeadmAutopilot } from '../../lib/kubeadm-autopilot';
import { ALARM_HEADINGS } from '../../lib/observability/alarms';
import { resourcesOf } from '../helpers/template';

const KEY_ARN = 'arn:aws:kms:eu-central-1:000000000000:key/11111111-2222-3333-4444-555555555555';

/** The app for two clusters that are backed up, with a key of the user's. */
function synthesise(): Template {
  const stack = new Stack(new App({ context: cdk.context }), 'Test');
  new KubeadmAutopilot(stack, 'Default', {
    clusters: [
      clusterConfig.parse({
        cluster: 'nightly',
        certificates: { timeZone: 'Europe/Berlin' },
        etcdBackup: { schedule: 'cron(30 2 * * ? *)', keepDays: 90 },
      }),
      clusterConfig.parse({ cluster: 'weekly', etcdBackup: { schedule: 'rate(7 days)' } }),
      clusterConfig.parse({ cluster: 'never' }),
    ],
    encryptionKey: Key.fromKeyArn(stack, 'Key', KEY_ARN),
  });
  return Template.fromStack(stack);
}

describe('with schedules and a key', () => {
  const template = synthesise();

  test('a cluster is backed up when its settings say so, in its time zone', () => {
    const schedules = Object.values(template.findResources('AWS::Scheduler::Schedule'))
      .map(({ Properties }) => Properties as Record<string, unknown>)
      .filter(({ Name }) => String(Name).startsWith('back-up-etcd-'));
    expect(schedules).toMatchObject([
      {
        Name: 'back-up-etcd-nightly',
        ScheduleExpression: 'cron(30 2 * * ? *)',
        ScheduleExpressionTimezone: 'Europe/Berlin',
      },
      { Name: 'back-up-etcd-weekly', ScheduleExpression: 'rate(7 days)', ScheduleExpressionTimezone: 'UTC' },
    ]);
  });

  test('what is backed up daily has an alarm for the day on which it is not, and the runbook its heading', () => {
    const heading = ALARM_HEADINGS.notBackedUp;
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'))
      .map(({ Properties }) => Properties as Record<string, unknown>)
      .filter(({ AlarmDescription }) =>
        String(AlarmDescription).endsWith(`#${heading.toLowerCase().replaceAll(' ', '-')}`),
      );
    expect(alarms).toMatchObject([
      {
        MetricName: 'EtcdSnapshotBytes',
        Dimensions: [{ Name: 'Cluster', Value: 'nightly' }],
        Statistic: 'SampleCount',
        Period: 3600,
        EvaluationPeriods: 26,
        TreatMissingData: 'breaching',
      },
    ]);
    expect(readFileSync(resolve(__dirname, '../../docs/operator-runbook.md'), 'utf8')).toContain(`\n## ${heading}\n`);
  });

  test('the bucket is encrypted with the key, and deletes by the age that each cluster wants', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KEY_ARN },
          },
        ],
      },
      LifecycleConfiguration: {
        Rules: Match.arrayWith([
          Match.objectLike({ Prefix: 'etcd-snapshots/30-days/', ExpirationInDays: 30, Status: 'Enabled' }),
          Match.objectLike({ Prefix: 'etcd-snapshots/90-days/', ExpirationInDays: 90, Status: 'Enabled' }),
          Match.objectLike({ Prefix: 'reports/', ExpirationInDays: 400, Status: 'Enabled' }),
        ]),
      },
    });
  });

  test.each([
    [['PrepareSnapshotRole', 'ReportsWriteReportRole'], 'kms:GenerateDataKey'],
    // The API answers kept reports.
    [['ApiFunctionRole', 'VerifySnapshotRole'], 'kms:Decrypt'],
  ])('%j alone may %s', (roles, action) => {
    const allowed = Object.entries(template.findResources('AWS::IAM::Policy'))
      .map(([id, policy]) => [id, JSON.stringify(policy)] as const)
      .filter(([, policy]) => policy.includes(`"${action}"`));
    expect(allowed.sort()).toEqual(
      roles.map((role) => [expect.stringContaining(role), expect.stringContaining(KEY_ARN)]),
    );
  });
});

test('without either: versioned, closed to the public, S3 encrypts it, and it stays when the app goes', () => {
  const [bucket, ...others] = Object.values(resourcesOf<Record<string, unknown>>('AWS::S3::Bucket'));
  expect(others).toEqual([]);
  expect(bucket).toMatchObject({
    VersioningConfiguration: { Status: 'Enabled' },
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    },
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
  });
  synthesise().hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  const [policy] = Object.values(resourcesOf<{ PolicyDocument: { Statement: object[] } }>('AWS::S3::BucketPolicy'));
  expect(policy!.PolicyDocument.Statement).toEqual([
    expect.objectContaining({
      Effect: 'Deny',
      Action: 's3:*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    }),
  ]);
});
