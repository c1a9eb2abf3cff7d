import { request } from 'node:http';
import { AccessKeys } from '../../../local/aws/access-keys';
import type { AwsCall } from '../../../local/aws/aws-call';
import { HttpFront } from '../../../local/aws/http-front';

const calls: AwsCall[] = [];
const front = new HttpFront(
  {
    call: async (call) => {
      calls.push(call);
      return {};
    },
  },
  new AccessKeys(),
);
let port = 0;

beforeAll(async () => {
  port = Number(new URL(await front.listen()).port);
});
afterAll(() => front.stop());
beforeEach(() => calls.splice(0));

function send(method: string, path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode));
    });
    asked.on('error', reject).end();
  });
}

const PUBLISH = '/?Action=ListTopics&Version=2010-03-31';

test.each([
  ['as 127.0.0.1', {}],
  ['as localhost', { host: 'localhost:4566' }],
  ['typed into a browser', { 'sec-fetch-site': 'none' }],
])('a request %s is answered', async (_what, headers) => {
  expect(await send('GET', PUBLISH, headers)).toBe(200);
  expect(calls).toMatchObject([{ service: 'sns', action: 'ListTopics' }]);
});

test.each([
  ['under a name that was bound to the loopback', 'GET', { host: 'rebound.example:4566' }],
  ['under a name that only begins like ours', 'GET', { host: '127.0.0.1.example' }],
  ['of a form in another page', 'POST', { origin: 'https://example.com' }],
  ['of a page without an origin', 'POST', { origin: 'null' }],
  ['of an image in another page', 'GET', { 'sec-fetch-site': 'cross-site' }],
  ['of a page on another local port', 'GET', { 'sec-fetch-site': 'same-site' }],
  ['of an older browser', 'GET', { referer: 'https://example.com/' }],
  ['that asks whether a page may', 'OPTIONS', { origin: 'https://example.com' }],
])('a request %s is refused, and nothing is called', async (_what, method, headers) => {
  expect(await send(method, PUBLISH, headers)).toBe(403);
  expect(calls).toEqual([]);
});

test.each([
  '/?Action=CreateTopic&Version=2010-03-31&Name=x',
  '/?Action=PutMetricData&Version=2010-08-01&Namespace=x',
  '/?Action=CreateTags&Version=2016-11-15&ResourceId.1=i-1&Tag.1.Key=a&Tag.1.Value=b',
])('a link in a mail changes nothing: %s', async (path) => {
  expect(await send('GET', path, { 'sec-fetch-site': 'none' })).toBe(403);
  expect(calls).toEqual([]);
});
