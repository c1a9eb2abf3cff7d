import { setTimeout as delay } from 'node:timers/promises';
import { AwsError } from '../../../local/aws/aws-call';
import { Clock } from '../../../local/clock';
import { busEvent } from '../../../local/eventbridge/bus-event';
import { EventBridge } from '../../../local/eventbridge/events/event-bridge';
import { checkedCall } from './checked-call';
import { eventually, RecordingDoor } from './door';

const LAMBDA = 'arn:aws:lambda:eu-central-1:000000000000:function:on-end';
const MACHINE = 'arn:aws:states:eu-central-1:000000000000:stateMachine:m';
const QUEUE = 'arn:aws:sqs:eu-central-1:000000000000:dead-letters';
const ROLE = 'arn:aws:iam::000000000000:role/rule';

let bridge: EventBridge;
let door: RecordingDoor;
let clock: Clock;
let lost: string[];

beforeEach(() => {
  door = new RecordingDoor();
  clock = new Clock();
  lost = [];
  bridge = new EventBridge({
    clock,
    door,
    onLost: (event, target, failure) => lost.push(`${event.source} ${target} ${failure.code}`),
  });
});
afterEach(() => bridge.stop());

const call = (action: string, input: Record<string, unknown>) => checkedCall(bridge, action, input);
const code = (action: string, input: Record<string, unknown>) =>
  call(action, input).then(
    () => 'none',
    (error) => error.code,
  );
