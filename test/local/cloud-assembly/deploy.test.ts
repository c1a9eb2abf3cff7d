import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudWatchClient, DescribeAlarmsCommand, GetDashboardCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, ListRulesCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetTopicAttributesCommand, ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DescribeDocumentCommand, GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { LocalAws } from '../../../local/local-aws';
import type { Resources } from './write-assembly';
import { lambdaFunction, role, writeAssembly } from './write-assembly';

const started: LocalAws[] = [];
async function start(
  template: { Resources: Resources; [section: string]: unknown },
  functions?: Record<string, string>,
) {
  const aws = await LocalAws.start({ cloudAssembly: writeAssembly(template, functions), nodes: [] });
  started.push(aws);
  return {
    aws,
    config: { endpoint: aws.endpoint, region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } },
  };
}
const failure = (template: { Resources: Resources; [section: string]: unknown }, functions?: Record<string, string>) =>
  start(template, functions).then(
    () => 'deployed',
    (error: Error) => error.message,
  );
afterEach(async () => {
  await Promise.all(started.splice(0).map((aws) => aws.stop()));
});

const topic = (Properties: Record<string, unknown> = {}, more: Record<string, unknown> = {}) => ({
  Type: 'AWS::SNS::Topic',
  Properties,
  ...more,
});

test('each resource is in its service, with what it refers to', async () => {
  const { aws, config } = await start(
    {
      Resources: {
        Function: lambdaFunction('fn', 'Role', {
          Environment: { Variables: { TOPIC: { Ref: 'Topic' }, QUEUE: { Ref: 'Queue' } } },
          Timeout: 9,
        }),
        Role: role('lambda.amazonaws.com'),
        Topic: topic({ DisplayName: 'd' }),
        Mail: {
          Type: 'AWS::SNS::Subscription',
          Properties: { TopicArn: { Ref: 'Topic' }, Protocol: 'email', Endpoint: 'a@b.c' },
        },
        Queue: { Type: 'AWS::SQS::Queue', Properties: { MessageRetentionPeriod: 1209600 } },
        Table: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            AttributeDefinitions: [{ AttributeName: 'k', AttributeType: 'S' }],
            KeySchema: [{ AttributeName: 'k', KeyType: 'HASH' }],
          },
          UpdateReplacePolicy: 'Delete',
          DeletionPolicy: 'Delete',
        },
        Document: {
          Type: 'AWS::SSM::Document',
          Properties: {
            Name: 'doc',
            DocumentType: 'Command',
            Content: {
              schemaVersion: '2.2',
              mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: { runCommand: ['#!/bin/sh'] } }],
            },
          },
        },
        Parameter: {
          Type: 'AWS::SSM::Parameter',
          Properties: { Name: '/p', Type: 'String', Value: { 'Fn::GetAtt': ['Function', 'Arn'] }, Tags: { a: 'b' } },
        },
        Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'bus' } },
        Rule: {
          Type: 'AWS::Events::Rule',
          Properties: {
            EventBusName: { Ref: 'Bus' },
            EventPattern: { source: ['x'] },
            State: 'ENABLED',
            Targets: [{ Id: 't', Arn: { 'Fn::GetAtt': ['Function', 'Arn'] } }],
          },
        },
        Alarm: {
          Type: 'AWS::CloudWatch::Alarm',
          Properties: {
            AlarmName: 'alarm',
            Namespace: 'N',
            MetricName: 'm',
            Statistic: 'Maximum',
            Period: 60,
            EvaluationPeriods: 1,
            Threshold: 1,
            ComparisonOperator: 'GreaterThanThreshold',
            AlarmActions: [{ Ref: 'Topic' }],
          },
        },
        Dashboard: { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardName: 'dash', DashboardBody: '{}' } },
        Logs: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 90 } },
        Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Function' } } },
      },
    },
    { fn: 'exports.handler = async () => 1;' },
  );
  const fn = await new LambdaClient(config).send(new GetFunctionConfigurationCommand({ FunctionName: 'fn' }));
  const TopicArn = aws.physicalId('Test/Topic');
  const QueueUrl = fn.Environment!.Variables!['QUEUE'];
  expect(fn).toMatchObject({ Timeout: 9, MemorySize: 128, Environment: { Variables: { TOPIC: TopicArn } } });
  const sns = new SNSClient(config);
  expect((await sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes).toMatchObject({
    DisplayName: 'd',
    SubscriptionsConfirmed: '1',
  });
  expect((await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions).toMatchObject([
    { Endpoint: 'a@b.c' },
  ]);
  const { Attributes } = await new SQSClient(config).send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['MessageRetentionPeriod'] }),
  );
  expect(Attributes).toEqual({ MessageRetentionPeriod: '1209600' });
  const { Table } = await new DynamoDBClient(config).send(
    new DescribeTableCommand({ TableName: aws.physicalId('Test/Table') }),
  );
  expect(Table).toMatchObject({
    TableStatus: 'ACTIVE',
    TableArn: `arn:aws:dynamodb:eu-central-1:000000000000:table/${aws.physicalId('Test/Table')}`,
  });
  const ssm = new SSMClient(config);
  expect((await ssm.send(new DescribeDocumentCommand({ Name: 'doc' }))).Document).toMatchObject({
    DefaultVersion: '1',
  });
  expect((await ssm.send(new GetParameterCommand({ Name: '/p' }))).Parameter!.Value).toBe(fn.FunctionArn);
  const events = new EventBridgeClient(config);
  const { Rules } = await events.send(new ListRulesCommand({ EventBusName: 'bus' }));
  const { Targets } = await events.send(new ListTargetsByRuleCommand({ EventBusName: 'bus', Rule: Rules![0]!.Name }));
  expect(Targets).toMatchObject([{ Id: 't', Arn: fn.FunctionArn }]);
  const cloudwatch = new CloudWatchClient(config);
  expect((await cloudwatch.send(new DescribeAlarmsCommand({}))).MetricAlarms).toMatchObject([
    { AlarmName: 'alarm', AlarmActions: [TopicArn] },
  ]);
  expect((await cloudwatch.send(new GetDashboardCommand({ DashboardName: 'dash' }))).DashboardBody).toBe('{}');
});

