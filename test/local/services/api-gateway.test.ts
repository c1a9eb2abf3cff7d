import { AccessKeys } from '../../../local/aws/access-keys';
import type { Door } from '../../../local/aws/door';
import { Iam } from '../../../local/iam/iam';
import { HttpApi } from '../../../local/services/api-gateway/http-api';
import { HttpApis } from '../../../local/services/api-gateway/http-apis';
import { Throttle } from '../../../local/services/api-gateway/throttle';
import { findFault, readSignature } from '../../../local/aws/verify-signature';
import { ApiClient } from '../../../cli/api/client';
import { deploy } from '../../../local/cloud-assembly/deploy';
import { readAssembly } from '../../../local/cloud-assembly/read-assembly';
import { writeAssembly } from '../cloud-assembly/write-assembly';

/** A request and its signature from AWS's own test suite for Signature Version 4, "get-vanilla". */
const VANILLA = {
  method: 'GET',
  path: '/',
  query: new URLSearchParams(),
  body: Buffer.alloc(0),
  headers: {
    host: 'example.amazonaws.com',
    'x-amz-date': '20150830T123600Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  } as Record<string, string>,
};
const EXPECTED = {
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  service: 'service',
};
const AT = new Date('2015-08-30T12:36:00Z');

describe('Signature Version 4', () => {
  const fault = (change: Partial<typeof VANILLA> = {}, now = AT) => {
    const request = { ...VANILLA, ...change };
    return findFault(request, readSignature(request)!, EXPECTED, now);
  };

  test("AWS's own example is right", async () => {
    expect(await fault()).toBeUndefined();
  });

  test.each<[string, Partial<typeof VANILLA>, Date, string]>([
    ['another path', { path: '/x' }, AT, 'does not match'],
    ['another method', { method: 'POST' }, AT, 'does not match'],
    ['another query', { query: new URLSearchParams('a=1') }, AT, 'does not match'],
    ['a body', { body: Buffer.from('{}') }, AT, 'does not match'],
    ['another host', { headers: { ...VANILLA.headers, host: 'other' } }, AT, 'does not match'],
    ['six minutes later', {}, new Date(AT.getTime() + 360_000), '5 minutes'],
    ['six minutes before', {}, new Date(AT.getTime() - 360_000), '5 minutes'],
    ['a token that is not signed', { headers: { ...VANILLA.headers, 'x-amz-security-token': 't' } }, AT, 'not signed'],
    ['no date', { headers: { ...VANILLA.headers, 'x-amz-date': '' } }, AT, 'x-amz-date'],
  ])('%s is refused', async (_name, change, now, why) => {
    expect(await fault(change, now)).toContain(why);
  });

  test('an Authorization header of another form is none', () => {
    expect(readSignature({ ...VANILLA, headers: { authorization: 'Bearer x' } })).toBeUndefined();
  });
});

test('a route that names more of the path comes first; a placeholder stands for one part that is not empty', () => {
  const api = new HttpApi('test');
  api.integrations.set('one', 'arn:aws:lambda:x');
  for (const key of ['GET /a/{id}', 'GET /a/b', 'GET /a/{id}/c']) api.addRoute(key, 'one');
  const find = (path: string) => api.find('GET', path)?.route.routeKey;
  expect(['/a/b', '/a/x', '/a/x/c', '/a/', '/a', '/a/x/y', '/a/b/c/d'].map(find)).toEqual([
    'GET /a/b',
    'GET /a/{id}',
    'GET /a/{id}/c',
    ...Array(4).fill(undefined),
  ]);
  expect(api.find('GET', '/a/p%20q')?.pathParameters).toEqual({ id: 'p q' });
  expect(() => api.addRoute('ANY /{proxy+}', 'one')).toThrow('serves routes such as');
  expect(() => api.addRoute('GET /x', 'two')).toThrow('no integration two');
});

test('the token bucket: a burst, then as many a second as it says', () => {
  const throttle = new Throttle({ rateLimit: 10, burstLimit: 3 });
  const now = performance.now();
  const taken = (ms: number) => throttle.take(now + ms);
  expect([0, 0, 0, 0, 50, 100, 120, 10_000].map(taken)).toEqual([true, true, true, false, false, true, false, true]);
});

test('what the local AWS cannot serve is refused when the stack is created', async () => {
  const httpApis = new HttpApis({} as Door, new Iam(), new AccessKeys(), () => undefined);
  try {
    const create = async (properties: Record<string, unknown>) =>
      deploy({
        assembly: await readAssembly(
          writeAssembly({
            Resources: {
              Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'x', ProtocolType: 'HTTP' } },
              Stage: {
                Type: 'AWS::ApiGatewayV2::Stage',
                Properties: { ApiId: { Ref: 'Api' }, StageName: '$default', AutoDeploy: true, ...properties },
              },
            },
          }),
        ),
        httpApis,
      } as unknown as Parameters<typeof deploy>[0]);
    await expect(create({ StageName: 'v1' })).rejects.toThrow('Stage (AWS::ApiGatewayV2::Stage): StageName');
    await expect(create({ StageVariables: {} })).rejects.toThrow('does not know: StageVariables');
    const limits = { ThrottlingBurstLimit: 1, ThrottlingRateLimit: 1 };
    await expect(create({ RouteSettings: { 'GET /x': limits } })).rejects.toThrow('no route "GET /x"');
    await create({});
  } finally {
    await httpApis.stop();
  }
});

