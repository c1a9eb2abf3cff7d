import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient, ListEventBusesCommand } from '@aws-sdk/client-eventbridge';
import { GetFunctionCommand, InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { CreateTopicCommand, ListTopicsCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { CreateActivityCommand, SFNClient } from '@aws-sdk/client-sfn';
import {
  DescribeInstanceInformationCommand,
  GetParameterCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { SmithyRpcV2CborProtocol } from '@smithy/core/cbor';
import { LocalAws } from '../../../local/local-aws';
import { lambdaFunction, role, writeAssembly } from '../cloud-assembly/write-assembly';
import { TestNode } from '../services/test-node';

let aws: LocalAws;
const config = () => ({
  endpoint: aws.endpoint,
  region: 'eu-central-1',
  credentials: { accessKeyId: 'somebody', secretAccessKey: 'secret' },
  maxAttempts: 1,
});

beforeAll(async () => {
  const cloudAssembly = writeAssembly(
    {
      Resources: {
        Role: role('lambda.amazonaws.com'),
        Echo: lambdaFunction('echo', 'Role'),
        Table: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            TableName: 'locks',
            AttributeDefinitions: [{ AttributeName: 'cluster', AttributeType: 'S' }],
            KeySchema: [{ AttributeName: 'cluster', KeyType: 'HASH' }],
          },
        },
      },
    },
    { echo: 'exports.handler = async (event) => ({ got: event });' },
  );
  const nodes = Array.from(
    { length: 7 },
    (_, index) => new TestNode(index + 1, { 'kubeadm-autopilot:cluster': 'demo' }),
  );
  aws = await LocalAws.start({ cloudAssembly, nodes });
});
afterAll(() => aws.stop());

describe('awsJson', () => {
  test('1.1: SSM reads and writes parameters, with dates as Date', async () => {
    const ssm = new SSMClient(config());
    const before = Date.now();
    await ssm.send(new PutParameterCommand({ Name: '/a/b', Value: 'Grüße', Type: 'String' }));
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/a/b' }));
    expect(Parameter).toMatchObject({ Name: '/a/b', Value: 'Grüße', Version: 1 });
    expect(Parameter!.LastModifiedDate!.getTime()).toBeGreaterThanOrEqual(before);
    expect(Parameter!.LastModifiedDate!.getTime()).toBeLessThanOrEqual(Date.now());
  });

  test('1.1: a modelled error arrives as its class, with a request id', async () => {
    const error = await new SSMClient(config())
      .send(new GetParameterCommand({ Name: '/none' }))
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'ParameterNotFound', $fault: 'client' });
    expect((error as { $metadata: { requestId: string } }).$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('1.1: the agents of the nodes, page by page', async () => {
    const ssm = new SSMClient(config());
    const first = await ssm.send(new DescribeInstanceInformationCommand({ MaxResults: 5 }));
    expect(first.InstanceInformationList).toHaveLength(5);
    const second = await ssm.send(
      new DescribeInstanceInformationCommand({ MaxResults: 5, NextToken: first.NextToken }),
    );
    expect(second.InstanceInformationList).toHaveLength(2);
    expect(second.NextToken).toBeUndefined();
  });

  test('1.1: EventBridge lists its buses', async () => {
    const { EventBuses } = await new EventBridgeClient(config()).send(new ListEventBusesCommand({}));
    expect(EventBuses!.map(({ Name }) => Name)).toContain('default');
  });

  test('1.0: an action that the local AWS lacks is named, and what there is instead', async () => {
    const error = (await new SFNClient(config())
      .send(new CreateActivityCommand({ name: 'x' }))
      .catch((e: unknown) => e)) as Error;
    expect(error.name).toBe('UnknownOperationException');
    expect(error.message).toMatch(/states/);
  });

  test('1.0: DynamoDB stores numbers, bytes and nested values, and applies conditions', async () => {
    const dynamodb = new DynamoDBClient(config());
    const Item = {
      cluster: { S: 'demo' },
      n: { N: '1' },
      b: { B: new Uint8Array([1, 255]) },
      m: { M: { l: { L: [{ BOOL: true }] } } },
    };
    const put = () =>
      dynamodb.send(
        new PutItemCommand({
          TableName: 'locks',
          Item,
          ConditionExpression: 'attribute_not_exists(#c)',
          ExpressionAttributeNames: { '#c': 'cluster' },
        }),
      );
    await put();
    expect(
      (await dynamodb.send(new GetItemCommand({ TableName: 'locks', Key: { cluster: { S: 'demo' } } }))).Item,
    ).toEqual(Item);
    await expect(put()).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
  });

  test('1.0: SQS checks the MD5 of what it sends and receives', async () => {
    const sqs = new SQSClient(config());
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(Messages!.map(({ Body }) => Body)).toEqual(['hello']);
  });

  test('1.0: a CloudWatch request over 10 KB comes compressed', async () => {
    const cloudwatch = new CloudWatchClient(config());
    const MetricData = Array.from({ length: 400 }, (_, index) => ({
      MetricName: `metric-number-${index}`,
      Value: index,
    }));
    await cloudwatch.send(new PutMetricDataCommand({ Namespace: 'Many', MetricData }));
    expect((await cloudwatch.send(new ListMetricsCommand({ Namespace: 'Many' }))).Metrics).toHaveLength(400);
  });

  test('a member that the API does not have is refused by name', async () => {
    const response = await fetch(aws.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonSSM.GetParameter' },
      body: JSON.stringify({ Name: '/a', Nmae: '/b' }),
    });
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(await response.json()).toMatchObject({
      __type: 'SerializationException',
      message: expect.stringContaining('"Nmae"'),
    });
  });

  test('a wrong type is refused by path', async () => {
    const response = await fetch(aws.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonSSM.GetParameters' },
      body: JSON.stringify({ Names: ['/a', 7] }),
    });
    expect(await response.json()).toMatchObject({ message: 'Names[1] must be a string, not 7.' });
  });

  test('a body that is no JSON and a service that there is not', async () => {
    const post = async (target: string, body: string) =>
      (
        await fetch(aws.endpoint, {
          method: 'POST',
          headers: { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' },
          body,
        })
      ).json();
    expect(await post('AmazonSSM.GetParameter', '{')).toMatchObject({ __type: 'SerializationException' });
    expect(await post('Kinesis_20131202.ListStreams', '{}')).toMatchObject({
      __type: 'UnknownOperationException',
      message: expect.stringMatching(/"Kinesis_20131202"; it has .*dynamodb.*states/),
    });
  });
});

describe('rpc-v2-cbor', () => {
  const client = () =>
    new CloudWatchClient({
      ...config(),
      protocol: new SmithyRpcV2CborProtocol({ defaultNamespace: 'com.amazonaws.cloudwatch', errorTypeRegistries: [] }),
    } as never);

  test('numbers and dates go both ways', async () => {
    // The protocol takes its path from the service's name in the schema, which is the target prefix.
    const cloudwatch = client();
    const Timestamp = new Date(Math.floor(Date.now() / 1000) * 1000);
    await cloudwatch.send(
      new PutMetricDataCommand({ Namespace: 'Cbor', MetricData: [{ MetricName: 'm', Value: 2.5, Timestamp }] }),
    );
    const { Datapoints } = await cloudwatch.send(
      new GetMetricStatisticsCommand({
        Namespace: 'Cbor',
        MetricName: 'm',
        Period: 60,
        Statistics: ['Maximum'],
        StartTime: new Date(Timestamp.getTime() - 60_000),
        EndTime: new Date(Timestamp.getTime() + 60_000),
      }),
    );
    expect(Datapoints).toEqual([
      { Timestamp: new Date(Math.floor(Timestamp.getTime() / 60_000) * 60_000), Maximum: 2.5, Unit: 'None' },
    ]);
  });

  test('errors', async () => {
    const wrong = client().send(
      new PutMetricDataCommand({ Namespace: 'AWS/Own', MetricData: [{ MetricName: 'm', Value: 1 }] }),
    );
    await expect(wrong).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringContaining('reserved'),
    });
  });
});

