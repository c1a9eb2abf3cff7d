import type { handler as Handler } from '../../../../lambdas/functions/find-nodes/handler';
import { foundNodes, type FoundNodes } from '../../../../lambdas/contracts/find-nodes';
import fc from '../../../helpers/property';
import { AwsServer, type Answering } from '../../helpers/aws-server';
import { isOlder } from '../../../../lambdas/domain/nodes/cluster-nodes';

const aws = new AwsServer();
let handler: typeof Handler;
beforeAll(async () => {
  process.env.LOCK_TABLE = 'locks';
  await aws.start();
  ({ handler } = await import('../../../../lambdas/functions/find-nodes/handler'));
});
afterAll(() => aws.stop());

interface Machine {
  id: string;
  name?: string;
  role?: string | null;
  state?: string;
  ping?: string | null;
  agent?: string;
  platform?: string;
  cluster?: string;
  frozen?: string;
  tags?: Record<string, string>;
}

/** EC2 and SSM as they answer about these machines, with filters applied. */
function account(machines: Machine[], settings?: string, freeze?: string): Record<string, Answering> {
  const tagsOf = ({ name, role = 'control-plane', cluster = 'demo', frozen, tags }: Machine) => ({
    ...tags,
    'kubeadm-autopilot:cluster': cluster,
    ...(name === undefined ? {} : { Name: name }),
    ...(role === null ? {} : { 'kubeadm-autopilot:role': role }),
    ...(frozen === undefined ? {} : { 'kubeadm-autopilot:frozen': frozen }),
  });
  return {
    GetItem: () => ({
      body: freeze === undefined ? {} : { Item: { reason: { S: freeze }, who: { S: 'arn:aws:iam::1:user/ada' } } },
    }),
    GetParameter: () =>
      settings === undefined ? { code: 'ParameterNotFound' } : { body: { Parameter: { Name: 'x', Value: settings } } },
    DescribeInstances: ({ input }) => {
      const wanted =
        input['Filter.1.Name'] === 'tag-key'
          ? machines
          : machines.filter(({ cluster = 'demo' }) => cluster === input['Filter.1.Value.1']);
      // Two pages, so that the second is not forgotten.
      const page = input.NextToken ? wanted.slice(1) : wanted.slice(0, 1);
      const items = page.map((machine) => {
        const tags = Object.entries(tagsOf(machine)).map(
          ([key, value]) => `<item><key>${key}</key><value>${value}</value></item>`,
        );
        return `<item><instancesSet><item><instanceId>${machine.id}</instanceId><instanceState><code>16</code><name>${machine.state ?? 'running'}</name></instanceState><privateDnsName>ip-${machine.id}.internal</privateDnsName><privateIpAddress>10.0.0.1</privateIpAddress><tagSet>${tags.join('')}</tagSet></item></instancesSet></item>`;
      });
      const next = !input.NextToken && wanted.length > 1 ? '<nextToken>more</nextToken>' : '';
      return {
        xml: `<DescribeInstancesResponse><reservationSet>${items.join('')}</reservationSet>${next}</DescribeInstancesResponse>`,
      };
    },
    DescribeInstanceInformation: ({ input }) => {
      const [{ Values: ids }] = input.Filters as [{ Values: string[] }];
      const known = machines.filter(({ id, ping }) => ids.includes(id) && ping !== null);
      return {
        body: {
          InstanceInformationList: known.map(({ id, ping = 'Online', agent = '3.3.4624.0', platform = 'Linux' }) => ({
            InstanceId: id,
            PingStatus: ping,
            LastPingDateTime: 1795402800,
            AgentVersion: agent,
            PlatformType: platform,
          })),
        },
      };
    },
  };
}

