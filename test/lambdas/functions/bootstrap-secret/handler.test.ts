import { type handler as Handler, newBootstrapToken } from '../../../../lambdas/functions/bootstrap-secret/handler';
import { NODE_STEPS } from '../../../../lib/node-access/node-steps';
import { AwsServer } from '../../helpers/aws-server';

const aws = new AwsServer();
let handler: typeof Handler;
beforeAll(async () => {
  await aws.start();
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

test('a token goes into a SecureString, and only its name comes back', async () => {
  aws.answer({ PutParameter: { body: { Version: 1 } }, DescribeExecution: { body: { status: 'RUNNING' } } });
  const answer = await handler({ action: 'create', cluster: 'demo', execution: EXECUTION });
  const [put] = aws.callsOf('PutParameter');
  expect(put).toMatchObject({ Name: answer.name, Type: 'SecureString', Overwrite: true });
  expect(put!['Value']).toMatch(TOKEN);
  expect(JSON.stringify(answer)).not.toContain(String(put!['Value']));
});

test('its name is one that the node steps take, the same for one execution and another for another', async () => {
  aws.answer({ PutParameter: { body: { Version: 1 } }, DescribeExecution: { body: { status: 'RUNNING' } } });
  const nameOf = async (execution: string) =>
    (await handler({ action: 'create', cluster: 'a-cluster-with-the-longest-name-1', execution })).name;
  await expect(nameOf(EXECUTION)).rejects.toThrow('cluster');
  const named = async (execution: string) =>
    (await handler({ action: 'create', cluster: 'a-cluster-with-the-longest-name1', execution })).name;
  const name = await named(EXECUTION);
  for (const step of ['rejoin-kubelet', 'bootstrap-token'] as const) {
    const { allowedPattern, maxChars } = NODE_STEPS[step].parameters.Secret;
    expect(name).toMatch(new RegExp(allowedPattern));
    expect(name.length).toBeLessThanOrEqual(maxChars);
  }
  expect(await named(EXECUTION)).toBe(name);
  expect(await named(`${EXECUTION}x`)).not.toBe(name);
});

test('its execution was stopped meanwhile: nobody else would delete it', async () => {
  const ended = { PutParameter: { body: { Version: 1 } }, DescribeExecution: { body: { status: 'ABORTED' } } };
  const create = () => handler({ action: 'create', cluster: 'demo', execution: EXECUTION });
  aws.answer({ ...ended, DeleteParameter: { body: {} } });
  await expect(create()).rejects.toThrow('has ended meanwhile');
  expect(aws.callsOf('DeleteParameter')).toEqual([{ Name: aws.callsOf('PutParameter')[0]!['Name'] }]);
  aws.answer({ ...ended, DeleteParameter: { code: 'ParameterNotFound' } });
  await expect(create()).rejects.toThrow('has ended meanwhile');
});

test('deleting it is fine also when it is gone; another failure is one', async () => {
  const remove = () => handler({ action: 'delete', cluster: 'demo', execution: EXECUTION });
  aws.answer({ DeleteParameter: { body: {} } });
  const { name } = await remove();
  expect(aws.callsOf('DeleteParameter')).toEqual([{ Name: name }]);
  aws.answer({ DeleteParameter: { code: 'ParameterNotFound' } });
  await expect(remove()).resolves.toEqual({ name });
  aws.answer({ DeleteParameter: { code: 'AccessDeniedException' } });
  await expect(remove()).rejects.toThrow();
});
