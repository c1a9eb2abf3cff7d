import { SSMClient } from '@aws-sdk/client-ssm';
import { LocalAws } from '../../../local/local-aws';
import { role, writeAssembly } from '../cloud-assembly/write-assembly';
import { TestNode } from '../services/test-node';

const TTL = 'x-aws-ec2-metadata-token-ttl-seconds';
const TOKEN = 'x-aws-ec2-metadata-token';
const nodes = [new TestNode(1), new TestNode(2)];
let aws: LocalAws;
/** Of each node. */
let endpoints: string[];

beforeAll(async () => {
  aws = await LocalAws.start({
    cloudAssembly: writeAssembly({ Resources: { Role: role('lambda.amazonaws.com') } }),
    nodes,
  });
  const environments = await Promise.all(nodes.map((node) => aws.environmentOf(node)));
  endpoints = environments.map((environment) => environment['AWS_EC2_METADATA_SERVICE_ENDPOINT']!);
});
afterAll(() => aws.stop());

async function ask(path: string, options: RequestInit = {}, node = 0): Promise<{ status: number; body: string }> {
  const answer = await fetch(`${endpoints[node]}${path}`, options);
  return { status: answer.status, body: await answer.text() };
}

const newToken = (ttl: string, more: Record<string, string> = {}, node = 0) =>
  ask('/latest/api/token', { method: 'PUT', headers: { [TTL]: ttl, ...more } }, node);

/** What a node with a token is answered. */
async function get(path: string, node = 0): Promise<{ status: number; body: string }> {
  return ask(path, { headers: { [TOKEN]: (await newToken('60', {}, node)).body } }, node);
}

test('an instance learns who and where it is', async () => {
  expect(await get('/latest/meta-data/instance-id')).toEqual({ status: 200, body: 'i-00000000000000001' });
  expect(await get('/latest/meta-data/instance-id', 1)).toEqual({ status: 200, body: 'i-00000000000000002' });
  expect(await get('/latest/meta-data/placement/region')).toEqual({ status: 200, body: 'eu-central-1' });
  const { body } = await get('/latest/dynamic/instance-identity/document');
  expect(JSON.parse(body)).toMatchObject({
    accountId: '000000000000',
    instanceId: 'i-00000000000000001',
    privateIp: '10.0.0.1',
    region: 'eu-central-1',
  });
});

test('and gets the credentials of its role, its own ones', async () => {
  expect(await get('/latest/meta-data/iam/security-credentials/')).toEqual({ status: 200, body: 'kubeadm-node' });
  const path = '/latest/meta-data/iam/security-credentials/kubeadm-node';
  const credentials = JSON.parse((await get(path)).body) as Record<string, string>;
  expect(credentials).toEqual({
    Code: 'Success',
    LastUpdated: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    Type: 'AWS-HMAC',
    AccessKeyId: expect.stringMatching(/^ASIA[0-9A-F]{16}$/),
    SecretAccessKey: expect.stringMatching(/^\S{40}$/),
    Token: expect.stringMatching(/^\S{64}$/),
    Expiration: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  });
  expect(Date.parse(credentials['Expiration']!)).toBeGreaterThan(Date.now() + 3600_000);
  expect(JSON.parse((await get(path)).body)).toEqual(credentials);
  expect(JSON.parse((await get(path, 1)).body)).not.toMatchObject({ AccessKeyId: credentials['AccessKeyId'] });
});

test('the AWS SDK finds them', async () => {
  process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT = endpoints[1];
  const client = new SSMClient({ region: 'eu-central-1' });
  try {
    expect((await client.config.credentials()).accessKeyId).toMatch(/^ASIA/);
  } finally {
    delete process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT;
    client.destroy();
  }
});

test.each([
  ['without a token (version 1)', {}],
  ['with a token that is none', { [TOKEN]: 'none' }],
])('%s there is nothing: 401', async (_what, headers: Record<string, string>) => {
  expect((await ask('/latest/meta-data/instance-id', { headers })).status).toBe(401);
  expect((await ask('/latest/meta-data/none', { headers })).status).toBe(401);
});

test("another instance's token is none", async () => {
  const { body } = await newToken('60', {}, 1);
  expect((await ask('/latest/meta-data/instance-id', { headers: { [TOKEN]: body } })).status).toBe(401);
});

test('a token ends when its time is over', async () => {
  const { body } = await newToken('1');
  const status = async () => (await ask('/latest/meta-data/instance-id', { headers: { [TOKEN]: body } })).status;
  expect(await status()).toBe(200);
  const end = Date.now() + 10_000;
  while ((await status()) !== 401 && Date.now() < end) await new Promise((done) => setTimeout(done, 50));
  expect(await status()).toBe(401);
});

test.each([
  ['no time to live', {}, 400],
  ['one that is no number', { [TTL]: 'an hour' }, 400],
  ['none at all', { [TTL]: '0' }, 400],
  ['one that is too long', { [TTL]: '21601' }, 400],
  ['the longest', { [TTL]: '21600' }, 200],
  ['a proxy in between', { [TTL]: '60', 'x-forwarded-for': '10.0.0.9' }, 403],
  ['a page in a browser', { [TTL]: '60', origin: 'https://example.com' }, 403],
])('a token with %s', async (_what, headers: Record<string, string>, status) => {
  expect((await ask('/latest/api/token', { method: 'PUT', headers })).status).toBe(status);
});

test.each([
  '/',
  '/latest',
  '/latest/meta-data/',
  '/latest/meta-data/none',
  '/latest/user-data',
  '/2021-07-15/meta-data/',
])('%s is not there: 404', async (path) => {
  expect((await get(path)).status).toBe(404);
});

test("another role's credentials are not there", async () => {
  expect((await get('/latest/meta-data/iam/security-credentials/other')).status).toBe(404);
});

test('other methods are refused', async () => {
  expect((await ask('/latest/api/token')).status).toBe(405);
  const { body } = await newToken('60');
  const headers = { [TOKEN]: body };
  expect((await ask('/latest/meta-data/instance-id', { method: 'POST', headers })).status).toBe(405);
});
