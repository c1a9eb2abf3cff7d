import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LocalAws } from '../../../local/local-aws';
import { lambdaFunction, role, writeAssembly } from '../cloud-assembly/write-assembly';
import { TestNode } from '../services/test-node';

const hasCli = spawnSync('aws', ['--version']).status === 0;
const withCli = hasCli ? describe : describe.skip;

withCli(`the AWS CLI${hasCli ? '' : ' (skipped: there is no aws on this machine)'}`, () => {
  let aws: LocalAws;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cli-'));
    const cloudAssembly = writeAssembly(
      {
        Resources: {
          Role: role('lambda.amazonaws.com'),
          Echo: lambdaFunction('echo', 'Role'),
          Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'topic' } },
          Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'queue' } },
          Parameter: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/a', Type: 'String', Value: 'value' } },
          Group: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Name: 'group' } },
        },
      },
      { echo: 'exports.handler = async (event) => event;' },
    );
    aws = await LocalAws.start({ cloudAssembly, nodes: [new TestNode(1, { cluster: 'demo' })] });
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await aws.stop();
  });

  async function cli(...args: string[]): Promise<unknown> {
    const env = {
      ...process.env,
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_PAGER: '',
      AWS_MAX_ATTEMPTS: '1',
    };
    // Version 1 of the CLI does not apply AWS_ENDPOINT_URL to SQS, so that test names the endpoint.
    const all = args.at(-1) === '--endpoint-url' ? [...args, aws.endpoint] : args;
    const { stdout } = await promisify(execFile)('aws', [...all, '--output', 'json'], { env, cwd: folder });
    return stdout.trim() === '' ? undefined : (JSON.parse(stdout) as unknown);
  }

  test.each<[string, string[], unknown]>([
    ['JSON 1.1', ['ssm', 'get-parameter', '--name', '/a'], { Parameter: { Value: 'value' } }],
    [
      'JSON 1.0',
      ['sqs', 'list-queues', '--endpoint-url'],
      { QueueUrls: [expect.stringMatching(/\/000000000000\/queue$/)] },
    ],
    ['query', ['sns', 'list-topics'], { Topics: [{ TopicArn: expect.stringMatching(/:topic$/) }] }],
    [
      'EC2 query',
      ['ec2', 'describe-instances', '--filters', 'Name=tag:cluster,Values=demo'],
      { Reservations: [{ Instances: [{ InstanceId: 'i-00000000000000001', State: { Name: 'running' } }] }] },
    ],
    [
      'REST-JSON',
      ['scheduler', 'list-schedule-groups'],
      { ScheduleGroups: expect.arrayContaining([expect.objectContaining({ Name: 'group' })]) },
    ],
  ])('%s: aws %j', async (_protocol, args, expected) => {
    expect(await cli(...args)).toMatchObject(expected as object);
  });

  test('puts a metric and invokes a function', async () => {
    await cli('cloudwatch', 'put-metric-data', '--namespace', 'N', '--metric-name', 'm', '--value', '1.5');
    expect(await cli('cloudwatch', 'list-metrics', '--namespace', 'N')).toMatchObject({
      Metrics: [{ MetricName: 'm' }],
    });
    const payload = Buffer.from('{"a":1}').toString('base64');
    // The CLI's version 1 takes the payload as it is, version 2 in base64.
    const version1 = /aws-cli\/1\./.test(spawnSync('aws', ['--version'], { encoding: 'utf8' }).stdout);
    await cli(
      'lambda',
      'invoke',
      '--function-name',
      'echo',
      '--payload',
      version1 ? '{"a":1}' : payload,
      'answer.json',
    );
    expect(JSON.parse(readFileSync(join(folder, 'answer.json'), 'utf8'))).toEqual({ a: 1 });
  });

  test('shows errors as it always does', async () => {
    await expect(cli('stepfunctions', 'list-activities')).rejects.toThrow(
      /UnknownOperationException.*does not support states:ListActivities; of states it has/,
    );
  });
});
