import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeInstancesCommand, EC2Client, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SSM } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { LocalAws } from '../../../local/local-aws';
import { role, writeAssembly } from '../cloud-assembly/write-assembly';
import { TestNode } from '../services/test-node';

const region = 'eu-central-1';
const ID = 'i-00000000000000001';
let aws: LocalAws;
/** How an SDK on the node is configured: by its metadata service. */
let onNode: { region: string; endpoint: string };
let ssm: SSM;

beforeAll(async () => {
  const node = new TestNode(1, { 'kubeadm-autopilot:cluster': 'demo' });
  const cloudAssembly = writeAssembly({ Resources: { Role: role('lambda.amazonaws.com') } });
  aws = await LocalAws.start({ cloudAssembly, nodes: [node] });
  const { AWS_ENDPOINT_URL: endpoint, AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata } = await aws.environmentOf(node);
  process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT = metadata;
  onNode = { region, endpoint: endpoint! };
  ssm = new SSM(onNode);
  const owner = new SSM({ ...onNode, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  await owner.putParameter({ Name: '/demo/secret', Value: 'token', Type: 'SecureString' });
});
afterAll(async () => {
  delete process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT;
  await aws.stop();
});

test('a node is its instance, under the role of its profile', async () => {
  const { Arn } = await new STSClient(onNode).send(new GetCallerIdentityCommand({}));
  expect(Arn).toBe(`arn:aws:sts::000000000000:assumed-role/kubeadm-node/${ID}`);
});

test('it may read a parameter, which it has to ask to be decrypted', async () => {
  const read = async (WithDecryption: boolean) =>
    (await ssm.getParameter({ Name: '/demo/secret', WithDecryption })).Parameter;
  expect(await read(true)).toMatchObject({ Type: 'SecureString', Value: 'token' });
  expect((await read(false))!.Value).toMatch(/^AQICA/);
});

test.each<[string, () => Promise<unknown>]>([
  ['change one', () => ssm.putParameter({ Name: '/demo/secret', Value: 'x', Overwrite: true })],
  ['delete one', () => ssm.deleteParameter({ Name: '/demo/secret' })],
  ['look for others', () => ssm.getParametersByPath({ Path: '/demo' })],
  ['send a command', () => ssm.sendCommand({ DocumentName: 'AWS-RunShellScript', InstanceIds: [ID] })],
  ['see instances', () => new EC2Client(onNode).send(new DescribeInstancesCommand({}))],
  ['stop one', () => new EC2Client(onNode).send(new StopInstancesCommand({ InstanceIds: [ID] }))],
  [
    'start an operation',
    () =>
      new SFNClient(onNode).send(
        new StartExecutionCommand({ stateMachineArn: `arn:aws:states:${region}:000000000000:stateMachine:check` }),
      ),
  ],
  [
    'take a lock',
    () => new DynamoDBClient(onNode).send(new PutItemCommand({ TableName: 'lock', Item: { cluster: { S: 'demo' } } })),
  ],
])('it may not %s', async (_what, call) => {
  const error = (await call().catch((refused: Error) => refused)) as Error;
  expect(error.message).toMatch(
    /assumed-role\/kubeadm-node\/i-00000000000000001 is not authorized to perform: (\S+ on resource: \S+|ec2:DescribeInstances) because no identity-based policy allows/,
  );
});

test('what else its policy allows is what an SSM agent needs', async () => {
  const error = (await ssm.getDocument({ Name: 'none' }).catch((refused: Error) => refused)) as Error;
  expect(error.name).toBe('InvalidDocument');
});
