import { setTimeout as delay } from 'node:timers/promises';
import { AwsError } from '../../../local/aws/aws-call';
import { Clock } from '../../../local/clock';
import { Scheduler } from '../../../local/eventbridge/scheduler/scheduler';
import { checkedCall } from './checked-call';
import { eventually, RecordingDoor } from './door';

const MACHINE = 'arn:aws:states:eu-central-1:000000000000:stateMachine:check';
const LAMBDA = 'arn:aws:lambda:eu-central-1:000000000000:function:start';
const QUEUE = 'arn:aws:sqs:eu-central-1:000000000000:dead-letters';
const RoleArn = 'arn:aws:iam::000000000000:role/schedule';

let scheduler: Scheduler;
let door: RecordingDoor;
let clock: Clock;
let lost: string[];

beforeEach(() => {
  door = new RecordingDoor();
  clock = new Clock();
  // The tests' year begins at midnight of some day that is still to come.
  clock.moveTo(new Date('2030-01-01T00:00:00Z'));
  lost = [];
  scheduler = new Scheduler({ clock, door, onLost: (schedule, { code }) => lost.push(`${schedule} ${code}`) });
});
afterEach(() => scheduler.stop());

const schedule = (Name: string, ScheduleExpression: string, { Target, ...more }: Record<string, unknown> = {}) => ({
  Name,
  ScheduleExpression,
  FlexibleTimeWindow: { Mode: 'OFF' },
  Target: { Arn: MACHINE, RoleArn, Input: '{"time":"<aws.scheduler.scheduled-time>"}', ...(Target as object) },
  ...more,
});
const call = (action: string, input: Record<string, unknown>) => checkedCall(scheduler, action, input);
const code = (action: string, input: Record<string, unknown>) =>
  call(action, input).then(
    () => 'none',
    (error) => error.code,
  );
const times = () => door.calls.map((_, index) => door.payload(index).time);
/** Lets everything that is due now happen. */
const settle = async () => {
  await delay(30);
  await scheduler.settled();
};
const fireNext = async (name: string) => {
  clock.moveTo(scheduler.nextTime(name)!);
  await settle();
};