const find = (machines: Machine[], input: unknown = { cluster: 'demo' }, settings?: string) => {
  aws.answer(account(machines, settings));
  return handler({ operation: 'check-certificates', input }) as Promise<FoundNodes<'check-certificates'>>;
};
const findToRenew = (machines: Machine[], input: unknown = { cluster: 'demo' }) => {
  aws.answer(account(machines));
  return handler({ operation: 'renew-certificates', input }) as Promise<FoundNodes<'renew-certificates'>>;
};
const three: Machine[] = [1, 2, 3].map((number) => ({ id: `i-${number}`, name: `cp-${number}` }));

test('nodes, settings and options of a cluster without settings of its own', async () => {
  const found = await find([
    ...three,
    { id: 'i-9', name: 'w-1', role: 'worker', ping: null },
    { id: 'i-8', name: 'etcd-1', role: 'etcd' },
  ]);
  expect(found).toMatchObject({
    cluster: 'demo',
    config: { cluster: 'demo', certificates: { renew: true, thresholdDays: 30, caThresholdDays: 365 } },
    workerCount: 1,
    unreachable: [],
  });
  expect(found.options).toEqual({ planOnly: false, thresholdDays: 30, renew: true });
  expect(found.frozen).toBeUndefined();
  expect(found.workers).toBeUndefined();
  expect([...found.controlPlanes, ...found.etcdNodes].map(({ name, role }) => `${name} ${role}`)).toEqual([
    'cp-1 control-plane',
    'cp-2 control-plane',
    'cp-3 control-plane',
    'etcd-1 etcd',
  ]);
  expect(foundNodes('check-certificates').parse(found)).toEqual(found);
  expect(found.reachable).toEqual(
    [1, 2, 3]
      .map((number) => ({ instanceId: `i-${number}`, name: `cp-${number}` }))
      .concat({ instanceId: 'i-8', name: 'etcd-1' }),
  );
  expect(aws.callsOf('GetParameter')).toEqual([{ Name: '/kubeadm-autopilot/clusters/demo' }]);
});

test('a renewal asks control planes alone', async () => {
  const found = await findToRenew([...three, { id: 'i-8', name: 'etcd-1', role: 'etcd' }], {
    cluster: 'demo',
    force: true,
    planOnly: true,
  });
  expect(found.reachable).toHaveLength(3);
  expect(found.options).toEqual({ force: true, planOnly: true, kubelets: false, waitForWindow: false });
});

test('what the caller asks for goes before the settings', async () => {
  const settings = '{"cluster":"demo","certificates":{"thresholdDays":60,"renew":false}}';
  expect((await find(three, { cluster: 'demo' }, settings)).options.thresholdDays).toBe(60);
  expect((await find(three, { cluster: 'demo', thresholdDays: 5, renew: false }, settings)).options).toMatchObject({
    thresholdDays: 5,
    renew: false,
  });
});

test('who cannot be reached is named with the reason', async () => {
  const found = await find([
    ...three,
    { id: 'i-4', name: 'cp-4', state: 'stopped' },
    { id: 'i-5', name: 'cp-5', ping: null },
    { id: 'i-6', name: 'cp-6', ping: 'ConnectionLost' },
    { id: 'i-7', name: 'cp-7', platform: 'Windows' },
    { id: 'i-8', name: 'cp-8', state: 'terminated' },
    { id: 'i-9', name: 'cp-9', state: 'shutting-down' },
  ]);
  expect(found.reachable.map(({ name }) => name)).toEqual(['cp-1', 'cp-2', 'cp-3']);
  expect(found.unreachable.map(({ name, unreachable }) => `${name}: ${unreachable}`)).toEqual([
    'cp-4: the instance is stopped, expected running: start it',
    'cp-5: it is not registered with SSM: check that the agent runs, that its instance profile has AmazonSSMManagedInstanceCore and that it reaches the endpoints ssm and ssmmessages',
    'cp-6: its SSM agent is lost since 2026-11-23T03:00:00.000Z (ConnectionLost): restart amazon-ssm-agent or look at its network',
    'cp-7: it runs Windows, expected Linux',
  ]);
});

