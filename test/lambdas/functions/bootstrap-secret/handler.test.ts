import { type handler as Handler, newBootstrapToken } from '../../../../lambdas/functions/bootstrap-secret/handler';
import { NODE_STEPS } from '../../../../lib/node-access/node-steps';
import { AwsServer, type Answer } from '../../helpers/aws-server';

const aws = new AwsServer();
let handler: typeof Handler;
beforeAll(async () => {
  await aws.start();
  process.env.LOCK_TABLE = 'locks';
  ({ handler } = await import('../../../../lambdas/functions/bootstrap-secret/handler'));
});
afterAll(() => aws.stop());

const EXECUTION = 'arn:aws:states:eu-central-1:000000000000:execution:kubeadm-autopilot-renew-certificates:one';
const TOKEN = /^[a-z0-9]{6}\.[a-z0-9]{16}$/;

test('tokens have the form that Kubernetes demands, and are never the same', () => {
  const tokens = Array.from({ length: 200 }, newBootstrapToken);
  for (const token of tokens) expect(token).toMatch(TOKEN);
  expect(new Set(tokens).size).toBe(200);
});

const RUNNING = { DescribeExecution: { body: { status: 'RUNNING' } } };
const NONE = {
  GetItem: { body: {} },
  PutItem: { body: {} },
  DeleteItem: { body: {} },
  PutParameter: { body: { Version: 1 } },
};
const left = (holder: string): Answer => ({
  body: { Item: { holder: { S: holder }, names: { SS: ['/the/old/one'] } } },
});
const create = (cluster = 'demo') => handler({ action: 'create', cluster, execution: EXECUTION });
const KEY = { cluster: { S: 'demo/secrets' } };

test('a token goes into a SecureString, its name is written down before, and only the name comes back', async () => {
  aws.answer({ ...NONE, ...RUNNING });
  const answer = await create();
  const [put] = aws.callsOf('PutParameter');
  expect(put).toMatchObject({ Name: answer!.name, Type: 'SecureString' });
  expect(put!['Value']).toMatch(TOKEN);
  expect(JSON.stringify(answer)).not.toContain(String(put!['Value']));
  expect(aws.callsOf('PutItem')).toMatchObject([
    {
      Item: { ...KEY, holder: { S: EXECUTION }, names: { SS: [answer!.name] } },
      ConditionExpression: 'attribute_not_exists(holder)',
    },
  ]);
  const actions = aws.calls.map(({ action }) => action);
  expect(actions.indexOf('PutItem')).toBeLessThan(actions.indexOf('PutParameter'));
});

test('its name is one that the node steps take, and nobody knows it before', async () => {
  aws.answer({ ...NONE, ...RUNNING });
  await expect(create('a-cluster-with-the-longest-name-1')).rejects.toThrow('cluster');
  const names = [
    await create('a-cluster-with-the-longest-name1'),
    await create('a-cluster-with-the-longest-name1'),
  ].map((made) => made!.name);
  expect(names[0]).not.toBe(names[1]);
  for (const step of ['rejoin-kubelet', 'bootstrap-token'] as const) {
    const { allowedPattern, maxChars } = NODE_STEPS[step].parameters.Secret;
    expect(names[0]).toMatch(new RegExp(allowedPattern));
    expect(names[0]!.length).toBeLessThanOrEqual(maxChars);
  }
});

test.each([EXECUTION, `${EXECUTION}-before`])('what %s has left is deleted first', async (holder) => {
  aws.answer({ ...NONE, ...RUNNING, GetItem: left(holder), DeleteParameter: { code: 'ParameterNotFound' } });
  await create();
  expect(aws.callsOf('DeleteParameter')).toEqual([{ Name: '/the/old/one' }]);
  expect(aws.callsOf('DeleteItem')).toMatchObject([
    { Key: KEY, ExpressionAttributeValues: { ':holder': { S: holder } } },
  ]);
  expect(aws.callsOf('PutParameter')).toHaveLength(1);
});

test('another execution is quicker: no secret is made', async () => {
  aws.answer({ ...NONE, PutItem: { code: 'ConditionalCheckFailedException' } });
  await expect(create()).rejects.toThrow('Another execution makes secrets for demo');
  expect(aws.callsOf('PutParameter')).toEqual([]);
});

test('its execution was stopped meanwhile: nobody else would delete it', async () => {
  aws.answer({ ...NONE, DescribeExecution: { body: { status: 'ABORTED' } }, DeleteParameter: { body: {} } });
  await expect(create()).rejects.toThrow('has ended meanwhile');
  expect(aws.callsOf('DeleteParameter')).toEqual([{ Name: aws.callsOf('PutParameter')[0]!['Name'] }]);
  expect(aws.callsOf('DeleteItem')).toHaveLength(1);
});

test('deleting it is fine also when it is gone or of another execution; another failure is one', async () => {
  const remove = () => handler({ action: 'delete', cluster: 'demo', execution: EXECUTION });
  const own = { ...NONE, GetItem: left(EXECUTION) };
  aws.answer({ ...own, DeleteParameter: { body: {} } });
  await expect(remove()).resolves.toBeNull();
  expect(aws.callsOf('DeleteParameter')).toEqual([{ Name: '/the/old/one' }]);
  aws.answer({ ...own, DeleteParameter: { code: 'ParameterNotFound' } });
  await expect(remove()).resolves.toBeNull();
  aws.answer({ ...own, DeleteParameter: { code: 'AccessDeniedException' } });
  await expect(remove()).rejects.toThrow();
  aws.answer({ ...NONE, GetItem: left(`${EXECUTION}-other`) });
  await expect(remove()).resolves.toBeNull();
});
