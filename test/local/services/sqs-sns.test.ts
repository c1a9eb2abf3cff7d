import { Door } from '../../../local/aws/door';
import { Clock } from '../../../local/clock';
import { Iam } from '../../../local/iam/iam';
import { SnsService } from '../../../local/services/sns/sns-service';
import { SqsService } from '../../../local/services/sqs/sqs-service';

function services() {
  const clock = new Clock();
  const iam = new Iam();
  const door = new Door(iam, { stateTransitions: 0, lambdaInvocations: 0, apiCalls: {} });
  const sqs = new SqsService('http://127.0.0.1:1', clock);
  const sns = new SnsService(door, clock, (arn) => sqs.urlOf(arn));
  door.register(sqs);
  door.register(sns);
  const call = (service: string, action: string, input: Record<string, unknown> = {}) =>
    door.call({ service, action, input, caller: { principal: 'user' } });
  return { call, clock, iam, sns };
}

describe('SQS', () => {
  test('what is received is hidden until its visibility time is over, and gone once deleted', async () => {
    const { call, clock } = services();
    const { QueueUrl } = await call('sqs', 'CreateQueue', { QueueName: 'q' });
    await call('sqs', 'SendMessage', {
      QueueUrl,
      MessageBody: 'a',
      MessageAttributes: { why: { DataType: 'String', StringValue: 'x' } },
    });
    const receive = async () =>
      ((await call('sqs', 'ReceiveMessage', { QueueUrl }))['Messages'] ?? []) as Record<string, string>[];
    const [first] = await receive();
    expect(first).toMatchObject({
      Body: 'a',
      MessageAttributes: { why: { StringValue: 'x' } },
      Attributes: { ApproximateReceiveCount: '1' },
    });
    expect(await receive()).toEqual([]);
    clock.advance(30_000);
    const [second] = await receive();
    expect(second).toMatchObject({ Body: 'a', Attributes: { ApproximateReceiveCount: '2' } });
    await call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle: second!['ReceiptHandle'] });
    clock.advance(30_000);
    expect(await receive()).toEqual([]);
  });

  test('attributes count what is there', async () => {
    const { call } = services();
    const { QueueUrl } = await call('sqs', 'CreateQueue', { QueueName: 'q', Attributes: { VisibilityTimeout: '5' } });
    for (const MessageBody of ['a', 'b', 'c']) await call('sqs', 'SendMessage', { QueueUrl, MessageBody });
    await call('sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 2 });
    expect(
      (await call('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] }))['Attributes'],
    ).toMatchObject({
      VisibilityTimeout: '5',
      QueueArn: 'arn:aws:sqs:eu-central-1:000000000000:q',
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '2',
    });
  });

  test('a queue is also found by the URL that AWS would give it', async () => {
    const { call } = services();
    await call('sqs', 'CreateQueue', { QueueName: 'q' });
    const QueueUrl = 'https://sqs.eu-central-1.amazonaws.com/000000000000/q';
    expect(await call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'a' })).toMatchObject({
      MD5OfMessageBody: '0cc175b9c0f1b6a831c399e269772661',
    });
  });

  test.each([
    ['an empty message', { MessageBody: '' }, 'must not be empty'],
    ['one over 1 MiB', { MessageBody: 'x'.repeat(1_048_577) }, 'shorter than 1048576'],
  ])('%s is refused', async (_what, input, message) => {
    const { call } = services();
    const { QueueUrl } = await call('sqs', 'CreateQueue', { QueueName: 'q' });
    await expect(call('sqs', 'SendMessage', { QueueUrl, ...input })).rejects.toThrow(message);
  });

  test('no such queue; no FIFO queues', async () => {
    const { call } = services();
    await expect(call('sqs', 'GetQueueUrl', { QueueName: 'x' })).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    await expect(call('sqs', 'CreateQueue', { QueueName: 'x.fifo' })).rejects.toThrow('standard queues only');
  });
});