test('a route without IAM authorisation goes to its function unsigned, and has a limit of its own', async () => {
  const invoked: unknown[] = [];
  const door = {
    call: async ({ input }: { input: { Payload: string } }) => {
      invoked.push(JSON.parse(input.Payload));
      return { Payload: Buffer.from('{"statusCode":200,"body":"done"}') };
    },
  };
  const httpApis = new HttpApis(door as unknown as Door, new Iam(), new AccessKeys(), () => undefined);
  try {
    const { api, endpoint } = await httpApis.create('test');
    api.integrations.set('one', 'arn:aws:lambda:x');
    api.addRoute('POST /open', 'one', 'NONE');
    api.addRoute('POST /signed', 'one');
    const none = { rateLimit: 0, burstLimit: 2 };
    api.stage = {
      name: '$default',
      throttle: none,
      routeThrottles: new Map([['POST /open', { rateLimit: 0, burstLimit: 1 }]]),
    };
    const post = async (path: string) => (await fetch(`${endpoint}${path}`, { method: 'POST', body: 'x' })).status;
    expect([await post('/open'), await post('/open'), await post('/signed')]).toEqual([200, 429, 403]);
    expect(invoked).toMatchObject([{ routeKey: 'POST /open', requestContext: { http: { method: 'POST' } } }]);
    expect(JSON.stringify(invoked)).not.toContain('authorizer');
  } finally {
    await httpApis.stop();
  }
});

test('requests above the limit are told so, as are those from a page in a browser', async () => {
  const httpApis = new HttpApis({} as Door, new Iam(), new AccessKeys(), () => undefined);
  try {
    const { api, endpoint } = await httpApis.create('test');
    api.integrations.set('one', 'arn:aws:lambda:x');
    api.addRoute('GET /clusters', 'one');
    api.stage = { name: '$default', throttle: { rateLimit: 0, burstLimit: 1 } };
    const credentials = { accessKeyId: 'local', secretAccessKey: 'wrong' };
    const client = new ApiClient({ endpoint, region: 'eu-central-1', credentials });
    await expect(client.call('listClusters')).rejects.toMatchObject({ error: 'Forbidden' });
    await expect(client.call('listClusters')).rejects.toThrow('The API answered 429 (Too Many Requests).');
    expect((await fetch(`${endpoint}/clusters`, { headers: { origin: 'https://example.org' } })).status).toBe(403);
    expect((await fetch(`${endpoint}/elsewhere`)).status).toBe(404);
  } finally {
    await httpApis.stop();
  }
});
