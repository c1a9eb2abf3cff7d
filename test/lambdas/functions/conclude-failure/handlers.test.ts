import type { handler as Conclude } from '../../../../lambdas/functions/conclude-failure/handler';
import type { handler as Ended } from '../../../../lambdas/functions/on-operation-ended/handler';
import { AwsServer, type Answer } from '../../helpers/aws-server';

const aws = new AwsServer();
let conclude: typeof Conclude;
let ended: typeof Ended;
const MACHINE = 'arn:aws:states:eu-central-1:000000000000:stateMachine:kubeadm-autopilot-renew-certificates';
const EXECUTION = `${MACHINE.replace(':stateMachine:', ':execution:')}:one`;
beforeAll(async () => {
  await aws.start();
  Object.assign(process.env, {
    LOCK_TABLE: 'locks',
    BUS_NAME: 'kubeadm-autopilot',
    TOPIC_ARN: 'arn:aws:sns:eu-central-1:000000000000:topic',
  });
  process.env.STATE_MACHINES = JSON.stringify({ 'renew-certificates': MACHINE });
  ({ handler: conclude } = await import('../../../../lambdas/functions/conclude-failure/handler'));
  ({ handler: ended } = await import('../../../../lambdas/functions/on-operation-ended/handler'));
});
afterAll(() => aws.stop());

const PUT: Answer = { body: { FailedEntryCount: 0, Entries: [{ EventId: '1' }] } };
const PUBLISHED: Answer = {
  xml: '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>',
};
const NO_SECRET: Answer = { code: 'ParameterNotFound' };
const FINE = {
  GetItem: { body: {} },
  DeleteItem: { body: {} },
  DeleteParameter: NO_SECRET,
  PutEvents: PUT,
  Publish: PUBLISHED,
};
const SECRET: Answer = { body: { Item: { holder: { S: EXECUTION }, names: { SS: ['/the/secret'] } } } };
const target = (group: string) => ({ targetGroupArn: `arn:${group}`, targetGroupName: group, id: 'i-1', port: 6443 });
const out = (holder: string, ...groups: string[]): Answer => ({
  body: {
    Item: {
      cluster: { S: 'demo/load-balancer' },
      holder: { S: holder },
      turn: {
        S: JSON.stringify({
          node: { instanceId: 'i-1', name: 'cp-1' },
          since: '2026-11-25T03:00:00Z',
          targets: groups.map(target),
        }),
      },
    },
  },
});
const REGISTERED: Answer = { xml: '<RegisterTargetsResponse><RegisterTargetsResult/></RegisterTargetsResponse>' };
const RECORD = { TableName: 'locks', Key: { cluster: { S: 'demo/load-balancer' } } };
const NOT_HELD: Answer = { code: 'ConditionalCheckFailedException', message: 'The conditional request failed' };

