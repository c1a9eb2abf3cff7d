import { operationInput, trigger, startOperationInput } from '../../../lambdas/contracts/operation';
import { readClusters } from '../../../lib/clusters/clusters';
import { resourcesOf } from '../../helpers/template';

interface Schedule {
  Name: string;
  ScheduleExpression: string;
  ScheduleExpressionTimezone: string;
  FlexibleTimeWindow: object;
  Target: { Arn: string; RoleArn: string; Input: string; RetryPolicy: object; DeadLetterConfig: object };
}

const schedules = Object.values(resourcesOf<Schedule>('AWS::Scheduler::Schedule'));

test('each cluster has a schedule, at its hour in its time zone', () => {
  const expected = readClusters('clusters').map(({ cluster, certificates }) => ({
    Name: `check-certificates-${cluster}`,
    ScheduleExpression: certificates.schedule,
    ScheduleExpressionTimezone: certificates.timeZone,
    FlexibleTimeWindow: { Mode: 'OFF' },
  }));
  expect(schedules).toMatchObject(expected);
});

test('a start that fails is tried again twice within a quarter of an hour, and then kept', () => {
  expect(schedules[0]!.Target).toMatchObject({
    Arn: '<StartOperation>',
    RoleArn: '<SchedulesRole>',
    RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 900 },
    DeadLetterConfig: { Arn: '<SchedulesDeadLetters>' },
  });
});

test('what it sends is what start-operation and the operations take', () => {
  const input = startOperationInput.parse(JSON.parse(schedules[0]!.Target.Input));
  expect(input).toEqual({
    options: {},
    operation: 'check-certificates',
    cluster: 'demo',
    trigger: { source: 'schedule', id: 'check-certificates-demo/<aws.scheduler.scheduled-time>' },
  });
  expect(trigger.safeParse(input.trigger).success).toBe(true);
  expect(operationInput(input.operation).safeParse({ cluster: input.cluster, trigger: input.trigger }).success).toBe(
    true,
  );
});

test('the longest name of a cluster makes a name that EventBridge Scheduler takes', () => {
  expect(`check-certificates-${'x'.repeat(32)}`.length).toBeLessThanOrEqual(64);
});

test('dead letters are kept for two weeks and only taken over TLS', () => {
  expect(Object.values(resourcesOf('AWS::SQS::Queue'))).toMatchObject([
    { MessageRetentionPeriod: 14 * 24 * 3600, SqsManagedSseEnabled: true },
  ]);
  const [policy] = Object.values(resourcesOf<{ PolicyDocument: { Statement: object[] } }>('AWS::SQS::QueuePolicy'));
  expect(policy!.PolicyDocument.Statement).toContainEqual(
    expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
  );
});