test('conditions, mappings and parameters are applied; Rules and SSM parameters of bootstrap are left alone', async () => {
  const { aws } = await start({
    Parameters: {
      BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/version' },
      Name: { Type: 'String', Default: 'from-parameter' },
    },
    Rules: { CheckBootstrapVersion: { Assertions: [] } },
    Mappings: { Names: { 'eu-central-1': { topic: 'from-mapping' } } },
    Conditions: {
      Here: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-central-1'] },
      Elsewhere: { 'Fn::Not': [{ Condition: 'Here' }] },
    },
    Resources: {
      A: topic({ TopicName: { Ref: 'Name' } }),
      B: topic({ TopicName: { 'Fn::FindInMap': ['Names', { Ref: 'AWS::Region' }, 'topic'] } }, { Condition: 'Here' }),
      C: topic({}, { Condition: 'Elsewhere' }),
      Meta: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'v2' }, Condition: 'Here' },
    },
  });
  expect(aws.physicalId('Test/A')).toBe('arn:aws:sns:eu-central-1:000000000000:from-parameter');
  expect(aws.physicalId('Test/B/Resource')).toBe('arn:aws:sns:eu-central-1:000000000000:from-mapping');
  expect(() => aws.physicalId('Test/C')).toThrow(
    'There is no resource at Test/C; there are Test/A, Test/B, Test/Meta.',
  );
});