describe('conclude-failure', () => {
  const payload = {
    operation: 'renew-certificates',
    input: { cluster: 'demo' },
    execution: EXECUTION,
    error: { Error: 'GateRefused', Cause: 'cp-1 cannot be restarted.' },
  };

  test('gives the lock back, tells the bus and the operators, answers with the sentence', async () => {
    aws.answer(FINE);
    await expect(conclude(payload)).resolves.toEqual({ error: 'GateRefused', cause: 'cp-1 cannot be restarted.' });
    expect(aws.callsOf('DeleteItem')).toEqual([
      {
        TableName: 'locks',
        Key: { cluster: { S: 'demo' } },
        ConditionExpression: 'holder = :holder',
        ExpressionAttributeValues: { ':holder': { S: EXECUTION } },
      },
    ]);
    const [{ Entries: [entry] = [] } = {}] = aws.callsOf('PutEvents') as { Entries?: Record<string, string>[] }[];
    expect(entry).toMatchObject({
      EventBusName: 'kubeadm-autopilot',
      Source: 'kubeadm-autopilot',
      DetailType: 'Operation Failed',
    });
    expect(JSON.parse(entry?.Detail ?? '')).toEqual({
      operation: 'renew-certificates',
      cluster: 'demo',
      execution: EXECUTION,
      error: 'GateRefused',
      cause: 'cp-1 cannot be restarted.',
    });
    expect(aws.callsOf('Publish')).toMatchObject([
      {
        Subject: 'demo: renew-certificates failed (GateRefused)',
        Message: `renew-certificates of demo failed (GateRefused).\n\ncp-1 cannot be restarted.\n\nRunbook (docs/operator-runbook.md): "GateRefused"\nExecution: ${EXECUTION}`,
      },
    ]);
  });

  test.each<[string, Record<string, Answer>]>([
    ['the lock is held by somebody else', { ...FINE, DeleteItem: NOT_HELD }],
    ['the lock cannot be given back', { ...FINE, DeleteItem: { code: 'AccessDeniedException' } }],
    ['the secret cannot be deleted', { ...FINE, GetItem: SECRET, DeleteParameter: { code: 'AccessDeniedException' } }],
    ['the bus refuses', { ...FINE, PutEvents: { code: 'AccessDeniedException' } }],
    ['nobody can be told', { ...FINE, Publish: { code: 'AuthorizationError' } }],
  ])('%s: the rest is done and the sentence reaches the execution', async (_name, answers) => {
    aws.answer(answers);
    await expect(conclude(payload)).resolves.toMatchObject({ error: 'GateRefused' });
    for (const action of ['DeleteItem', 'PutEvents', 'Publish']) expect(aws.callsOf(action)).toHaveLength(1);
  });

  test('deletes the secret that a repair left behind', async () => {
    aws.answer({ ...FINE, GetItem: SECRET, DeleteParameter: { body: {} } });
    await conclude(payload);
    expect(aws.callsOf('DeleteParameter')).toEqual([{ Name: '/the/secret' }]);
  });

  test('puts back what is out of the load balancer, and then gives the lock back', async () => {
    aws.answer({ ...FINE, GetItem: out(EXECUTION, 'inside', 'outside'), RegisterTargets: REGISTERED });
    await expect(conclude(payload)).resolves.toEqual({ error: 'GateRefused', cause: 'cp-1 cannot be restarted.' });
    expect(
      aws
        .callsOf('RegisterTargets')
        .map(({ TargetGroupArn }) => TargetGroupArn)
        .sort(),
    ).toEqual(['arn:inside', 'arn:outside']);
    expect(aws.callsOf('RegisterTargets')[0]).toMatchObject({
      'Targets.member.1.Id': 'i-1',
      'Targets.member.1.Port': '6443',
    });
    // Secrets are deleted and people are told meanwhile.
    const others = aws.calls.filter(({ input }) => !JSON.stringify(input).includes('demo/secrets'));
    expect(others.map(({ action }) => action).filter((action) => /Item$|Targets$/.test(action))).toEqual([
      'GetItem',
      'RegisterTargets',
      'RegisterTargets',
      'DeleteItem',
      'DeleteItem',
    ]);
    expect(aws.callsOf('DeleteItem')[0]).toMatchObject({
      ...RECORD,
      ConditionExpression: 'holder = :holder',
      ExpressionAttributeValues: { ':holder': { S: EXECUTION } },
    });
  });

  test('what another execution has taken out is left alone', async () => {
    aws.answer({ ...FINE, GetItem: out(`${EXECUTION}-more`, 'api') });
    await conclude(payload);
    expect(aws.callsOf('RegisterTargets')).toEqual([]);
    expect(aws.callsOf('DeleteItem')).toHaveLength(1);
  });

  test('a target group that is gone needs nothing', async () => {
    aws.answer({ ...FINE, GetItem: out(EXECUTION, 'api'), RegisterTargets: { code: 'TargetGroupNotFound' } });
    await expect(conclude(payload)).resolves.toMatchObject({ cause: 'cp-1 cannot be restarted.' });
    expect(aws.callsOf('DeleteItem')[0]).toMatchObject(RECORD);
  });

  test('what cannot be put back is said and stays written down; the lock is given back', async () => {
    const RegisterTargets: Answer = { code: 'AccessDenied', message: 'You may not.' };
    aws.answer({ ...FINE, GetItem: out(EXECUTION, 'api'), RegisterTargets });
    await expect(conclude(payload)).resolves.toEqual({
      error: 'GateRefused',
      cause:
        'cp-1 cannot be restarted. cp-1 is still out of the target group api (AccessDenied: You may not): register it there again.',
    });
    expect(aws.callsOf('DeleteItem')).toMatchObject([{ Key: { cluster: { S: 'demo' } } }]);
  });

  test.each([null, {}, { cluster: 7 }, { cluster: '../x' }, 'demo'])(
    'an input that names no cluster: %j',
    async (input) => {
      aws.answer(FINE);
      await expect(
        conclude({ ...payload, input, error: { Error: 'InvalidInput', Cause: 'The input is not valid.' } }),
      ).resolves.toMatchObject({ error: 'InvalidInput' });
      expect(aws.callsOf('DeleteItem')).toEqual([]);
      expect(aws.callsOf('Publish')).toMatchObject([{ Subject: 'renew-certificates failed (InvalidInput)' }]);
    },
  );
});