describe('workers', () => {
  /** As EC2 names and groups the workers of a managed Auto Scaling group. */
  const worker = (number: number): Machine => ({
    id: `i-${number.toString(16).padStart(17, '0')}`,
    name: `ip-10-12-${Math.floor(number / 250)}-${number % 250}.eu-central-1.compute.internal`,
    role: 'worker',
    tags: { 'aws:autoscaling:groupName': 'prod-workers-a' },
  });
  const workers = (amount: number) => Array.from({ length: amount }, (_, index) => worker(index));

  test('an operation that asks them has them, with their groups and our tags', async () => {
    const found = await findToRenew([
      ...three,
      { id: 'i-4', name: 'w-1', role: 'worker', tags: { 'aws:autoscaling:groupName': 'asg-1', Owner: 'x' } },
      {
        ...{ id: 'i-5', name: 'w-2', role: 'worker', frozen: 'disk' },
        tags: { 'aws:autoscaling:groupName': 'asg-1', 'kubeadm-autopilot:group': 'gpu' },
      },
      {
        ...{ id: 'i-6', name: 'w-3', role: 'worker' },
        tags: Object.fromEntries([9, 8, 7, 6, 5, 4].map((n) => [`kubeadm-autopilot:t${n}`, 'v'.repeat(200)])),
      },
    ]);
    const privateIp = '10.0.0.1';
    expect(found.workers).toEqual([
      { instanceId: 'i-4', name: 'w-1', role: 'worker', privateIp, group: 'asg-1' },
      { instanceId: 'i-5', name: 'w-2', role: 'worker', privateIp, group: 'gpu', tags: { frozen: 'disk' } },
      {
        ...{ instanceId: 'i-6', name: 'w-3', role: 'worker', privateIp },
        tags: Object.fromEntries([4, 5, 6, 7, 8].map((n) => [`t${n}`, `${'v'.repeat(99)}…`])),
      },
    ]);
    expect(found).toMatchObject({ workerCount: 3, reachable: [{}, {}, {}], unreachable: [] });
    expect(foundNodes('renew-certificates').parse(found)).toEqual(found);
  });

  test('one that cannot be asked is named with the reason, and does not keep the others from being asked', async () => {
    const found = await findToRenew([
      ...three,
      { ...worker(0), name: 'stopped', state: 'stopped' },
      { ...worker(1), name: 'unknown', ping: null },
      { ...worker(2), name: 'lost', ping: 'ConnectionLost' },
      { ...worker(3), name: 'old', agent: '3.3.987.0' },
      { ...worker(4), name: 'no version', agent: '' },
      { ...worker(5), name: 'well' },
    ]);
    expect(Object.fromEntries(found.workers.map(({ name, unreachable }) => [name, unreachable]))).toEqual({
      stopped: 'the instance is stopped, expected running: start it',
      unknown: expect.stringMatching(/^it is not registered with SSM: check that the agent runs/),
      lost: expect.stringMatching(/^its SSM agent is lost since \S+ \(ConnectionLost\): restart/),
      old: 'its SSM agent is 3.3.987.0, at least 3.3.2746.0 is needed: update it',
      'no version': 'its SSM agent is of no known version, at least 3.3.2746.0 is needed: update it',
      well: undefined,
    });
    expect(found).toMatchObject({ reachable: [{}, {}, {}], unreachable: [] });
  });

  test('a check does not ask SSM about them', async () => {
    const found = await find([...three, ...workers(120)]);
    expect(found.workerCount).toBe(120);
    expect(aws.callsOf('DescribeInstanceInformation')).toHaveLength(1);
    await findToRenew([...three, ...workers(120)]);
    expect(aws.callsOf('DescribeInstanceInformation')).toHaveLength(3);
  });

  test('1,000 fit into a state, also when none can be asked: then 50 reasons are told in full', async () => {
    const well = await findToRenew([...three, ...workers(1000)]);
    expect(well.workers).toHaveLength(1000);
    expect(Buffer.byteLength(JSON.stringify(well))).toBeLessThan(200_000);

    const lost = await findToRenew([...three, ...workers(1000).map((each) => ({ ...each, ping: null }))]);
    const reasons = lost.workers.map(({ unreachable }) => unreachable);
    expect(reasons[49]).toMatch(/: check that the agent runs/);
    expect(new Set(reasons.slice(50))).toEqual(new Set(['it is not registered with SSM']));
    expect(Buffer.byteLength(JSON.stringify(lost))).toBeLessThan(240_000);
  });

  test('where groups and tags do not fit, names do; where those do not fit, workers are only counted', async () => {
    const bare = await findToRenew([...three, ...workers(1600)]);
    expect(bare.workers).toHaveLength(1600);
    expect(bare.workers.some(({ group, tags }) => group ?? tags)).toBe(false);
    expect(Buffer.byteLength(JSON.stringify(bare))).toBeLessThan(240_000);
    expect(bare).not.toHaveProperty('workersLeftOut');

    const counted = await findToRenew([...three, ...workers(5000)]);
    expect(counted).toMatchObject({ workers: [], workerCount: 5000, workersLeftOut: true });
    await expect(find([...three, ...workers(5000)])).resolves.toMatchObject({ workerCount: 5000 });
  });
});

