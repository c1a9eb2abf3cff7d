import {
  CreateTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
  paginateDescribeTargetGroups,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { LocalAws } from '../../../local/local-aws';
import type { TargetGroup } from '../../../local/nodes/target-group';
import { writeAssembly } from '../cloud-assembly/write-assembly';
import { TestNode } from './test-node';
import { TestTargetGroup } from './test-target-group';

const nodes = [1, 2, 3].map((number) => new TestNode(number));
const [first, second, off] = nodes.map(({ instanceId }) => instanceId) as [string, string, string];
const groups: TargetGroup[] = [];
let aws: LocalAws;
let client: ElasticLoadBalancingV2Client;
let api: TestTargetGroup;

beforeAll(async () => {
  await nodes[2]!.powerOff();
  aws = await LocalAws.start({ cloudAssembly: writeAssembly({ Resources: {} }), nodes, targetGroups: groups });
  client = new ElasticLoadBalancingV2Client(config());
});
beforeEach(() => {
  api = new TestTargetGroup('demo-api').set(first, 'healthy').set(second, 'unhealthy');
  groups.splice(0, Infinity, api);
});
afterAll(() => aws?.stop());

const config = () => ({
  endpoint: aws.endpoint,
  region: 'eu-central-1',
  credentials: { accessKeyId: 'somebody', secretAccessKey: 'secret' },
  maxAttempts: 1,
});
const ARN = /^arn:aws:elasticloadbalancing:eu-central-1:000000000000:targetgroup\/demo-api\/[0-9a-f]{16}$/;

async function arnOf(name: string): Promise<string> {
  const { TargetGroups } = await client.send(new DescribeTargetGroupsCommand({ Names: [name] }));
  return TargetGroups![0]!.TargetGroupArn!;
}
async function health(arn: string, ...ids: string[]) {
  const Targets = ids.length ? ids.map((Id) => ({ Id })) : undefined;
  const answer = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn, Targets }));
  return answer.TargetHealthDescriptions!.map(({ Target, TargetHealth }) => [
    `${Target!.Id}:${Target!.Port}`,
    TargetHealth!.State,
    TargetHealth!.Reason,
  ]);
}

test('a target group is described as AWS does, in the network of its nodes', async () => {
  const { TargetGroups } = await client.send(new DescribeTargetGroupsCommand({}));
  expect(TargetGroups).toEqual([
    expect.objectContaining({
      TargetGroupName: 'demo-api',
      Protocol: 'TCP',
      Port: 6443,
      TargetType: 'instance',
      LoadBalancerArns: [expect.stringContaining(':loadbalancer/net/demo-api/')],
    }),
  ]);
  expect(TargetGroups![0]!.TargetGroupArn).toMatch(ARN);
  const { Reservations } = await new EC2Client(config()).send(new DescribeInstancesCommand({ InstanceIds: [first] }));
  expect(TargetGroups![0]!.VpcId).toBe(Reservations![0]!.Instances![0]!.VpcId);
});

test('its deregistration delay is told among its attributes', async () => {
  const asked = async () =>
    (await client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: await arnOf('demo-api') })))
      .Attributes;
  expect(await asked()).toEqual([{ Key: 'deregistration_delay.timeout_seconds', Value: '300' }]);
  groups.splice(0, Infinity, Object.assign(api, { deregistrationSeconds: 20 }));
  expect(await asked()).toEqual([{ Key: 'deregistration_delay.timeout_seconds', Value: '20' }]);
});

test('they come page by page, and are found by name and by ARN', async () => {
  for (let number = 1; number <= 6; number++) groups.push(new TestTargetGroup(`other-${number}`));
  const pages: (string | undefined)[][] = [];
  for await (const { TargetGroups } of paginateDescribeTargetGroups({ client }, { PageSize: 3 }))
    pages.push(TargetGroups!.map(({ TargetGroupName }) => TargetGroupName));
  expect(pages).toEqual([['demo-api', 'other-1', 'other-2'], ['other-3', 'other-4', 'other-5'], ['other-6']]);
  const TargetGroupArns = [await arnOf('other-4')];
  const { TargetGroups } = await client.send(new DescribeTargetGroupsCommand({ TargetGroupArns }));
  expect(TargetGroups!.map(({ TargetGroupName }) => TargetGroupName)).toEqual(['other-4']);
});