const entry = (more: Record<string, unknown> = {}) => ({
  Source: 'app',
  DetailType: 'Finding',
  Detail: '{"node":"cp-1","days":3}',
  ...more,
});
/** Makes a rule as a deployment does; answers its ARN. */
const addRule = async ({ EventPattern, Targets, ...input }: Record<string, unknown> & { Name: string }) => {
  const { RuleArn } = await call('PutRule', { ...input, EventPattern: JSON.stringify(EventPattern) });
  const { EventBusName } = input;
  await call('PutTargets', { Rule: input.Name, ...(EventBusName !== undefined && { EventBusName }), Targets });
  return RuleArn;
};
const rule = (target: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  addRule({ Name: 'rule', EventPattern: { source: ['app'] }, Targets: [{ Id: 't', Arn: LAMBDA, ...target }], ...more });
const failWith = (errorCode: string, status = 400) => {
  door.answer = ({ service }) => {
    if (service === 'sqs') return {};
    throw new AwsError(errorCode, 'no', status);
  };
};
/** Moves the clock over the pauses between tries. */
const letTime = async () => {
  for (let second = 0; second < 10; second++) {
    await delay(5);
    clock.advance(1_000);
  }
  await bridge.settled();
};

describe('PutEvents', () => {
  test('an event reaches the targets of the rules that match, as EventBridge writes it', async () => {
    await rule({});
    await addRule({ Name: 'other', EventPattern: { source: ['elsewhere'] }, Targets: [{ Id: 't', Arn: LAMBDA }] });
    await addRule({
      Name: 'off',
      State: 'DISABLED',
      EventPattern: { source: ['app'] },
      Targets: [{ Id: 't', Arn: LAMBDA }],
    });
    const { Entries, FailedEntryCount } = await call('PutEvents', {
      Entries: [entry({ Resources: ['r'], Time: new Date('2026-05-01T10:00:00Z') })],
    });
    await bridge.settled();
    expect(FailedEntryCount).toBe(0);
    expect(door.calls).toEqual([
      {
        service: 'lambda',
        action: 'Invoke',
        input: { FunctionName: LAMBDA, InvocationType: 'Event', Payload: expect.any(Uint8Array) },
        caller: { principal: 'events.amazonaws.com', sourceArn: 'arn:aws:events:eu-central-1:000000000000:rule/rule' },
      },
    ]);
    expect(door.payload(0)).toEqual({
      version: '0',
      id: Entries[0].EventId,
      'detail-type': 'Finding',
      source: 'app',
      account: '000000000000',
      time: '2026-05-01T10:00:00Z',
      region: 'eu-central-1',
      resources: ['r'],
      detail: { node: 'cp-1', days: 3 },
    });
  });

  test('entries that are not valid fail one by one, the others go through', async () => {
    await rule({});
    const { Entries, FailedEntryCount } = await call('PutEvents', {
      Entries: [
        entry(),
        entry({ Source: undefined }),
        entry({ DetailType: '' }),
        entry({ Detail: undefined }),
        entry({ Detail: '[1]' }),
        entry({ Detail: 'no' }),
        entry({ Source: 'aws.ssm' }),
        entry({ EventBusName: 'none' }),
      ],
    });
    expect(FailedEntryCount).toBe(7);
    expect(Entries.map(({ ErrorCode }: { ErrorCode?: string }) => ErrorCode)).toEqual([
      undefined,
      'InvalidArgument',
      'InvalidArgument',
      'InvalidArgument',
      'MalformedDetail',
      'MalformedDetail',
      'NotAuthorizedForSourceException',
      'ResourceNotFoundException',
    ]);
    await bridge.settled();
    expect(door.calls).toHaveLength(1);
  });

  test('10 entries and 256 KB are the limits', async () => {
    const Entries = Array.from({ length: 11 }, () => entry());
    expect(await code('PutEvents', { Entries })).toBe('ValidationException');
    expect(await code('PutEvents', { Entries: Entries.slice(0, 10) })).toBe('none');
    expect(await code('PutEvents', { Entries: [] })).toBe('ValidationException');
    const Detail = (bytes: number) => JSON.stringify({ x: 'x'.repeat(bytes) });
    expect(await code('PutEvents', { Entries: [entry({ Detail: Detail(256 * 1024) })] })).toBe('ValidationException');
    expect(
      await code('PutEvents', { Entries: [entry({ Detail: Detail(100_000) }), entry({ Detail: Detail(100_000) })] }),
    ).toBe('none');
    expect(
      await code('PutEvents', { Entries: Array.from({ length: 3 }, () => entry({ Detail: Detail(100_000) })) }),
    ).toBe('ValidationException');
  });

  test('buses are apart from each other, by name and by ARN', async () => {
    const { EventBusArn: arn } = await call('CreateEventBus', { Name: 'own' });
    expect(arn).toBe('arn:aws:events:eu-central-1:000000000000:event-bus/own');
    const ruleArn = await rule({}, { EventBusName: 'own' });
    expect(ruleArn).toBe('arn:aws:events:eu-central-1:000000000000:rule/own/rule');
    await call('PutEvents', { Entries: [entry(), entry({ EventBusName: 'own' }), entry({ EventBusName: arn })] });
    await bridge.settled();
    expect(door.calls).toHaveLength(2);
  });

  test('IAM is asked for the bus, with source and detail-type as conditions', () => {
    expect(bridge.actions['PutEvents']!.permissions!({ Entries: [entry({ EventBusName: 'own' })] })).toEqual([
      {
        action: 'events:PutEvents',
        resource: 'arn:aws:events:eu-central-1:000000000000:event-bus/own',
        conditionKeys: { 'events:source': 'app', 'events:detail-type': 'Finding' },
      },
    ]);
  });

  test('a service’s own events come to the default bus', async () => {
    await addRule({
      Name: 'ssm',
      EventPattern: { source: ['aws.ssm'], detail: { status: ['Success'] } },
      Targets: [{ Id: 't', Arn: LAMBDA }],
    });
    bridge.emit(busEvent({ source: 'aws.ssm', 'detail-type': 'x', detail: { status: 'Success' } }, clock.now()));
    await bridge.settled();
    expect(door.payload(0)).toMatchObject({ source: 'aws.ssm', resources: [] });
  });
});

describe('interception', () => {
  test.each([
    ['lost', 0],
    ['delivered as it is', 1],
    ['delivered twice', 2],
  ])('an event is %s', async (_what, times) => {
    await rule({});
    bridge.interceptEvents((event) => Array(times).fill(event));
    await call('PutEvents', { Entries: [entry()] });
    await bridge.settled();
    expect(door.calls).toHaveLength(times);
  });

  test('a changed event is what the rules see', async () => {
    await rule({}, { EventPattern: { detail: { node: ['cp-2'] } } });
    bridge.interceptEvents((event) => [{ ...event, detail: { node: 'cp-2' } }]);
    await call('PutEvents', { Entries: [entry()] });
    await bridge.settled();
    expect(door.payload(0).detail).toEqual({ node: 'cp-2' });
  });
});

describe('targets', () => {
  test.each([
    [{ Arn: MACHINE, RoleArn: ROLE }, 'states:StartExecution', { stateMachineArn: MACHINE, input: expect.any(String) }],
    [
      { Arn: 'arn:aws:sns:eu-central-1:000000000000:t' },
      'sns:Publish',
      { TopicArn: 'arn:aws:sns:eu-central-1:000000000000:t', Message: expect.any(String) },
    ],
    [
      { Arn: QUEUE, SqsParameters: { MessageGroupId: 'g' } },
      'sqs:SendMessage',
      {
        QueueUrl: 'https://sqs.eu-central-1.amazonaws.com/000000000000/dead-letters',
        MessageBody: expect.any(String),
        MessageGroupId: 'g',
      },
    ],
  ])('%j', async (target, action, input) => {
    await rule(target);
    await call('PutEvents', { Entries: [entry()] });
    await bridge.settled();
    expect(door.actions).toEqual([action]);
    expect(door.calls[0]!.input).toEqual(input);
    expect(door.payload(0).detail).toEqual({ node: 'cp-1', days: 3 });
  });

  test('under its role, or as EventBridge for the rule', async () => {
    await rule({ RoleArn: ROLE });
    await call('PutEvents', { Entries: [entry()] });
    const arn = await rule({});
    await call('PutEvents', { Entries: [entry()] });
    await bridge.settled();
    expect(door.calls.map(({ caller }) => caller)).toEqual([
      { principal: ROLE },
      { principal: 'events.amazonaws.com', sourceArn: arn },
    ]);
  });

  test('a function that does not allow the rule is asked once', async () => {
    failWith('AccessDeniedException', 403);
    await rule({});
    await call('PutEvents', { Entries: [entry()] });
    await bridge.settled();
    expect(door.calls).toHaveLength(1);
    expect(lost).toEqual([`app ${LAMBDA} AccessDeniedException`]);
  });

  test.each<[string, object, unknown]>([
    ['Input', { Input: '{"constant":true}' }, { constant: true }],
    ['InputPath', { InputPath: '$.detail' }, { node: 'cp-1', days: 3 }],
    ['InputPath to nothing', { InputPath: '$.detail.none' }, null],
    [
      'InputTransformer to an object',
      {
        InputTransformer: {
          InputPathsMap: { n: '$.detail.node', d: '$.detail.days', all: '$.detail', no: '$.x' },
          InputTemplate: '{"node":<n>,"days":<d>,"text":"on <n>: <d>","all":<all>,"no":<no>}',
        },
      },
      { node: 'cp-1', days: 3, text: 'on cp-1: 3', all: { node: 'cp-1', days: 3 }, no: '' },
    ],
    [
      'InputTransformer to a sentence',
      {
        InputTransformer: {
          InputPathsMap: { n: '$.detail.node' },
          InputTemplate: '"<n> by <aws.events.rule-name> <aws.events.rule-arn> <unknown>"',
        },
      },
      'cp-1 by rule arn:aws:events:eu-central-1:000000000000:rule/rule <unknown>',
    ],
  ])('%s', async (_what, target, expected) => {
    await rule(target as Record<string, unknown>);
    await call('PutEvents', { Entries: [entry()] });
    await bridge.settled();
    expect(door.payload(0)).toEqual(expected);
  });

  test('a value with quotes stays within its quotes', async () => {
    await rule({
      InputTransformer: { InputPathsMap: { n: '$.detail.node' }, InputTemplate: '{"text":"node \\"<n>\\"","raw":<n>}' },
    });
    await call('PutEvents', { Entries: [entry({ Detail: JSON.stringify({ node: 'a","x":"b\n' }) })] });
    await bridge.settled();
    expect(door.payload(0)).toEqual({ text: 'node "a","x":"b\n"', raw: 'a","x":"b\n' });
  });
});

describe('when a target fails', () => {
  test('it is tried again twice, then the event goes to the dead-letter queue with the reason', async () => {
    failWith('ThrottlingException');
    const arn = await rule({ DeadLetterConfig: { Arn: QUEUE } });
    await call('PutEvents', { Entries: [entry()] });
    await letTime();
    expect(door.actions).toEqual(['lambda:Invoke', 'lambda:Invoke', 'lambda:Invoke', 'sqs:SendMessage']);
    expect(door.payload(3)).toMatchObject({ source: 'app', detail: { node: 'cp-1' } });
    const attributes = Object.entries(
      door.calls[3]!.input['MessageAttributes'] as Record<string, { StringValue: string }>,
    );
    expect(Object.fromEntries(attributes.map(([key, { StringValue }]) => [key, StringValue]))).toEqual({
      RULE_ARN: arn,
      TARGET_ARN: LAMBDA,
      ERROR_CODE: 'ThrottlingException',
      ERROR_MESSAGE: 'no',
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
      RETRY_ATTEMPTS: '2',
    });
    expect(lost).toEqual([]);
  });

  test('a try that succeeds is the last', async () => {
    door.answer = (_call, number) => {
      if (number === 1) throw new AwsError('ServiceUnavailable', 'busy', 503);
      return {};
    };
    await rule({ DeadLetterConfig: { Arn: QUEUE } });
    await call('PutEvents', { Entries: [entry()] });
    await letTime();
    expect(door.actions).toEqual(['lambda:Invoke', 'lambda:Invoke']);
  });

  test('an error that does not pass is not tried again', async () => {
    failWith('ResourceNotFoundException', 404);
    await rule({ DeadLetterConfig: { Arn: QUEUE } });
    await call('PutEvents', { Entries: [entry()] });
    await bridge.settled();
    expect(door.actions).toEqual(['lambda:Invoke', 'sqs:SendMessage']);
  });

  test('its RetryPolicy may ask for fewer tries, or none for an old event', async () => {
    failWith('ThrottlingException');
    await rule({ RetryPolicy: { MaximumRetryAttempts: 1 } });
    await call('PutEvents', { Entries: [entry()] });
    await letTime();
    expect(door.actions).toEqual(['lambda:Invoke', 'lambda:Invoke']);
    expect(lost).toEqual([`app ${LAMBDA} ThrottlingException`]);
  });

  test('a queue that does not allow the rule loses the event, and that is told', async () => {
    door.answer = ({ service }) => {
      throw new AwsError(service === 'sqs' ? 'AccessDenied' : 'ResourceNotFoundException', 'no', 403);
    };
    const arn = await rule({ DeadLetterConfig: { Arn: QUEUE }, RoleArn: ROLE });
    await call('PutEvents', { Entries: [entry()] });
    await bridge.settled();
    expect(door.actions).toEqual(['lambda:Invoke', 'sqs:SendMessage']);
    // The rule's role is for its target; the queue has to allow EventBridge itself.
    expect(door.calls[1]!.caller).toEqual({ principal: 'events.amazonaws.com', sourceArn: arn });
    expect(lost).toEqual([`app ${LAMBDA} AccessDenied`]);
  });

  test('one target’s failure is not another’s', async () => {
    door.answer = ({ service }) => {
      if (service === 'lambda') throw new AwsError('ResourceNotFoundException', 'no');
      return {};
    };
    await addRule({
      Name: 'two',
      EventPattern: { source: ['app'] },
      Targets: [
        { Id: 'a', Arn: LAMBDA },
        { Id: 'b', Arn: MACHINE, RoleArn: ROLE },
      ],
    });
    await call('PutEvents', { Entries: [entry()] });
    await bridge.settled();
    expect(door.actions.sort()).toEqual(['lambda:Invoke', 'states:StartExecution']);
  });

  test('stop ends the tries', async () => {
    failWith('ThrottlingException');
    await rule({});
    await call('PutEvents', { Entries: [entry()] });
    await eventually(() => door.calls.length === 1);
    await bridge.stop();
    clock.advance(60_000);
    await delay(20);
    expect(door.calls).toHaveLength(1);
  });
});

describe('rules through the API', () => {
  test('a rule, its targets, and what is told about them', async () => {
    const EventPattern = '{"source":["app"]}';
    expect(await call('PutRule', { Name: 'mine', EventPattern, Description: 'why' })).toEqual({
      RuleArn: 'arn:aws:events:eu-central-1:000000000000:rule/mine',
    });
    await call('PutTargets', { Rule: 'mine', Targets: [{ Id: 'a', Arn: LAMBDA }] });
    await call('PutTargets', { Rule: 'mine', Targets: [{ Id: 'a', Arn: LAMBDA, Input: '{}' }] });
    expect((await call('ListTargetsByRule', { Rule: 'mine' })).Targets).toEqual([
      { Id: 'a', Arn: LAMBDA, Input: '{}' },
    ]);
    const described = {
      Name: 'mine',
      Arn: expect.any(String),
      EventBusName: 'default',
      EventPattern,
      State: 'ENABLED',
      Description: 'why',
    };
    expect(await call('DescribeRule', { Name: 'mine' })).toEqual(described);
    expect(await call('ListRules', { NamePrefix: 'mi' })).toEqual({ Rules: [described] });
    await call('PutRule', { Name: 'mine', EventPattern, State: 'DISABLED' });
    expect((await call('ListTargetsByRule', { Rule: 'mine' })).Targets).toHaveLength(1);
    await call('PutEvents', { Entries: [entry()] });
    await call('EnableRule', { Name: 'mine' });
    await call('PutEvents', { Entries: [entry()] });
    await call('DisableRule', { Name: 'mine' });
    await call('PutEvents', { Entries: [entry()] });
    await bridge.settled();
    expect(door.calls).toHaveLength(1);
  });

  test('what is not valid is an error that names it', async () => {
    expect(await code('PutRule', { Name: 'r', EventPattern: '{' })).toBe('InvalidEventPatternException');
    expect(await code('PutRule', { Name: 'r', EventPattern: '{"a":[{"regex":"x"}]}' })).toBe(
      'InvalidEventPatternException',
    );
    expect(await code('PutRule', { Name: 'r r', EventPattern: '{"a":[1]}' })).toBe('ValidationException');
    expect(await code('PutRule', { Name: 'r', EventBusName: 'none', EventPattern: '{"a":[1]}' })).toBe(
      'ResourceNotFoundException',
    );
    expect(await code('DescribeRule', { Name: 'none' })).toBe('ResourceNotFoundException');
    expect(await code('PutTargets', { Rule: 'none', Targets: [{ Id: 'a', Arn: LAMBDA }] })).toBe(
      'ResourceNotFoundException',
    );
    expect(await code('CreateEventBus', { Name: 'default' })).toBe('ResourceAlreadyExistsException');
    await expect(rule({ Arn: 'arn:aws:kinesis:eu-central-1:0:stream/s' })).rejects.toThrow(
      /Arn: the local EventBridge knows Lambda/,
    );
    await expect(rule({ KinesisParameters: {} })).rejects.toThrow(/does not know: KinesisParameters/);
    await expect(rule({ Arn: MACHINE })).rejects.toThrow(/needs a RoleArn/);
    await expect(rule({ Input: '{}', InputPath: '$' })).rejects.toThrow(/only one of/);
    await expect(rule({ InputPath: '$..node' })).rejects.toThrow(/path \$\.\.node/);
    await expect(rule({}, { ScheduleExpression: 'rate(1 day)' })).rejects.toThrow(/ScheduleExpression/);
    await expect(
      rule({}, { Targets: Array.from({ length: 6 }, (_, index) => ({ Id: `t${index}`, Arn: LAMBDA })) }),
    ).rejects.toThrow(/at most 5/);
  });
});