test('namesakes get their ids with the name, the nameless their DNS name', async () => {
  const found = await find([{ id: 'i-1', name: 'cp' }, { id: 'i-2', name: 'cp' }, { id: 'i-3' }]);
  expect(found.controlPlanes.map(({ name }) => name)).toEqual(['cp (i-1)', 'cp (i-2)', 'ip-i-3.internal']);
});

test.each<[string, Machine[], string | undefined, string]>([
  ['settings', three, '{"cluster":"demo","frozen":"release week"}', 'release week'],
  [
    'a tag',
    [...three, { id: 'i-9', name: 'w-1', role: 'worker', frozen: 'disk is being changed' }],
    undefined,
    'tag on w-1: disk is being changed',
  ],
  ['an empty tag', [{ id: 'i-1', name: 'cp-1', frozen: '' }], undefined, 'tag on cp-1: no reason given'],
])('frozen by %s', async (_name, machines, settings, reason) => {
  await expect(find(machines, { cluster: 'demo' }, settings)).resolves.toMatchObject({
    frozen: reason,
    config: { frozen: reason },
  });
});

const EXPECTED =
  'expected JSON such as {"cluster":"demo"} (fields of check-certificates: cluster, planOnly, trigger, thresholdDays, renew): start it again with that corrected.';

test.each<[string, unknown, string]>([
  ['no cluster', {}, `The input is not valid: cluster is missing; ${EXPECTED}`],
  ['nothing at all', null, `The input is not valid: cluster is missing; ${EXPECTED}`],
  [
    'a threshold of -1',
    { cluster: 'demo', thresholdDays: -1 },
    `The input is not valid: thresholdDays is -1, must be 0 or more days; ${EXPECTED}`,
  ],
  [
    'a wrong type',
    { cluster: 'demo', renew: 'yes' },
    `The input is not valid: renew is "yes", expected boolean, received string; ${EXPECTED}`,
  ],
  [
    'a field of another operation',
    { cluster: 'demo', kubelets: true },
    `The input is not valid: unknown field "kubelets"; "kubelets" is a field of renew-certificates; ${EXPECTED}`,
  ],
  ['an unknown field', { cluster: 'demo', clustr: 1 }, `The input is not valid: unknown field "clustr"; ${EXPECTED}`],
  [
    'shell metacharacters',
    { cluster: 'demo;reboot' },
    `The input is not valid: cluster is "demo;reboot", must be 1 to 32 lower-case letters, digits or hyphens, such as "prod-eu"; ${EXPECTED}`,
  ],
  ['a list', ['demo'], `The input is not valid: it is ["demo"], expected object, received array; ${EXPECTED}`],
])('InvalidInput: %s', async (_name, input, message) => {
  await expect(find(three, input)).rejects.toMatchObject({ name: 'InvalidInput', message });
  expect(aws.calls).toEqual([]);
});

