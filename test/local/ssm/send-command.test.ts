import { BashNode } from './bash-node';
import { documentOf, World } from './ssm-world';

const ID = 'i-00000000000000001';
let world: World;
beforeEach(() => {
  world = new World(undefined, {
    documents: [
      documentOf([{ runCommand: ['echo'] }], {
        mode: { type: 'String', default: 'quick', allowedValues: ['quick', 'full'] },
        short: { type: 'String', default: 'ab', minChars: 2, maxChars: 4 },
        count: { type: 'Integer', default: 1 },
        on: { type: 'Boolean', default: false },
        names: { type: 'StringList', default: [], maxItems: 2, allowedPattern: '^[a-z]*$' },
      }),
    ],
  });
});
afterEach(() => world.stop());

const send = (input: Record<string, unknown>) =>
  world.call('SendCommand', { DocumentName: 'test-document', InstanceIds: [ID], ...input });

test('what is not valid is refused, and nothing was sent', async () => {
  const many = Array.from({ length: 51 }, (_, index) => `i-${index}`);
  const refusals: [Record<string, unknown>, string, RegExp][] = [
    [{ InstanceIds: ['i-0'] }, 'InvalidInstanceId', /i-0/],
    [{ InstanceIds: [ID, ID] }, 'DuplicateInstanceId', /twice/],
    [{ InstanceIds: many }, 'ValidationException', /at most 50/],
    [{ InstanceIds: [] }, 'ValidationException', /either InstanceIds or Targets/],
    [{ Targets: [{ Key: 'tag:a', Values: ['b'] }] }, 'ValidationException', /either InstanceIds or Targets/],
    [{ InstanceIds: [], Targets: [{ Key: 'name', Values: ['b'] }] }, 'ValidationException', /Targets\[0\].Key/],
    [{ DocumentName: 'none' }, 'InvalidDocument', /none/],
    [{ DocumentVersion: '9' }, 'InvalidDocumentVersion', /no version 9/],
    [{ DocumentVersion: 'newest' }, 'ValidationException', /DocumentVersion/],
    [{ DocumentHash: 'abc' }, 'InvalidDocument', /hash/],
    [{ TimeoutSeconds: 29 }, 'ValidationException', /30 to 2592000/],
    [{ TimeoutSeconds: 2_592_001 }, 'ValidationException', /30 to 2592000/],
    [{ Comment: 'x'.repeat(101) }, 'ValidationException', /Comment: at most 100/],
    [{ MaxConcurrency: '0' }, 'ValidationException', /MaxConcurrency/],
    [{ MaxErrors: 'all' }, 'ValidationException', /MaxErrors/],
    [{ OutputS3BucketName: 'b' }, 'ValidationException', /does not know: OutputS3BucketName/],
    [{ Parameters: { other: ['x'] } }, 'InvalidParameters', /no parameter other; it has: mode/],
    [{ Parameters: { mode: ['slow'] } }, 'InvalidParameters', /mode is "slow", not one of quick, full/],
    [{ Parameters: { mode: ['quick', 'full'] } }, 'InvalidParameters', /takes 1 value, not 2/],
    [{ Parameters: { mode: [] } }, 'InvalidParameters', /takes 1 value, not 0/],
    [{ Parameters: { short: ['a'] } }, 'InvalidParameters', /at least 2/],
    [{ Parameters: { short: ['abcde'] } }, 'InvalidParameters', /at most 4/],
    [{ Parameters: { count: ['1.5'] } }, 'InvalidParameters', /count is a Integer/],
    [{ Parameters: { on: ['yes'] } }, 'InvalidParameters', /on is a Boolean/],
    [{ Parameters: { names: ['a', 'b', 'c'] } }, 'InvalidParameters', /at most 2/],
    [{ Parameters: { names: ['a', 'B'] } }, 'InvalidParameters', /"B"/],
    [{ Parameters: { mode: ['{{ssm:secret}}'] } }, 'InvalidParameters', /does not resolve references/],
  ];
  for (const [input, code, message] of refusals) {
    const error = await send(input).then(
      () => 'none',
      (thrown) => thrown,
    );
    expect([input, error.code, error.message]).toEqual([input, code, expect.stringMatching(message)]);
  }
  expect((await world.call('ListCommands')).Commands).toEqual([]);
  expect(world.events).toEqual([]);
});