describe('query and XML', () => {
  test('EC2: filters, nested answers, pages', async () => {
    const ec2 = new EC2Client(config());
    const Filters = [
      { Name: 'tag:kubeadm-autopilot:cluster', Values: ['demo'] },
      { Name: 'instance-state-name', Values: ['running', 'stopped'] },
    ];
    const first = await ec2.send(new DescribeInstancesCommand({ Filters, MaxResults: 5 }));
    const rest = await ec2.send(new DescribeInstancesCommand({ Filters, MaxResults: 5, NextToken: first.NextToken }));
    const instances = [...first.Reservations!, ...rest.Reservations!].flatMap(({ Instances }) => Instances!);
    expect(instances.map(({ PrivateIpAddress }) => PrivateIpAddress)).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((n) => `10.0.0.${n}`),
    );
    expect(instances[0]).toMatchObject({
      InstanceId: 'i-00000000000000001',
      State: { Name: 'running', Code: 16 },
      LaunchTime: expect.any(Date),
      Tags: expect.arrayContaining([{ Key: 'Name', Value: 'node-1' }]),
    });
    expect(rest.NextToken).toBeUndefined();
  });

  test('EC2: errors in its own form', async () => {
    const ec2 = new EC2Client(config());
    await expect(
      ec2.send(new DescribeInstancesCommand({ InstanceIds: ['i-0000000000000aaaa'] })),
    ).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
      message: "The instance IDs 'i-0000000000000aaaa' do not exist",
    });
  });

  test('SNS: text that XML has to escape survives; a modelled error arrives as its class', async () => {
    const sns = new SNSClient(config());
    const { TopicArn } = await sns.send(
      new CreateTopicCommand({ Name: 't', Attributes: { DisplayName: 'a <b> & "c"' } }),
    );
    await sns.send(new PublishCommand({ TopicArn, Subject: '<&>', Message: 'line 1\nline 2 ü & <x>' }));
    expect(aws.published().at(-1)).toMatchObject({ subject: '<&>', message: 'line 1\nline 2 ü & <x>' });
    expect((await sns.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn }]);
    await expect(sns.send(new PublishCommand({ TopicArn: `${TopicArn}x`, Message: 'm' }))).rejects.toMatchObject({
      name: 'NotFoundException',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test('STS: who am I', async () => {
    const { Arn, Account } = await new STSClient(config()).send(new GetCallerIdentityCommand({}));
    expect({ Arn, Account }).toEqual({ Arn: 'arn:aws:iam::000000000000:user/local', Account: '000000000000' });
  });

  test('CloudWatch speaks it too, for older CLIs; unknown parameters are named', async () => {
    const query = (body: string) =>
      fetch(aws.endpoint, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body });
    const put = await query(
      'Action=PutMetricData&Version=2010-08-01&Namespace=Q&MetricData.member.1.MetricName=m&MetricData.member.1.Value=3' +
        '&MetricData.member.1.Dimensions.member.1.Name=Cluster&MetricData.member.1.Dimensions.member.1.Value=demo',
    );
    expect(put.status).toBe(200);
    const list = await (await query('Action=ListMetrics&Version=2010-08-01&Namespace=Q')).text();
    expect(list).toContain('<Metrics><member><Namespace>Q</Namespace><MetricName>m</MetricName>');
    expect(list).toContain('<Dimensions><member><Name>Cluster</Name><Value>demo</Value></member></Dimensions>');
    const wrong = await (await query('Action=ListMetrics&Version=2010-08-01&Namspace=Q')).text();
    expect(wrong).toMatch(
      /<ErrorResponse .*<Code>UnknownParameter<\/Code><Message>The parameter Namspace is not recognized/,
    );
    for (const [list, said] of [
      ['Dimensions.1.Name=Cluster', 'The parameter Dimensions.1 is not recognized; there is Dimensions.member.'],
      ['Dimensions.member.x.Name=Cluster', 'The parameter Dimensions.x is not recognized; there is Dimensions.1.'],
      ['Dimensions=Cluster', 'Dimensions must be a list with numbered members, not "Cluster".'],
    ])
      expect(await (await query(`Action=ListMetrics&Version=2010-08-01&${list}`)).text()).toContain(
        said!.replaceAll('"', '&#34;'),
      );
  });
});

