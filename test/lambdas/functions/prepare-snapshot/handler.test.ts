import type { handler as Handler } from '../../../../lambdas/functions/prepare-snapshot/handler';
import { objectKeys } from '../../../../lambdas/functions/prepare-snapshot/object-keys';
import { NODE_STEPS } from '../../../../lib/node-access/node-steps';
import { AwsServer } from '../../helpers/aws-server';
import { instanceId } from '../../helpers/samples';

const aws = new AwsServer();
let handler: typeof Handler;
beforeAll(async () => {
  await aws.start();
  process.env.OPERATIONS_BUCKET = 'operations';
  process.env.LOCK_TABLE = 'locks';
  ({ handler } = await import('../../../../lambdas/functions/prepare-snapshot/handler'));
});
afterAll(() => aws.stop());

const EXECUTION = 'arn:aws:states:eu-central-1:000000000000:execution:kubeadm-autopilot-back-up-etcd:one';
const NODES = [1, 2].map((number) => ({ instanceId: instanceId(number), name: `cp-${number}` }));
const INPUT = {
  cluster: 'a-cluster-with-the-longest-name1',
  execution: EXECUTION,
  at: '2026-11-29T03:00:07.123Z',
  keepDays: 30,
  nodes: NODES,
};
const RUNNING = {
  GetItem: { body: {} },
  PutItem: { body: {} },
  DeleteItem: { body: {} },
  PutParameter: { body: { Version: 1 } },
  DescribeExecution: { body: { status: 'RUNNING' } },
};

test("each node's URL goes into a SecureString of its own, for its own object and 15 minutes; no URL comes back", async () => {
  aws.answer(RUNNING);
  const answer = await handler(INPUT);
  const puts = aws.callsOf('PutParameter');
  expect(puts.map(({ Name, Type }) => [Name, Type])).toEqual(
    NODES.map((node) => [`${answer.secret}-${node.instanceId}`, 'SecureString']),
  );
  puts.forEach(({ Value }, index) => {
    const url = new URL(String(Value));
    expect(url.pathname).toBe(`/operations/${answer.objects[index]!.key}`);
    expect(url.searchParams.get('X-Amz-Expires')).toBe('900');
    // The checksum of an empty body would make S3 refuse every other.
    expect([...url.searchParams.keys()].filter((name) => /checksum/i.test(name))).toEqual([]);
  });
  expect(JSON.stringify(answer)).not.toMatch(/X-Amz|http/);
});

test('nobody knows the names before; they are written down before there is a URL', async () => {
  aws.answer(RUNNING);
  const first = await handler(INPUT);
  const actions = aws.calls.map(({ action }) => action);
  expect(actions.indexOf('PutItem')).toBeLessThan(actions.indexOf('PutParameter'));
  expect(aws.callsOf('PutItem')).toMatchObject([
    {
      Item: {
        cluster: { S: `${INPUT.cluster}/secrets` },
        holder: { S: EXECUTION },
        names: { SS: NODES.map((node) => `${first.secret}-${node.instanceId}`) },
      },
    },
  ]);
  expect((await handler(INPUT)).secret).not.toBe(first.secret);
});

test('the name that is told is one that the node step takes', async () => {
  aws.answer(RUNNING);
  const { secret } = await handler(INPUT);
  const { allowedPattern, maxChars } = NODE_STEPS['back-up-etcd'].parameters.Secret;
  expect(secret).toMatch(new RegExp(allowedPattern));
  expect(secret.length).toBeLessThanOrEqual(maxChars);
});

test('its execution was stopped meanwhile: nobody else would delete the URLs', async () => {
  aws.answer({ ...RUNNING, DescribeExecution: { body: { status: 'ABORTED' } }, DeleteParameter: { body: {} } });
  await expect(handler(INPUT)).rejects.toThrow('has ended meanwhile');
  expect(aws.callsOf('DeleteParameter')).toEqual(aws.callsOf('PutParameter').map(({ Name }) => ({ Name })));
});

test('an object is named by age, cluster, time and node, whatever the node is called', () => {
  expect(objectKeys('prod', 90, '2026-11-29T03:00:07.123Z', [{ instanceId: 'i-0a', name: '../my node/ü' }])).toEqual([
    {
      instanceId: 'i-0a',
      name: '../my node/ü',
      key: 'etcd-snapshots/90-days/prod/20261129T030007Z/.._my_node__-i-0a.tar.gz',
    },
  ]);
});