describe('SNS', () => {
  const topic = async ({ call }: ReturnType<typeof services>) =>
    String((await call('sns', 'CreateTopic', { Name: 't' }))['TopicArn']);

  test('what is published is kept, with whom it would have gone to', async () => {
    const all = services();
    const TopicArn = await topic(all);
    await all.call('sns', 'Subscribe', { TopicArn, Protocol: 'email', Endpoint: 'a@b.c' });
    await all.call('sns', 'Publish', { TopicArn, Subject: 'S', Message: 'M' });
    expect(all.sns.published()).toMatchObject([{ topicArn: TopicArn, subject: 'S', message: 'M', emails: ['a@b.c'] }]);
  });

  test('a filter policy lets only those messages through whose attributes it names', async () => {
    const all = services();
    const TopicArn = await topic(all);
    const FilterPolicy = JSON.stringify({ cluster: ['prod', { exists: false }] });
    await all.call('sns', 'Subscribe', {
      TopicArn,
      Protocol: 'email',
      Endpoint: 'a@b.c',
      Attributes: { FilterPolicy },
    });
    const about = (StringValue: string) => ({ MessageAttributes: { cluster: { DataType: 'String', StringValue } } });
    for (const more of [about('prod'), about('dev'), {}])
      await all.call('sns', 'Publish', { TopicArn, Message: 'M', ...more });
    expect(all.sns.published().map(({ emails }) => emails)).toEqual([['a@b.c'], [], ['a@b.c']]);
  });

  test.each([
    ['101 characters', 'x'.repeat(101)],
    ['none', ''],
    ['a line break', 'a\nb'],
    ['letters that are not ASCII', 'Grüße'],
    ['a blank at the start', ' a'],
  ])('a subject of %s is refused', async (_what, Subject) => {
    const all = services();
    const TopicArn = await topic(all);
    await expect(all.call('sns', 'Publish', { TopicArn, Subject, Message: 'm' })).rejects.toThrow(
      'Invalid parameter: Subject',
    );
    expect(all.sns.published()).toEqual([]);
  });

  test('a subject of 100 characters is fine; an empty or too long message is not', async () => {
    const all = services();
    const TopicArn = await topic(all);
    await all.call('sns', 'Publish', { TopicArn, Subject: 'x'.repeat(100), Message: 'm' });
    await expect(all.call('sns', 'Publish', { TopicArn, Message: '' })).rejects.toThrow('Empty message');
    await expect(all.call('sns', 'Publish', { TopicArn, Message: 'x'.repeat(262_145) })).rejects.toThrow('too long');
  });

  test('a subscribed queue gets it when its policy allows the topic', async () => {
    const all = services();
    const { call, iam } = all;
    const TopicArn = await topic(all);
    const { QueueUrl } = await call('sqs', 'CreateQueue', { QueueName: 'q' });
    const queueArn = 'arn:aws:sqs:eu-central-1:000000000000:q';
    await call('sns', 'Subscribe', { TopicArn, Protocol: 'sqs', Endpoint: queueArn });
    await expect(call('sns', 'Publish', { TopicArn, Message: 'm' })).rejects.toThrow(
      'sns.amazonaws.com is not authorized to perform: sqs:SendMessage',
    );
    const statement = {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queueArn,
    };
    iam.addResourcePolicy(
      queueArn,
      { Statement: { ...statement, Condition: { ArnEquals: { 'aws:SourceArn': TopicArn } } } },
      'q',
    );
    await call('sns', 'Publish', { TopicArn, Subject: 's', Message: 'm' });
    const { Messages } = (await call('sqs', 'ReceiveMessage', { QueueUrl })) as { Messages: { Body: string }[] };
    expect(JSON.parse(Messages[0]!.Body)).toMatchObject({ Type: 'Notification', TopicArn, Subject: 's', Message: 'm' });
  });
});