test('each operation takes its own fields, and gives all of them a value', async () => {
  const taken = { cluster: 'demo', kubelets: true, trigger: { source: 'test', id: '1' } };
  expect((await findToRenew(three, taken)).options).toEqual({
    planOnly: false,
    force: false,
    kubelets: true,
    waitForWindow: false,
  });
  await expect(findToRenew(three, { cluster: 'demo', thresholdDays: 3, renew: true })).rejects.toMatchObject({
    name: 'InvalidInput',
    message:
      'The input is not valid: unknown fields "thresholdDays", "renew"; "thresholdDays" is a field of check-certificates; "renew" is a field of check-certificates; expected JSON such as {"cluster":"demo"} (fields of renew-certificates: cluster, planOnly, trigger, force, kubelets, waitForWindow): start it again with that corrected.',
  });
});

test.each<[string, Machine[], string | undefined, string, string]>([
  [
    'settings that are no JSON',
    three,
    'cluster: demo',
    'InvalidClusterConfig',
    'The settings of demo in the parameter /kubeadm-autopilot/clusters/demo are not JSON, as cdk deploy writes it: correct clusters/demo.yaml and deploy again.',
  ],
  [
    'settings of the wrong type',
    three,
    '{"cluster":"demo","certificates":{"thresholdDays":"30"}}',
    'InvalidClusterConfig',
    'The settings of demo in the parameter /kubeadm-autopilot/clusters/demo are not valid: certificates.thresholdDays is "30", expected number, received string; correct clusters/demo.yaml and deploy again.',
  ],
  [
    'settings of another cluster',
    three,
    '{"cluster":"prod"}',
    'InvalidClusterConfig',
    'The settings of demo in the parameter /kubeadm-autopilot/clusters/demo are those of cluster prod, expected demo: correct clusters/demo.yaml and deploy again.',
  ],
  [
    'an unknown cluster',
    [
      { id: 'i-1', cluster: 'prod' },
      { id: 'i-2', cluster: 'dev' },
      { id: 'i-3', cluster: 'dev' },
    ],
    undefined,
    'UnknownCluster',
    "No instance has the tag kubeadm-autopilot:cluster=demo, there are dev and prod: check the name, or tag the cluster's instances.",
  ],
  [
    'no cluster at all',
    [],
    undefined,
    'UnknownCluster',
    "No instance has the tag kubeadm-autopilot:cluster=demo, no instance has that tag at all: check the name, or tag the cluster's instances.",
  ],
  [
    'no control plane',
    [{ id: 'i-1', role: 'worker' }],
    undefined,
    'NoControlPlane',
    'Cluster demo has 1 instances and none with the tag kubeadm-autopilot:role=control-plane, at least one is needed: tag its control planes.',
  ],
  [
    'nobody answers',
    [
      { id: 'i-1', name: 'cp-1', state: 'stopped' },
      { id: 'i-2', name: 'cp-2', ping: 'Inactive' },
    ],
    undefined,
    'NodeUnreachable',
    'No control plane of demo can be reached through SSM, at least one is needed (cp-1: the instance is stopped, expected running: start it; cp-2: its SSM agent is lost since 2026-11-23T03:00:00.000Z (Inactive): restart amazon-ssm-agent or look at its network).',
  ],
])('%s', async (_name, machines, settings, name, message) => {
  await expect(find(machines, { cluster: 'demo' }, settings)).rejects.toMatchObject({ name, message });
});