describe('the clock', () => {
  test('a schedule fires when the clock reaches its time, as its role', async () => {
    await call('CreateSchedule', schedule('daily', 'cron(0 3 * * ? *)'));
    expect(scheduler.nextTime('daily')).toEqual(new Date('2030-01-01T03:00:00Z'));
    clock.moveTo(new Date('2030-01-01T02:59:00Z'));
    await settle();
    expect(door.calls).toEqual([]);
    clock.moveTo(new Date('2030-01-01T03:00:00Z'));
    await settle();
    expect(door.calls).toEqual([
      {
        service: 'states',
        action: 'StartExecution',
        input: { stateMachineArn: MACHINE, input: '{"time":"2030-01-01T03:00:00Z"}' },
        caller: { principal: RoleArn },
      },
    ]);
    expect(scheduler.nextTime('daily')).toEqual(new Date('2030-01-02T03:00:00Z'));
  });

  test('one that is moved over several times fires each once, in their order over all schedules', async () => {
    await call('CreateSchedule', schedule('b', 'cron(0 3 * * ? *)'));
    await call('CreateSchedule', schedule('a', 'cron(0 9 * * ? *)'));
    clock.moveTo(new Date('2030-01-03T04:00:00Z'));
    await settle();
    expect(times()).toEqual([
      '2030-01-01T03:00:00Z',
      '2030-01-01T09:00:00Z',
      '2030-01-02T03:00:00Z',
      '2030-01-02T09:00:00Z',
      '2030-01-03T03:00:00Z',
    ]);
    await settle();
    expect(door.calls).toHaveLength(5);
  });

  test('it also fires when its real time comes', async () => {
    clock.moveTo(new Date('2030-01-01T02:59:58.000Z'));
    await call('CreateSchedule', schedule('daily', 'cron(0 3 * * ? *)'));
    await eventually(() => door.calls.length === 1);
    expect(times()).toEqual(['2030-01-01T03:00:00Z']);
  });

  test('summer time: 03:00 in Berlin all year', async () => {
    await call(
      'CreateSchedule',
      schedule('berlin', 'cron(0 3 30,31 3 ? *)', { ScheduleExpressionTimezone: 'Europe/Berlin' }),
    );
    clock.moveTo(new Date('2030-04-01T00:00:00Z'));
    await settle();
    // 31 March 2030 is the day on which 02:00 becomes 03:00.
    expect(times()).toEqual(['2030-03-30T02:00:00Z', '2030-03-31T01:00:00Z']);
  });

  test('a rate fires at once and then at its distance; with a StartDate from there', async () => {
    const created = clock.now().getTime();
    await call('CreateSchedule', schedule('rate', 'rate(1 hour)'));
    await call(
      'CreateSchedule',
      schedule('later', 'rate(1 hour)', { StartDate: '2030-01-01T00:30:00Z', Target: { Input: '{"time":"later"}' } }),
    );
    await settle();
    expect(times()).toHaveLength(1);
    const fired = Date.parse(times()[0]);
    // The time is told in whole seconds.
    expect(fired).toBeGreaterThan(created - 1_000);
    expect(fired).toBeLessThanOrEqual(clock.now().getTime());
    clock.moveTo(new Date('2030-01-01T01:45:00Z'));
    await settle();
    expect(times().filter((time) => time === 'later')).toHaveLength(2);
    expect(times()).toHaveLength(4);
  });

  test('at(...) fires once and is over, and may delete itself', async () => {
    await call('CreateSchedule', schedule('once', 'at(2030-01-01T05:00:00)'));
    await call('CreateSchedule', schedule('gone', 'at(2030-01-01T05:00:00)', { ActionAfterCompletion: 'DELETE' }));
    await call('CreateSchedule', schedule('past', 'at(2029-01-01T05:00:00)'));
    expect(scheduler.nextTime('past')).toBeUndefined();
    await fireNext('once');
    clock.advance(86_400_000);
    await settle();
    expect(door.calls).toHaveLength(2);
    expect(scheduler.nextTime('once')).toBeUndefined();
    expect(await code('GetSchedule', { Name: 'once' })).toBe('none');
    expect(await code('GetSchedule', { Name: 'gone' })).toBe('ResourceNotFoundException');
  });

  test('StartDate and EndDate bound it', async () => {
    await call(
      'CreateSchedule',
      schedule('bounded', 'cron(0 3 * * ? *)', { StartDate: '2030-01-03T03:00:00Z', EndDate: '2030-01-04T03:00:00Z' }),
    );
    clock.moveTo(new Date('2030-01-10T00:00:00Z'));
    await settle();
    expect(times()).toEqual(['2030-01-03T03:00:00Z', '2030-01-04T03:00:00Z']);
    expect(scheduler.nextTime('bounded')).toBeUndefined();
  });

  test('DISABLED fires nothing; enabled again it begins from then', async () => {
    await call('CreateSchedule', schedule('daily', 'cron(0 3 * * ? *)', { State: 'DISABLED' }));
    expect(scheduler.nextTime('daily')).toBeUndefined();
    clock.moveTo(new Date('2030-01-05T00:00:00Z'));
    await settle();
    await call('UpdateSchedule', schedule('daily', 'cron(0 3 * * ? *)'));
    await fireNext('daily');
    expect(times()).toEqual(['2030-01-05T03:00:00Z']);
  });

  test('a deleted schedule does not fire, nor anything after stop', async () => {
    await call('CreateSchedule', schedule('daily', 'cron(0 3 * * ? *)'));
    await call('CreateSchedule', schedule('other', 'cron(0 4 * * ? *)'));
    await call('DeleteSchedule', { Name: 'daily' });
    await scheduler.stop();
    clock.moveTo(new Date('2030-01-05T00:00:00Z'));
    await settle();
    expect(door.calls).toEqual([]);
  });
});