test('a parameter without value and default is missing', async () => {
  world.addDocument(documentOf([{ runCommand: ['echo'] }], { who: { type: 'String' } }, 'needs-who'));
  await expect(send({ DocumentName: 'needs-who' })).rejects.toThrow('The parameter who has no value and no default.');
});

test('the values of the parameters count towards the 64 KB', async () => {
  world.addDocument(documentOf([{ runCommand: ['echo'] }], { blob: { type: 'String' } }, 'big'));
  await expect(send({ DocumentName: 'big', Parameters: { blob: ['x'.repeat(65_000)] } })).resolves.toBeDefined();
  await expect(send({ DocumentName: 'big', Parameters: { blob: ['x'.repeat(65_500)] } })).rejects.toThrow(
    expect.objectContaining({ code: 'MaxDocumentSizeExceeded' }),
  );
});

test('the version that is asked for runs, also with its hash', async () => {
  const second = documentOf([{ runCommand: ['echo second'] }]).Content;
  const { DocumentDescription } = await world.call('UpdateDocument', {
    Name: 'test-document',
    Content: JSON.stringify(second),
  });
  const latest = await world.run({
    DocumentVersion: '$LATEST',
    DocumentHash: DocumentDescription.Hash,
    DocumentHashType: 'Sha256',
  });
  expect(latest.StandardOutputContent).toBe('second\n');
  expect((await world.run({ DocumentVersion: '1' })).StandardOutputContent).toBe('\n');
  expect((await world.run()).StandardOutputContent).toBe('\n');
});

test('a document can be named by its ARN', async () => {
  const DocumentName = 'arn:aws:ssm:eu-central-1:000000000000:document/test-document';
  expect(await world.run({ DocumentName })).toMatchObject({ Status: 'Success', DocumentName: 'test-document' });
});

test('IAM is asked for the document and for every instance with its tags', () => {
  const instance = { action: 'ssm:SendCommand', resource: `arn:aws:ec2:eu-central-1:000000000000:instance/${ID}` };
  const tags = { 'ssm:resourceTag/role': 'control-plane', 'ssm:resourceTag/Name': 'cp-1' };
  const document = {
    action: 'ssm:SendCommand',
    resource: 'arn:aws:ssm:eu-central-1:000000000000:document/test-document',
  };
  const permissions = (input: Record<string, unknown>) =>
    world.ssm.actions['SendCommand']!.permissions!({ DocumentName: 'test-document', ...input });
  expect(permissions({ InstanceIds: [ID, 'i-0'] })).toEqual([
    document,
    { ...instance, conditionKeys: tags },
    { ...instance, resource: 'arn:aws:ec2:eu-central-1:000000000000:instance/i-0', conditionKeys: {} },
  ]);
  expect(permissions({ Targets: [{ Key: 'tag:role', Values: ['control-plane'] }] })).toEqual([
    document,
    { ...instance, conditionKeys: tags },
  ]);
});