describe('REST-JSON', () => {
  test('Lambda: labels, payload and headers', async () => {
    const lambda = new LambdaClient(config());
    const answer = await lambda.send(new InvokeCommand({ FunctionName: 'echo', Payload: '{"a":"ü"}' }));
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(answer.FunctionError).toBeUndefined();
    expect(answer.Payload!.transformToString()).toBe('{"got":{"a":"ü"}}');
    expect(
      (await lambda.send(new ListFunctionsCommand({}))).Functions!.map(({ FunctionName }) => FunctionName),
    ).toEqual(['echo']);
  });

  test('Lambda: by ARN, and errors with status and message', async () => {
    const lambda = new LambdaClient(config());
    const FunctionName = 'arn:aws:lambda:eu-central-1:000000000000:function:echo';
    expect((await lambda.send(new GetFunctionCommand({ FunctionName }))).Configuration).toMatchObject({
      FunctionArn: FunctionName,
    });
    await expect(lambda.send(new InvokeCommand({ FunctionName: 'none' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Function not found: arn:aws:lambda:eu-central-1:000000000000:function:none',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test('an unknown query parameter is named', async () => {
    const response = await fetch(`${aws.endpoint}/2015-03-31/functions?MaxItem=1`);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining('"MaxItem" of ListFunctions') });
  });

  test('a path that nobody has', async () => {
    const response = await fetch(`${aws.endpoint}/no/such/path`);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining('GET /no/such/path') });
  });
});

test('nothing but the loopback is listened on', () => {
  expect(new URL(aws.endpoint).hostname).toBe('127.0.0.1');
});

test('DescribeAlarms without alarms', async () => {
  expect((await new CloudWatchClient(config()).send(new DescribeAlarmsCommand({}))).MetricAlarms).toEqual([]);
});