describe('targets', () => {
  test.each<[object, string, object]>([
    [
      { Arn: LAMBDA, Input: '{"a":1}' },
      'lambda:Invoke',
      { FunctionName: LAMBDA, InvocationType: 'Event', Payload: expect.any(Uint8Array) },
    ],
    [{ Arn: MACHINE, Input: undefined }, 'states:StartExecution', { stateMachineArn: MACHINE, input: '{}' }],
    [
      {
        Arn: 'arn:aws:scheduler:::aws-sdk:sfn:startExecution',
        Input: '{"StateMachineArn":"m","Name":"n-<aws.scheduler.attempt-number>","Input":"{}"}',
      },
      'states:StartExecution',
      { stateMachineArn: 'm', name: 'n-1', input: '{}' },
    ],
    [
      { Arn: 'arn:aws:scheduler:::aws-sdk:ssm:sendCommand', Input: '{"DocumentName":"d"}' },
      'ssm:SendCommand',
      { DocumentName: 'd' },
    ],
    [
      { Arn: 'arn:aws:scheduler:::aws-sdk:eventbridge:putEvents', Input: '{"Entries":[]}' },
      'events:PutEvents',
      { Entries: [] },
    ],
    [
      { Arn: QUEUE, Input: 'x' },
      'sqs:SendMessage',
      { QueueUrl: 'https://sqs.eu-central-1.amazonaws.com/000000000000/dead-letters', MessageBody: 'x' },
    ],
  ])('%j', async (Target, action, input) => {
    await call('CreateSchedule', schedule('s', 'cron(0 3 * * ? *)', { Target }));
    await fireNext('s');
    expect(door.actions).toEqual([action]);
    expect(door.calls[0]).toMatchObject({ input, caller: { principal: RoleArn } });
  });

  test('context attributes', async () => {
    const Input = JSON.stringify({
      arn: '<aws.scheduler.schedule-arn>',
      time: '<aws.scheduler.scheduled-time>',
      id: '<aws.scheduler.execution-id>',
      attempt: '<aws.scheduler.attempt-number>',
      other: '<aws.scheduler.other>',
    });
    await call('CreateSchedule', schedule('s', 'cron(0 3 * * ? *)', { Target: { Input } }));
    await fireNext('s');
    await fireNext('s');
    expect(door.payload(0)).toEqual({
      arn: 'arn:aws:scheduler:eu-central-1:000000000000:schedule/default/s',
      time: '2030-01-01T03:00:00Z',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      attempt: '1',
      other: '<aws.scheduler.other>',
    });
    expect(door.payload(1).id).not.toBe(door.payload(0).id);
  });
});