describe('lists', () => {
  test('filters and pages, newest first', async () => {
    world.addDocument(documentOf([{ runCommand: ['exit 1'] }], {}, 'failing'));
    const first = await world.send();
    await world.over(first);
    world.clock.advance(60_000);
    const between = world.clock.now().toISOString();
    const second = await world.send({ DocumentName: 'failing' });
    await world.over(second);
    const ids = async (...filters: [string, string][]) => {
      const { Commands } = await world.call('ListCommands', {
        Filters: filters.map(([key, value]) => ({ key, value })),
      });
      return Commands.map(({ CommandId }: { CommandId: string }) => CommandId);
    };
    expect(await ids()).toEqual([second, first]);
    expect(await ids(['InvokedAfter', between])).toEqual([second]);
    expect(await ids(['InvokedBefore', between])).toEqual([first]);
    expect(await ids(['Status', 'Failed'])).toEqual([second]);
    expect(await ids(['DocumentName', 'test-document'], ['Status', 'Success'])).toEqual([first]);
    expect(await ids(['ExecutionStage', 'Executing'])).toEqual([]);
    await expect(ids(['Comment', 'x'])).rejects.toThrow(expect.objectContaining({ code: 'InvalidFilterKey' }));
    await expect(ids(['InvokedAfter', 'yesterday'])).rejects.toThrow(/yesterday/);

    const page = await world.call('ListCommands', { MaxResults: 1 });
    expect(page.Commands).toEqual([expect.objectContaining({ CommandId: second })]);
    const next = await world.call('ListCommands', { MaxResults: 1, NextToken: page.NextToken });
    expect(next).toEqual({ Commands: [expect.objectContaining({ CommandId: first })] });
    await expect(world.call('ListCommands', { NextToken: 'x' })).rejects.toThrow(
      expect.objectContaining({ code: 'InvalidNextToken' }),
    );
    expect((await world.call('ListCommands', { InstanceId: 'i-0' })).Commands).toEqual([]);
    expect((await world.call('ListCommandInvocations', { InstanceId: ID })).CommandInvocations).toHaveLength(2);
  });

  test('a command carries what it was sent with', async () => {
    const id = await world.send({ Parameters: { mode: ['full'] }, Comment: 'why', TimeoutSeconds: 60 });
    const command = await world.over(id);
    expect(command).toMatchObject({
      Parameters: { mode: ['full'] },
      Comment: 'why',
      InstanceIds: [ID],
      Targets: [],
      TimeoutSeconds: 60,
    });
    expect(command.ExpiresAfter.getTime() - command.RequestedDateTime.getTime()).toBe((60 + 3600) * 1000);
  });
});

describe('events', () => {
  test('each invocation, then the command with its parameters', async () => {
    const id = await world.send({ Parameters: { mode: ['full'] } });
    await world.over(id);
    const told = world.events.map((event) => [
      event['detail-type'].includes('Invocation') ? 'invocation' : 'command',
      event.detail['status'],
    ]);
    expect(told).toEqual([
      ['invocation', 'InProgress'],
      ['command', 'InProgress'],
      ['invocation', 'Success'],
      ['command', 'Success'],
    ]);
    const [invocation, command] = world.events.slice(2);
    const requested = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(invocation).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      source: 'aws.ssm',
      'detail-type': 'EC2 Command Invocation Status-change Notification',
      account: '000000000000',
      region: 'eu-central-1',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      resources: [`arn:aws:ec2:eu-central-1:000000000000:instance/${ID}`],
      detail: {
        'command-id': id,
        'document-name': 'test-document',
        'instance-id': ID,
        'requested-date-time': requested,
        status: 'Success',
      },
    });
    expect(command).toMatchObject({
      source: 'aws.ssm',
      'detail-type': 'EC2 Command Status-change Notification',
      detail: {
        'command-id': id,
        'document-name': 'test-document',
        'expire-after': requested,
        parameters: { mode: ['full'] },
        'requested-date-time': requested,
        status: 'Success',
      },
    });
  });

  test('the command’s end comes once, after all invocations have ended', async () => {
    const slow = new BashNode('i-00000000000000002', 'cp-2');
    const both = new World([new BashNode(ID, 'cp-1'), slow], {
      documents: [
        documentOf([{ runCommand: ['[ $AWS_SSM_INSTANCE_ID = i-00000000000000001 ] || { sleep 0.3; exit 1; }'] }]),
      ],
    });
    const id = await both.send({ InstanceIds: [ID, slow.instanceId] });
    await both.over(id);
    const ends = both.events.filter(({ detail }) => ['Success', 'Failed'].includes(String(detail['status'])));
    expect(ends.map(({ detail }) => [detail['instance-id'] ?? 'command', detail['status']])).toEqual([
      [ID, 'Success'],
      [slow.instanceId, 'Failed'],
      ['command', 'Failed'],
    ]);
    await both.stop();
  });

  test('a delivery that times out is told as TimedOut', async () => {
    await world.nodes[0]!.powerOff();
    const id = await world.send({ TimeoutSeconds: 30 });
    world.clock.advance(31_000);
    await world.over(id);
    expect(world.events.map(({ detail }) => detail['status'])).toEqual(['TimedOut', 'TimedOut']);
  });
});
