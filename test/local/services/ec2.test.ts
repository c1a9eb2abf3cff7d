import { Clock } from '../../../local/clock';
import { reboot } from '../../../local/nodes/reboot';
import { Ec2Service } from '../../../local/services/ec2/ec2-service';
import { TestNode } from './test-node';

function ec2() {
  const nodes = [
    new TestNode(1, { cluster: 'demo', role: 'control-plane' }),
    new TestNode(2, { cluster: 'demo', role: 'worker' }),
    new TestNode(3, { cluster: 'prod', role: 'worker' }),
  ];
  const service = new Ec2Service(nodes, new Clock());
  const call = (action: string, input: Record<string, unknown> = {}) =>
    service.actions[action]!.run(input, { principal: 'user' });
  const names = async (...Filters: { Name: string; Values: string[] }[]) => {
    const { Reservations } = (await call('DescribeInstances', { Filters })) as {
      Reservations: { Instances: { Tags: { Key: string; Value: string }[] }[] }[];
    };
    return Reservations.map(({ Instances }) => Instances[0]!.Tags.find(({ Key }) => Key === 'Name')?.Value);
  };
  return { nodes, service, call, names };
}

test.each<[string, { Name: string; Values: string[] }[], string[]]>([
  ['none', [], ['node-1', 'node-2', 'node-3']],
  ['a tag', [{ Name: 'tag:cluster', Values: ['demo'] }], ['node-1', 'node-2']],
  ['a tag with wildcards', [{ Name: 'tag:cluster', Values: ['p?o*'] }], ['node-3']],
  ['several values are alternatives', [{ Name: 'tag:Name', Values: ['node-1', 'node-3'] }], ['node-1', 'node-3']],
  [
    'several filters all apply',
    [
      { Name: 'tag:cluster', Values: ['demo'] },
      { Name: 'tag:role', Values: ['worker'] },
    ],
    ['node-2'],
  ],
  ['an absent tag', [{ Name: 'tag:none', Values: ['*'] }], []],
  ['tag-key', [{ Name: 'tag-key', Values: ['cluster'] }], ['node-1', 'node-2', 'node-3']],
  ['instance-id', [{ Name: 'instance-id', Values: ['i-00000000000000002'] }], ['node-2']],
  ['instance-state-name', [{ Name: 'instance-state-name', Values: ['stopped'] }], []],
])('filter: %s', async (_what, filters, expected) => {
  expect(await ec2().names(...filters)).toEqual(expected);
});

test('an unknown filter or parameter is an error that names it', async () => {
  const { call, names } = ec2();
  await expect(names({ Name: 'vpc-id', Values: ['x'] })).rejects.toThrow("The filter 'vpc-id' is invalid");
  await expect(call('DescribeInstances', { IncludeManagedResources: true })).rejects.toThrow('IncludeManagedResources');
  await expect(call('DescribeInstances', { MaxResults: 4 })).rejects.toThrow('5 to 1000');
  await expect(call('DescribeInstances', { InstanceIds: ['nonsense'] })).rejects.toMatchObject({
    name: 'InvalidInstanceID.Malformed',
  });
});

test('stopping and starting switches the node', async () => {
  const { nodes, service, call, names } = ec2();
  const InstanceIds = [nodes[0]!.instanceId];
  expect(await call('StopInstances', { InstanceIds })).toMatchObject({
    StoppingInstances: [{ PreviousState: { Name: 'running' }, CurrentState: { Name: 'stopping', Code: 64 } }],
  });
  await service.stop();
  expect(nodes[0]!.isOn).toBe(false);
  expect(await names({ Name: 'instance-state-name', Values: ['stopped'] })).toEqual(['node-1']);
  expect(await call('StartInstances', { InstanceIds })).toMatchObject({
    StartingInstances: [{ CurrentState: { Name: 'pending' } }],
  });
  await service.stop();
  expect(nodes[0]!.isOn).toBe(true);
  expect(await call('StartInstances', { InstanceIds })).toMatchObject({
    StartingInstances: [{ CurrentState: { Name: 'running' } }],
  });
});

test('a node that reboots, for whatever reason, is running and reboots once', async () => {
  const { nodes, service, call, names } = ec2();
  const [node] = nodes;
  let boots = 0;
  let comeBack = (): void => undefined;
  node!.powerOn = async () => {
    boots++;
    await new Promise<void>((resolve) => (comeBack = resolve));
    node!.isOn = true;
  };
  const byScript = reboot(node!);
  await call('RebootInstances', { InstanceIds: [node!.instanceId] });
  expect(node!.isOn).toBe(false);
  expect(await names({ Name: 'instance-state-name', Values: ['running'] })).toContain('node-1');
  comeBack();
  await Promise.all([byScript, service.stop()]);
  expect(node!.isOn).toBe(true);
  expect(boots).toBe(1);
});

test("tags are the node's own, its name can be changed too", async () => {
  const { nodes, call, names } = ec2();
  const Resources = [nodes[2]!.instanceId];
  await call('CreateTags', {
    Resources,
    Tags: [
      { Key: 'frozen', Value: 'yes' },
      { Key: 'Name', Value: 'renamed' },
    ],
  });
  expect(nodes[2]!.tags).toMatchObject({ frozen: 'yes' });
  expect(await names({ Name: 'tag:Name', Values: ['renamed'] })).toEqual(['renamed']);
  await call('DeleteTags', { Resources, Tags: [{ Key: 'frozen' }, { Key: 'role', Value: 'other' }] });
  expect(nodes[2]!.tags).toEqual({ cluster: 'prod', role: 'worker' });
});

test('DescribeTags: the tags of the instances asked for alone, and an unknown filter or parameter is an error', async () => {
  const { nodes, call } = ec2();
  const Filters = [
    { Name: 'key', Values: ['cluster'] },
    { Name: 'resource-id', Values: [nodes[0]!.instanceId, nodes[2]!.instanceId, 'i-0ffffffffffffffff'] },
  ];
  const tag = (index: number, Value: string) => ({
    ...{ Key: 'cluster', ResourceId: nodes[index]!.instanceId, ResourceType: 'instance', Value },
  });
  expect(await call('DescribeTags', { Filters })).toEqual({ Tags: [tag(0, 'demo'), tag(2, 'prod')] });
  await expect(call('DescribeTags', { Filters: [{ Name: 'tag', Values: [] }] })).rejects.toThrow("'tag' is invalid");
  await expect(call('DescribeTags', { MaxResults: 5 })).rejects.toThrow('MaxResults');
});