describe('on-operation-ended', () => {
  const event = (status: string, input: string | null = '{"cluster":"demo"}') => ({
    detail: { executionArn: EXECUTION, stateMachineArn: MACHINE, name: 'one', status, input },
  });
  const now = (status: string): Answer => ({ body: { executionArn: EXECUTION, status, startDate: 1 } });

  test.each([
    [
      'ABORTED',
      'Aborted',
      'renew-certificates of demo was stopped by somebody before its end: a script may still be running on a node and ends by itself; start the operation again after that, it goes on where it stopped.',
    ],
    [
      'TIMED_OUT',
      'States.Timeout',
      'renew-certificates of demo took longer than its time limit: a script may still be running on a node and ends by itself; start the operation again after that, it goes on where it stopped.',
    ],
  ])('%s: gives the lock back and tells', async (status, error, cause) => {
    aws.answer({ ...FINE, DescribeExecution: now(status) });
    await ended(event(status));
    expect(aws.callsOf('DeleteItem')).toHaveLength(1);
    const [{ Entries: [entry] = [] } = {}] = aws.callsOf('PutEvents') as { Entries?: Record<string, string>[] }[];
    expect(JSON.parse(entry?.Detail ?? '')).toEqual({
      operation: 'renew-certificates',
      cluster: 'demo',
      execution: EXECUTION,
      error,
      cause,
    });
    expect(aws.callsOf('Publish')).toMatchObject([{ Subject: `demo: renew-certificates failed (${error})` }]);
  });

  test('FAILED was told already: only the lock and the secret', async () => {
    aws.answer({ ...FINE, DeleteItem: NOT_HELD, DescribeExecution: now('FAILED') });
    await ended(event('FAILED'));
    expect(aws.calls.map(({ action }) => action)).toEqual(['DescribeExecution', 'GetItem', 'DeleteItem', 'GetItem']);
  });

  test('puts back what is out of the load balancer, and then gives the lock back', async () => {
    const RegisterTargets = REGISTERED;
    aws.answer({ ...FINE, DescribeExecution: now('ABORTED'), GetItem: out(EXECUTION, 'api'), RegisterTargets });
    await ended(event('ABORTED'));
    expect(aws.calls.map(({ action }) => action).slice(0, 5)).toEqual([
      'DescribeExecution',
      'GetItem',
      'RegisterTargets',
      'DeleteItem',
      'DeleteItem',
    ]);
    expect(aws.callsOf('DeleteItem')).toMatchObject([RECORD, { Key: { cluster: { S: 'demo' } } }]);
  });

  test.each<[string, Record<string, Answer>, string]>([
    [
      'something cannot be put back',
      { GetItem: out(EXECUTION, 'api'), RegisterTargets: { code: 'InvalidTarget', message: 'Not running.' } },
      'cp-1 is still out of the target group api (InvalidTargetException: Not running): register it there again.',
    ],
    [
      'it cannot be looked up',
      { GetItem: { code: 'AccessDeniedException' } },
      'It could not be told whether a node is still out of its load balancer (AccessDeniedException): look at the target groups of demo.',
    ],
  ])('%s: the lock is given back, people are told, and Lambda tries again', async (_name, answers, said) => {
    aws.answer({ ...FINE, DescribeExecution: now('ABORTED'), ...answers });
    await expect(ended(event('ABORTED'))).rejects.toThrow();
    expect(aws.callsOf('DeleteItem')).toMatchObject([{ Key: { cluster: { S: 'demo' } } }]);
    expect(aws.callsOf('Publish')).toMatchObject([{ Message: expect.stringContaining(said) }]);
  });

  test('an event that comes after the redrive leaves the lock to the execution', async () => {
    aws.answer({ ...FINE, DescribeExecution: now('RUNNING') });
    await ended(event('FAILED'));
    expect(aws.calls.map(({ action }) => action)).toEqual(['DescribeExecution']);
  });

  test('an input too large for the event, or none at all', async () => {
    aws.answer({ ...FINE, DescribeExecution: now('ABORTED') });
    await ended(event('ABORTED', null));
    await ended(event('ABORTED', 'not JSON'));
    expect(aws.callsOf('DeleteItem')).toEqual([]);
    expect(aws.callsOf('Publish')).toHaveLength(2);
  });

  test('Lambda tries again when people could not be told', async () => {
    aws.answer({ ...FINE, Publish: { code: 'AuthorizationError' }, DescribeExecution: now('ABORTED') });
    await expect(ended(event('ABORTED'))).rejects.toThrow('The failure of renew-certificates could not be told');
    expect(aws.callsOf('PutEvents')).toHaveLength(1);
  });
});