describe('when the target fails', () => {
  const letTime = async () => {
    for (let minute = 0; minute < 12; minute++) {
      await delay(5);
      clock.advance(60_000);
    }
    await scheduler.settled();
  };
  const failing = async (errorCode: string, RetryPolicy?: object) => {
    door.answer = ({ service }) => {
      if (service === 'sqs') return {};
      throw new AwsError(errorCode, 'no');
    };
    const Input = '{"attempt":"<aws.scheduler.attempt-number>","id":"<aws.scheduler.execution-id>"}';
    await call(
      'CreateSchedule',
      schedule('s', 'at(2030-01-01T03:00:00)', { Target: { Input, RetryPolicy, DeadLetterConfig: { Arn: QUEUE } } }),
    );
  };

  test('MaximumRetryAttempts, then the dead-letter queue as the schedule’s role', async () => {
    await failing('ThrottlingException', { MaximumRetryAttempts: 2 });
    await fireNextWithoutSettling();
    await letTime();
    expect(door.actions).toEqual([...Array(3).fill('states:StartExecution'), 'sqs:SendMessage']);
    expect([0, 1, 2].map((index) => door.payload(index).attempt)).toEqual(['1', '2', '3']);
    expect(new Set([0, 1, 2, 3].map((index) => door.payload(index).id)).size).toBe(1);
    expect(door.calls[3]!.caller).toEqual({ principal: RoleArn });
    expect(door.calls[3]!.input['MessageAttributes']).toMatchObject({
      SCHEDULE_ARN: { StringValue: 'arn:aws:scheduler:eu-central-1:000000000000:schedule/default/s' },
      SCHEDULED_TIME: { StringValue: '2030-01-01T03:00:00Z' },
      ERROR_CODE: { StringValue: 'ThrottlingException' },
      EXHAUSTED_RETRY_CONDITION: { StringValue: 'MaximumRetryAttempts' },
      RETRY_ATTEMPTS: { StringValue: '2' },
    });
  });

  test('MaximumEventAgeInSeconds ends the tries earlier', async () => {
    await failing('ThrottlingException', { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 60 });
    await fireNextWithoutSettling();
    await letTime();
    expect(door.calls.at(-1)!.input['MessageAttributes']).toMatchObject({
      EXHAUSTED_RETRY_CONDITION: { StringValue: 'MaximumEventAgeInSeconds' },
    });
    expect(door.calls.length).toBeLessThan(8);
  });

  test('no permission is not tried again', async () => {
    await failing('AccessDeniedException');
    await fireNext('s');
    expect(door.actions).toEqual(['states:StartExecution', 'sqs:SendMessage']);
  });

  test('with retries of 0 and no queue the call is lost, and that is told', async () => {
    door.answer = () => {
      throw new AwsError('ThrottlingException', 'no');
    };
    await call(
      'CreateSchedule',
      schedule('s', 'at(2030-01-01T03:00:00)', { Target: { RetryPolicy: { MaximumRetryAttempts: 0 } } }),
    );
    await fireNext('s');
    expect(door.calls).toHaveLength(1);
    expect(lost).toEqual(['arn:aws:scheduler:eu-central-1:000000000000:schedule/default/s ThrottlingException']);
  });

  async function fireNextWithoutSettling() {
    clock.moveTo(scheduler.nextTime('s')!);
    await eventually(() => door.calls.length > 0);
  }
});