test.each<[string, { Resources: Resources; [section: string]: unknown }, RegExp]>([
  [
    'an unknown type',
    { Resources: { Files: { Type: 'AWS::EFS::FileSystem' } } },
    /^Files \(AWS::EFS::FileSystem\): the local AWS does not know the resource type AWS::EFS::FileSystem; it knows AWS::IAM::Role/,
  ],
  [
    'an unknown property',
    { Resources: { T: topic({ FifoTopic: true }) } },
    /^T \(AWS::SNS::Topic\): there is a field that the local AWS does not know: FifoTopic\./,
  ],
  [
    'an unknown property further down',
    {
      Resources: {
        R: role('lambda.amazonaws.com'),
        F: lambdaFunction('fn', 'R', { Environment: { Variables: {}, Secrets: {} } }),
      },
    },
    /^F \(AWS::Lambda::Function\): Environment has a field that the local AWS does not know: Secrets/,
  ],
  [
    'a wrong value',
    { Resources: { T: topic({ TopicName: 7 }) } },
    /^T \(AWS::SNS::Topic\): TopicName: .*expected string, received number/,
  ],
  [
    'what the service refuses',
    { Resources: { T: topic({ TopicName: 'a b' }) } },
    /^T \(AWS::SNS::Topic\) could not be created: InvalidParameterException: .*a b/,
  ],
  [
    'an unknown attribute',
    { Resources: { T: topic(), U: topic({ DisplayName: { 'Fn::GetAtt': ['T', 'Color'] } }) } },
    /T \(AWS::SNS::Topic\) has no attribute Color here; it has TopicArn, TopicName/,
  ],
  [
    'an unknown reference',
    { Resources: { T: topic({ DisplayName: { Ref: 'Nobody' } }) } },
    /There is no resource, parameter or pseudo parameter Nobody/,
  ],
  [
    'a parameter without value',
    { Parameters: { P: { Type: 'String' } }, Resources: { T: topic({ DisplayName: { Ref: 'P' } }) } },
    /The parameter P \(String\) has no default/,
  ],
  [
    'an unknown section',
    { Transform: 'AWS::Serverless-2016-10-31', Resources: {} },
    /The template has Transform, which the local AWS does not know/,
  ],
  [
    'an unknown attribute of a resource',
    { Resources: { T: topic({}, { CreationPolicy: {} }) } },
    /T \(AWS::SNS::Topic\) has CreationPolicy/,
  ],
  [
    'an asset that is not there',
    { Resources: { R: role('lambda.amazonaws.com'), F: lambdaFunction('none', 'R') } },
    /The asset none.zip is in none of the assembly's asset manifests/,
  ],
  [
    'a role that does not trust the service',
    { Resources: { R: role('states.amazonaws.com'), F: lambdaFunction('fn', 'R') } },
    /^F \(AWS::Lambda::Function\) could not be created: AccessDeniedException: The role .* cannot be assumed by lambda.amazonaws.com/,
  ],
  [
    'a policy with what IAM does not support here',
    { Resources: { R: role('lambda.amazonaws.com', [{ Effect: 'Allow', NotAction: 'a:B', Resource: '*' }]) } },
    /^R \(AWS::IAM::Role\) could not be created: The policy p, statement 1 has NotAction/,
  ],
])('%s is told by name', async (_what, template, message) => {
  expect(await failure(template, { fn: '' })).toMatch(message);
});

test('more than one stack, or no assembly at all', async () => {
  const folder = writeAssembly({ Resources: {} });
  const stack = { type: 'aws:cloudformation:stack', properties: { templateFile: 'Test.template.json' } };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ artifacts: { A: stack, B: stack } }));
  await expect(LocalAws.start({ cloudAssembly: folder, nodes: [] })).rejects.toThrow(
    /an app of one stack; .* has 2: A, B/,
  );
  await expect(LocalAws.start({ cloudAssembly: join(folder, 'none'), nodes: [] })).rejects.toThrow(
    /manifest.json cannot be read as JSON \(is it what cdk synth wrote\?\)/,
  );
});

test('a nested stack gets its parameters, and its mistakes are told with its name', async () => {
  const nested = async (inner: Resources) => {
    const stack = {
      Type: 'AWS::CloudFormation::Stack',
      Properties: {
        TemplateURL: 'https://s3.eu-central-1.amazonaws.com/assets/inner.json',
        Parameters: { Name: 'given' },
      },
    };
    const folder = writeAssembly({ Resources: { Stack: stack } });
    const file = {
      source: { path: 'inner.template.json', packaging: 'file' },
      destinations: { here: { bucketName: 'assets', objectKey: 'inner.json' } },
    };
    writeFileSync(join(folder, 'Test.assets.json'), JSON.stringify({ files: { inner: file } }));
    const template = { Parameters: { Name: { Type: 'String' } }, Resources: inner };
    writeFileSync(join(folder, 'inner.template.json'), JSON.stringify(template));
    const aws = await LocalAws.start({ cloudAssembly: folder, nodes: [] });
    started.push(aws);
    return aws.endpoint;
  };
  const endpoint = await nested({ Topic: topic({ TopicName: { Ref: 'Name' } }) });
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const sns = new SNSClient({ endpoint, region: 'eu-central-1', credentials });
  await sns.send(new GetTopicAttributesCommand({ TopicArn: 'arn:aws:sns:eu-central-1:000000000000:given' }));
  sns.destroy();
  await expect(nested({ Topic: topic({ Nonsense: 1 }) })).rejects.toThrow(
    /^Stack \(AWS::CloudFormation::Stack\): Topic \(AWS::SNS::Topic\): .*Nonsense/,
  );
});
