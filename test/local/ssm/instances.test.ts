import { BashNode } from './bash-node';
import { World } from './ssm-world';

const nodes = Array.from({ length: 12 }, (_, index) => {
  const role = index < 3 ? 'control-plane' : 'worker';
  return new BashNode(
    `i-000000000000000${String(index).padStart(2, '0')}`,
    `node-${index}`,
    { role },
    index === 11 ? '' : '3.3.4624.0',
  );
});
const world = new World(nodes);
afterAll(() => world.stop());

const ids = async (input: Record<string, unknown>) => {
  const { InstanceInformationList } = await world.call('DescribeInstanceInformation', { MaxResults: 50, ...input });
  return InstanceInformationList.map(({ InstanceId }: { InstanceId: string }) => Number(InstanceId.slice(-2)));
};

test('says what the agent of each node told', async () => {
  const { InstanceInformationList } = await world.call('DescribeInstanceInformation', {
    Filters: [{ Key: 'InstanceIds', Values: [nodes[0]!.instanceId] }],
  });
  expect(InstanceInformationList).toEqual([
    {
      InstanceId: nodes[0]!.instanceId,
      PingStatus: 'Online',
      LastPingDateTime: expect.any(Date),
      RegistrationDate: expect.any(Date),
      AgentVersion: '3.3.4624.0',
      PlatformType: 'Linux',
      PlatformName: 'Ubuntu',
      PlatformVersion: '24.04',
      ResourceType: 'EC2Instance',
      IPAddress: '10.0.0.10',
      ComputerName: 'node-0',
    },
  ]);
});

test('a node that is off has lost its connection, and its last ping stays', async () => {
  const Filters = [{ Key: 'InstanceIds', Values: [nodes[2]!.instanceId] }];
  const [before] = (await world.call('DescribeInstanceInformation', { Filters })).InstanceInformationList;
  await nodes[2]!.powerOff();
  world.clock.advance(60_000);
  const [after] = (await world.call('DescribeInstanceInformation', { Filters })).InstanceInformationList;
  expect(after).toMatchObject({ PingStatus: 'ConnectionLost', LastPingDateTime: before.LastPingDateTime });
  expect(await ids({ Filters: [{ Key: 'PingStatus', Values: ['ConnectionLost'] }] })).toEqual([2]);
  await nodes[2]!.powerOn();
});

test('filters, all of which have to hold; a node without an agent is not there', async () => {
  expect(await ids({})).toHaveLength(11);
  expect(await ids({ Filters: [{ Key: 'tag:role', Values: ['control-plane'] }] })).toEqual([0, 1, 2]);
  expect(
    await ids({
      Filters: [
        { Key: 'tag:role', Values: ['worker'] },
        { Key: 'InstanceIds', Values: nodes.slice(2, 5).map((node) => node.instanceId) },
      ],
    }),
  ).toEqual([3, 4]);
  expect(
    await ids({ InstanceInformationFilterList: [{ key: 'InstanceIds', valueSet: [nodes[1]!.instanceId] }] }),
  ).toEqual([1]);
  await expect(ids({ Filters: [{ Key: 'IamRole', Values: ['x'] }] })).rejects.toThrow(/does not filter by IamRole/);
});

test('pages of 5 to 50', async () => {
  const first = await world.call('DescribeInstanceInformation', { MaxResults: 5 });
  const second = await world.call('DescribeInstanceInformation', { MaxResults: 5, NextToken: first.NextToken });
  const third = await world.call('DescribeInstanceInformation', { MaxResults: 5, NextToken: second.NextToken });
  expect([first, second, third].map((page) => page.InstanceInformationList.length)).toEqual([5, 5, 1]);
  expect(third.NextToken).toBeUndefined();
  await expect(world.call('DescribeInstanceInformation', { MaxResults: 4 })).rejects.toThrow(/5 to 50/);
  await expect(world.call('DescribeInstanceInformation', { MaxResults: 51 })).rejects.toThrow(/5 to 50/);
});