describe('the API', () => {
  test('create, get, update, list, delete', async () => {
    const { ScheduleArn } = await call(
      'CreateSchedule',
      schedule('a', 'rate(1 day)', {
        StartDate: new Date('2030-02-01T00:00:00Z'),
        Description: 'why',
        ClientToken: 'x',
      }),
    );
    expect(ScheduleArn).toBe('arn:aws:scheduler:eu-central-1:000000000000:schedule/default/a');
    expect(await call('GetSchedule', { Name: 'a' })).toMatchObject({
      Arn: ScheduleArn,
      GroupName: 'default',
      State: 'ENABLED',
      ScheduleExpression: 'rate(1 day)',
      ScheduleExpressionTimezone: 'UTC',
      StartDate: new Date('2030-02-01T00:00:00Z'),
      CreationDate: expect.any(Date),
      Target: { Arn: MACHINE, RoleArn },
    });
    expect(await code('CreateSchedule', schedule('a', 'rate(1 day)'))).toBe('ConflictException');
    // Like the real one: whatever is not given is gone.
    await call('UpdateSchedule', schedule('a', 'cron(0 5 * * ? *)'));
    expect((await call('GetSchedule', { Name: 'a' })).Description).toBeUndefined();
    expect(scheduler.nextTime('a')).toEqual(new Date('2030-01-01T05:00:00Z'));
    await call('CreateSchedule', schedule('b', 'rate(1 day)', { State: 'DISABLED' }));
    const names = async (input: Record<string, unknown>) =>
      (await call('ListSchedules', input)).Schedules.map(({ Name }: { Name: string }) => Name);
    expect(await names({})).toEqual(['a', 'b']);
    expect(await names({ State: 'DISABLED' })).toEqual(['b']);
    expect(await names({ NamePrefix: 'a' })).toEqual(['a']);
    await call('DeleteSchedule', { Name: 'a' });
    expect(await code('UpdateSchedule', schedule('a', 'rate(1 day)'))).toBe('ResourceNotFoundException');
    expect(await code('DeleteSchedule', { Name: 'a' })).toBe('ResourceNotFoundException');
  });

  test('groups keep schedules of one name apart, and take theirs with them', async () => {
    expect(await code('CreateSchedule', schedule('a', 'rate(1 day)', { GroupName: 'own' }))).toBe(
      'ResourceNotFoundException',
    );
    await call('CreateScheduleGroup', { Name: 'own' });
    expect(await code('CreateScheduleGroup', { Name: 'own' })).toBe('ConflictException');
    await call('CreateSchedule', schedule('a', 'cron(0 3 * * ? *)', { GroupName: 'own' }));
    await call('CreateSchedule', schedule('a', 'cron(0 4 * * ? *)'));
    expect(scheduler.nextTime('a', 'own')).toEqual(new Date('2030-01-01T03:00:00Z'));
    expect((await call('ListSchedules', { GroupName: 'own' })).Schedules).toHaveLength(1);
    expect((await call('ListScheduleGroups', {})).ScheduleGroups.map(({ Name }: { Name: string }) => Name)).toEqual([
      'default',
      'own',
    ]);
    expect(await call('GetScheduleGroup', { Name: 'own' })).toMatchObject({ State: 'ACTIVE' });
    await call('DeleteScheduleGroup', { Name: 'own' });
    expect((await call('ListSchedules', {})).Schedules).toHaveLength(1);
    expect(await code('DeleteScheduleGroup', { Name: 'default' })).toBe('ValidationException');
  });

  test.each<[string, object]>([
    ['ScheduleExpression', { ScheduleExpression: 'cron(bad)' }],
    ['time zone Mars', { ScheduleExpressionTimezone: 'Mars' }],
    ['FlexibleTimeWindow.Mode', { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 } }],
    ['KmsKeyArn', { KmsKeyArn: 'k' }],
    ['EndDate', { StartDate: '2030-01-02T00:00:00Z', EndDate: '2030-01-01T00:00:00Z' }],
    ['Target.Arn', { Target: { Arn: 'arn:aws:ecs:x' } }],
    ['Target.RoleArn', { Target: { RoleArn: 'role' } }],
    ['RetryPolicy.MaximumRetryAttempts', { Target: { RetryPolicy: { MaximumRetryAttempts: 186 } } }],
    ['EcsParameters', { Target: { EcsParameters: {} } }],
  ])('%s is refused by name', async (name, wrong) => {
    await expect(
      call('CreateSchedule', schedule('a', 'rate(1 day)', wrong as Record<string, unknown>)),
    ).rejects.toThrow(
      expect.objectContaining({
        code: 'ValidationException',
        message: expect.stringContaining(name.replace('ScheduleExpression', 'Schedule Expression')),
      }),
    );
    expect((await call('ListSchedules', {})).Schedules).toEqual([]);
  });

  test('IAM: the schedule, and handing on its role', () => {
    expect(scheduler.actions['CreateSchedule']!.permissions!(schedule('a', 'rate(1 day)'))).toEqual([
      {
        action: 'scheduler:CreateSchedule',
        resource: 'arn:aws:scheduler:eu-central-1:000000000000:schedule/default/a',
      },
      {
        action: 'iam:PassRole',
        resource: RoleArn,
        conditionKeys: { 'iam:PassedToService': 'scheduler.amazonaws.com' },
      },
    ]);
    expect(scheduler.actions['DeleteScheduleGroup']!.permissions!({ Name: 'g' })).toEqual([
      { action: 'scheduler:DeleteScheduleGroup', resource: expect.stringContaining(':schedule-group/g') },
      { action: 'scheduler:DeleteSchedule', resource: expect.stringContaining(':schedule/g/*') },
    ]);
  });
});