test('health: of all targets, or of those that are asked for', async () => {
  const arn = await arnOf('demo-api');
  expect(await health(arn)).toEqual([
    [`${first}:6443`, 'healthy', undefined],
    [`${second}:6443`, 'unhealthy', 'Target.FailedHealthChecks'],
  ]);
  expect(await health(arn, second, off)).toEqual([
    [`${second}:6443`, 'unhealthy', 'Target.FailedHealthChecks'],
    [`${off}:6443`, 'unused', 'Target.NotRegistered'],
  ]);
});

test('in a group that no load balancer uses, targets are unused', async () => {
  groups.push(new TestTargetGroup('idle', { isInUse: false }).set(first, 'healthy'));
  expect(await health(await arnOf('idle'))).toEqual([[`${first}:6443`, 'unused', 'Target.NotInUse']]);
});

test('a target is taken out and put back; both may be done twice', async () => {
  const TargetGroupArn = await arnOf('demo-api');
  const input = { TargetGroupArn, Targets: [{ Id: first }] };
  for (let time = 1; time <= 2; time++) {
    await client.send(new DeregisterTargetsCommand(input));
    expect(api.listed).toEqual([`${second}:6443 unhealthy`]);
  }
  for (let time = 1; time <= 2; time++) {
    await client.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: first, Port: 6443 }] }));
    expect(api.listed).toEqual([`${second}:6443 unhealthy`, `${first}:6443 initial`]);
  }
});

describe('errors', () => {
  const NOBODY = 'arn:aws:elasticloadbalancing:eu-central-1:000000000000:targetgroup/none/0123456789abcdef';
  const TargetGroupArn = NOBODY;
  test.each([
    ['DescribeTargetGroups', new DescribeTargetGroupsCommand({ TargetGroupArns: [NOBODY] })],
    ['DescribeTargetGroups', new DescribeTargetGroupsCommand({ Names: ['none'] })],
    ['DescribeTargetHealth', new DescribeTargetHealthCommand({ TargetGroupArn })],
    ['RegisterTargets', new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: first }] })],
    ['DeregisterTargets', new DeregisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: first }] })],
  ])('%s: TargetGroupNotFound, which arrives as its class', async (_action, command) => {
    await expect(client.send(command as DescribeTargetGroupsCommand)).rejects.toMatchObject({
      name: 'TargetGroupNotFoundException',
      message: expect.stringContaining('not found'),
    });
  });

  test('an instance that is not there, or not running, is an InvalidTarget, and nothing is changed', async () => {
    const TargetGroupArn = await arnOf('demo-api');
    const listed = api.listed;
    const register = (...ids: string[]) =>
      client.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: ids.map((Id) => ({ Id })) }));
    for (const ids of [['i-0ffffffffffffffff'], [off], ['i-0ffffffffffffffff', first]]) {
      await expect(register(...ids)).rejects.toMatchObject({
        name: 'InvalidTargetException',
        message: expect.stringContaining(ids[0]!),
      });
    }
    expect(api.listed).toEqual(listed);
  });

  test('a group of addresses takes addresses', async () => {
    const byAddress = new TestTargetGroup('by-address', { targetType: 'ip' });
    groups.push(byAddress);
    const TargetGroupArn = await arnOf('by-address');
    await client.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: '10.0.0.1' }] }));
    expect(byAddress.listed).toEqual(['10.0.0.1:6443 initial']);
    const wrong = new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: first }] });
    await expect(client.send(wrong)).rejects.toMatchObject({ name: 'ValidationError' });
  });

  test('what the local AWS does not know is named', async () => {
    const TargetGroupArn = await arnOf('demo-api');
    const health = new DescribeTargetHealthCommand({ TargetGroupArn, Include: ['AnomalyDetection'] });
    await expect(client.send(health)).rejects.toThrow('Include');
    const byBalancer = new DescribeTargetGroupsCommand({ LoadBalancerArn: 'arn' });
    await expect(client.send(byBalancer)).rejects.toThrow('LoadBalancerArn');
    const create = new CreateTargetGroupCommand({ Name: 'x' });
    await expect(client.send(create)).rejects.toThrow(
      'does not support elasticloadbalancing:CreateTargetGroup; of elasticloadbalancing it has DeregisterTargets',
    );
  });
});