test.each<[string, Machine[], string, string]>([
  [
    'no role',
    [{ id: 'i-1', name: 'cp-1', role: null }],
    'InvalidClusterConfig',
    'Instance i-1 (cp-1) of cluster demo has no tag kubeadm-autopilot:role, expected one of control-plane, worker, etcd: correct the tag.',
  ],
  [
    'an unknown role',
    [{ id: 'i-1', name: 'cp-1', role: 'master' }],
    'InvalidClusterConfig',
    'Instance i-1 (cp-1) of cluster demo has the tag kubeadm-autopilot:role=master, expected one of control-plane, worker, etcd: correct the tag.',
  ],
  [
    'an old agent',
    [...three, { id: 'i-4', name: 'cp-4', agent: '3.3.987.0' }],
    'AgentTooOld',
    "The SSM agent of demo's nodes is too old: cp-4 has 3.3.987.0, at least 3.3.2746.0 is needed: update it (document AWS-UpdateSSMAgent) and start again.",
  ],
  [
    'too many',
    Array.from({ length: 51 }, (_, index) => ({ id: `i-${index}` })),
    'InvalidInput',
    'Cluster demo has 51 control planes and etcd nodes, Run Command takes at most 50: correct the tags of those that are workers.',
  ],
])('what changes a cluster refuses: %s', async (_name, machines, name, message) => {
  await expect(findToRenew(machines)).rejects.toMatchObject({ name, message });
});

describe('what only looks does without the node', () => {
  test('no known role: it is told of, and has a name of its own', async () => {
    const found = await find([
      ...three,
      { id: 'i-4', name: 'cp-3', role: 'master' },
      { id: 'i-5', name: '\u202e\u200b', role: null },
    ]);
    expect(found.reachable.map(({ name }) => name)).toEqual(['cp-1', 'cp-2', 'cp-3 (i-3)']);
    expect(found.mistagged).toEqual([
      {
        instanceId: 'i-4',
        name: 'cp-3 (i-4)',
        problem: expect.stringContaining('has the tag kubeadm-autopilot:role=master, expected one of control-plane'),
      },
      { instanceId: 'i-5', name: 'ip-i-5.internal', problem: expect.stringContaining('has no tag') },
    ]);
  });

  test('an agent that is too old, or says so', async () => {
    const found = await find([...three, { id: 'i-4', name: 'cp-4', agent: '0' }]);
    expect(found.reachable).toHaveLength(3);
    expect(found.unreachable).toMatchObject([
      { name: 'cp-4', unreachable: expect.stringContaining('its SSM agent is 0') },
    ]);
  });

  test('more than one command takes', async () => {
    const found = await find(Array.from({ length: 52 }, (_, index) => ({ id: `i-${index}` })));
    expect(found.reachable).toHaveLength(50);
    expect(found.unreachable.map(({ unreachable }) => unreachable)).toEqual(
      Array(2).fill(expect.stringContaining('Run Command takes at most 50')),
    );
  });
});

test('50 control planes are asked about in one go', async () => {
  const found = await find(Array.from({ length: 50 }, (_, index) => ({ id: `i-${index}` })));
  expect(found.reachable).toHaveLength(50);
  expect(aws.callsOf('DescribeInstanceInformation')).toHaveLength(1);
});

test.each<[string, string, boolean]>([
  ['3.3.2746.0', '3.3.2746.0', false],
  ['3.3.987.0', '3.3.2746.0', true],
  ['3.3.10000.0', '3.3.2746.0', false],
  ['4.0', '3.3.2746.0', false],
  ['3.3', '3.3.0.0', false],
  ['', '3.3.2746.0', true],
])('agent %s is older than %s: %s', (version, than, expected) => expect(isOlder(version, than)).toBe(expected));

test('of two different versions one is older', () => {
  const version = fc.array(fc.nat(5000), { minLength: 4, maxLength: 4 }).map((parts) => parts.join('.'));
  fc.assert(fc.property(version, version, (a, b) => expect(isOlder(a, b) !== isOlder(b, a)).toBe(a !== b)));
});
