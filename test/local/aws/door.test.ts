import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { AwsError } from '../../../local/aws/aws-call';
import { LocalAws } from '../../../local/local-aws';
import { lambdaFunction, role, writeAssembly } from '../cloud-assembly/write-assembly';
import { TestNode } from '../services/test-node';

// Each function makes one AWS call, as its event says, with the SDK and the credentials that the runtime gave it.
const CALLER = `
const clients = Object.assign({}, ...['ssm', 'ec2', 'sns', 'sqs', 'dynamodb', 'cloudwatch', 'sts', 'lambda'].map((name) => require(${JSON.stringify(
  process.cwd(),
)} + '/node_modules/@aws-sdk/client-' + name)));
exports.handler = async ({ client, command, input }) => {
  try {
    const { $metadata, ...answer } = await new clients[client]({ maxAttempts: 1 }).send(new clients[command](input));
    return { answer };
  } catch ({ name, message, $metadata }) {
    return { error: { name, message, status: $metadata?.httpStatusCode } };
  }
};`;

let aws: LocalAws;
let lambda: LambdaClient;

beforeAll(async () => {
  const topicArn = { Ref: 'Topic' };
  const cloudAssembly = writeAssembly(
    {
      Resources: {
        Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'topic' } },
        Role: role('lambda.amazonaws.com', [
          {
            Effect: 'Allow',
            Action: 'ssm:GetParameter',
            Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/app/*' },
          },
          {
            Effect: 'Allow',
            Action: 'ec2:StopInstances',
            Resource: '*',
            Condition: { StringEquals: { 'aws:ResourceTag/cluster': 'demo' } },
          },
          {
            Effect: 'Allow',
            Action: 'cloudwatch:PutMetricData',
            Resource: '*',
            Condition: { StringEquals: { 'cloudwatch:namespace': 'Mine' } },
          },
        ]),
        Function: lambdaFunction('caller', 'Role', { Timeout: 20 }),
        ByRule: lambdaFunction('by-rule', 'Role'),
        Rule: {
          Type: 'AWS::Events::Rule',
          Properties: {
            EventPattern: { source: ['test'] },
            Targets: [{ Id: 't', Arn: { 'Fn::GetAtt': ['ByRule', 'Arn'] } }],
          },
        },
        RuleMay: {
          Type: 'AWS::Lambda::Permission',
          Properties: {
            FunctionName: { 'Fn::GetAtt': ['ByRule', 'Arn'] },
            Action: 'lambda:InvokeFunction',
            Principal: 'events.amazonaws.com',
            SourceArn: { 'Fn::GetAtt': ['Rule', 'Arn'] },
          },
        },
        Parameter: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/app/x', Type: 'String', Value: topicArn } },
      },
    },
    { caller: CALLER, 'by-rule': 'exports.handler = async (event) => console.log(JSON.stringify(event.detail));' },
  );
  const nodes = [new TestNode(1, { cluster: 'demo' }), new TestNode(2, { cluster: 'prod' })];
  aws = await LocalAws.start({
    cloudAssembly,
    nodes,
    onFunctionOutput: (name, line) => printed.push(`${name} ${line}`),
  });
  lambda = new LambdaClient({
    endpoint: aws.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'u', secretAccessKey: 'u' },
  });
});
const printed: string[] = [];
afterAll(() => aws.stop());

async function asFunction(
  client: string,
  command: string,
  input: object,
): Promise<{ answer?: object; error?: { name: string; message: string; status: number } }> {
  const { Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: 'caller', Payload: JSON.stringify({ client, command, input }) }),
  );
  return JSON.parse(Payload!.transformToString()) as object;
}

test('a function acts under its role: what is allowed works', async () => {
  expect(await asFunction('SSMClient', 'GetParameterCommand', { Name: '/app/x' })).toMatchObject({
    answer: { Parameter: { Name: '/app/x' } },
  });
});

test('and what is not is refused in the words of AWS', async () => {
  const { error } = await asFunction('SSMClient', 'GetParameterCommand', { Name: '/other' });
  expect(error!.name).toBe('AccessDeniedException');
  expect(error!.message).toMatch(
    /^User: arn:aws:sts::000000000000:assumed-role\/Test-Role-[0-9A-F]{12}\/caller is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:eu-central-1:000000000000:parameter\/other because no identity-based policy allows the ssm:GetParameter action$/,
  );
});

test.each([
  ['EC2Client', 'DescribeInstancesCommand', {}, 'UnauthorizedOperation', 403],
  [
    'SNSClient',
    'PublishCommand',
    { TopicArn: 'arn:aws:sns:eu-central-1:000000000000:topic', Message: 'm' },
    'AuthorizationErrorException',
    403,
  ],
  ['DynamoDBClient', 'ListTablesCommand', {}, 'AccessDeniedException', 400],
  ['CloudWatchClient', 'ListMetricsCommand', {}, 'AccessDenied', 403],
  ['LambdaClient', 'InvokeCommand', { FunctionName: 'caller' }, 'AccessDeniedException', 403],
])('%s %s: the name and status of the refusal in its protocol', async (client, command, input, name, status) => {
  expect((await asFunction(client, command, input)).error).toMatchObject({ name, status });
});

test('conditions see the tags of the instance and the namespace of the metric', async () => {
  const stop = (id: number) =>
    asFunction('EC2Client', 'StopInstancesCommand', { InstanceIds: [`i-0000000000000000${id}`] });
  expect(await stop(1)).toMatchObject({ answer: { StoppingInstances: [{ CurrentState: { Name: 'stopping' } }] } });
  expect(await stop(2)).toMatchObject({ error: { name: 'UnauthorizedOperation' } });
  const put = (Namespace: string) =>
    asFunction('CloudWatchClient', 'PutMetricDataCommand', { Namespace, MetricData: [{ MetricName: 'm', Value: 1 }] });
  expect(await put('Mine')).toEqual({ answer: {} });
  expect(await put('Yours')).toMatchObject({ error: { name: 'AccessDenied' } });
});

test('who am I needs no permission', async () => {
  expect(await asFunction('STSClient', 'GetCallerIdentityCommand', {})).toMatchObject({
    answer: { Arn: expect.stringMatching(/assumed-role\/Test-Role-.*\/caller$/) },
  });
});

test('calls of the app are counted, those of a user are not', async () => {
  const before = aws.usage.apiCalls['ssm:GetParameter'] ?? 0;
  const invocations = aws.usage.lambdaInvocations;
  await asFunction('SSMClient', 'GetParameterCommand', { Name: '/app/x' });
  expect(aws.usage.apiCalls['ssm:GetParameter']).toBe(before + 1);
  expect(aws.usage.lambdaInvocations).toBe(invocations + 1);
  expect(aws.usage.apiCalls['lambda:Invoke']).toBeUndefined();
});

test("a rule reaches its function because the function's permission allows it", async () => {
  const events = new EventBridgeClient({
    endpoint: aws.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'u', secretAccessKey: 'u' },
  });
  await events.send(new PutEventsCommand({ Entries: [{ Source: 'test', DetailType: 'T', Detail: '{"n":7}' }] }));
  for (let i = 0; i < 600 && !printed.some((line) => line.startsWith('by-rule')); i++)
    await new Promise((r) => setTimeout(r, 50));
  expect(printed).toContain('by-rule {"n":7}');
});

test('interceptors wrap calls of the app, the first the outermost; they may answer, change and refuse', async () => {
  const seen: string[] = [];
  let refuse = true;
  aws.interceptCalls(async (call, next) => {
    if (call.action !== 'GetParameter') return next();
    seen.push('outer');
    if (refuse) throw new AwsError('ThrottlingException', 'Rate exceeded');
    const output = await next();
    return { Parameter: { ...(output['Parameter'] as object), Value: 'changed' } };
  });
  aws.interceptCalls((call, next) => {
    if (call.action === 'GetParameter') seen.push('inner');
    return next();
  });
  const get = () => asFunction('SSMClient', 'GetParameterCommand', { Name: '/app/x' });
  expect(await get()).toMatchObject({ error: { name: 'ThrottlingException', message: 'Rate exceeded' } });
  refuse = false;
  expect(await get()).toMatchObject({ answer: { Parameter: { Value: 'changed' } } });
  expect(seen).toEqual(['outer', 'outer', 'inner']);
});
