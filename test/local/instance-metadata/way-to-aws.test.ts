import { linkSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalAws } from '../../../local/local-aws';
import type { WayToAws } from '../../../local/nodes/node';
import { SOURCE_HEADER } from '../../../local/nodes/node';
import { role, writeAssembly } from '../cloud-assembly/write-assembly';
import { TestNode } from '../services/test-node';

/** Nodes of a cluster without a way to the loopback, as in the lab. */
class FarNode extends TestNode {
  constructor(
    number: number,
    readonly wayToAws: WayToAws,
  ) {
    super(number);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'way-'));
const way = (cluster: string, gateway: string): WayToAws => ({
  endpoint: `http://${gateway}:4566`,
  apiSocket: join(folder, `${cluster}-aws.sock`),
  metadataSocket: join(folder, `${cluster}-imds.sock`),
});
const a = way('a', '10.87.0.1');
const b = way('b', '10.97.0.1');
const cloudAssembly = () => writeAssembly({ Resources: { Role: role('lambda.amazonaws.com') } });
let aws: LocalAws;

beforeAll(async () => {
  const nodes = [new FarNode(1, a), new FarNode(2, a), new FarNode(3, b)];
  aws = await LocalAws.start({ cloudAssembly: cloudAssembly(), nodes });
});
afterAll(async () => {
  await aws.stop();
  rmSync(folder, { recursive: true });
});

interface Asked {
  method?: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
}

function send(socketPath: string, { body = '', ...asked }: Asked): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, ...asked }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode!, body: text }));
    });
    sent.on('error', reject).end(body);
  });
}

const METADATA = { host: '169.254.169.254' };
const token = (socket: string, headers: Record<string, string>) =>
  send(socket, {
    method: 'PUT',
    path: '/latest/api/token',
    headers: { ...METADATA, 'x-aws-ec2-metadata-token-ttl-seconds': '60', ...headers },
  });

async function metadata(socket: string, source: string, path: string): Promise<string> {
  const own = { [SOURCE_HEADER]: source };
  const { body } = await token(socket, own);
  return (await send(socket, { path, headers: { ...METADATA, ...own, 'x-aws-ec2-metadata-token': body } })).body;
}

/** GetParameter with a key, as signed as it has to be here. */
function getParameter(socket: string, host: string, accessKeyId: string, sessionToken?: string) {
  return send(socket, {
    method: 'POST',
    path: '/',
    headers: {
      host,
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/eu-central-1/ssm/aws4_request, SignedHeaders=host, Signature=0`,
      'x-amz-target': 'AmazonSSM.GetParameter',
      'content-type': 'application/x-amz-json-1.1',
      ...(sessionToken && { 'x-amz-security-token': sessionToken }),
    },
    body: '{"Name":"none"}',
  });
}

test('scripts on such nodes are told the address that they see', async () => {
  expect(await aws.environmentOf(new FarNode(1, a))).toEqual({ AWS_ENDPOINT_URL: 'http://10.87.0.1:4566' });
});

test('a node is known by the address that its request came from', async () => {
  const id = '/latest/meta-data/instance-id';
  expect(await metadata(a.metadataSocket, '10.0.0.1', id)).toBe('i-00000000000000001');
  expect(await metadata(a.metadataSocket, '10.0.0.2', id)).toBe('i-00000000000000002');
  expect(await metadata(b.metadataSocket, '10.0.0.3', id)).toBe('i-00000000000000003');
});

test.each([
  ['of another cluster', { [SOURCE_HEADER]: '10.0.0.3' }],
  ['of a pod', { [SOURCE_HEADER]: '10.88.11.2' }],
  ['that nobody says', {}],
  ['of a node, but for another host', { [SOURCE_HEADER]: '10.0.0.1', host: '127.0.0.1' }],
])('a request from an address %s gets no token', async (_what, headers: Record<string, string>) => {
  expect(await token(a.metadataSocket, headers)).toEqual({ status: 403, body: '' });
});

test('the API answers keys that were issued, with their session token, and nobody else', async () => {
  const path = '/latest/meta-data/iam/security-credentials/kubeadm-node';
  const { AccessKeyId: key, Token } = JSON.parse(await metadata(a.metadataSocket, '10.0.0.1', path)) as {
    AccessKeyId: string;
    Token: string;
  };
  const host = '10.87.0.1:4566';
  expect((await getParameter(a.apiSocket, host, key, Token)).body).toContain('ParameterNotFound');
  for (const refused of [
    await getParameter(a.apiSocket, host, 'local', Token),
    await getParameter(a.apiSocket, host, key),
    await getParameter(a.apiSocket, host, key, 'x'),
  ]) {
    expect(refused.status).toBe(400);
    expect(refused.body).toContain('UnrecognizedClientException');
  }
  for (const other of ['127.0.0.1', 'localhost:4566', '10.97.0.1:4566', '10.87.0.1']) {
    const { status, body } = await getParameter(a.apiSocket, other, key, Token);
    expect(status).toBe(403);
    expect(body).toContain(`The local AWS answers as 10.87.0.1:4566 only, not as "${other}"`);
  }
});

test('on the loopback the name of a node network is foreign', async () => {
  const port = new URL(aws.endpoint).port;
  const answer = await new Promise<number>((resolve) =>
    request({ port, headers: { host: '10.87.0.1:4566' } }, ({ statusCode }) => resolve(statusCode!)).end(),
  );
  expect(answer).toBe(403);
});

test('a second local AWS for the same nodes is refused, and leaves the first one alone', async () => {
  await expect(LocalAws.start({ cloudAssembly: cloudAssembly(), nodes: [new FarNode(1, a)] })).rejects.toThrow(
    /^Another local AWS is running for these nodes \(it listens on .*a-aws\.sock\): end it first\.$/,
  );
  expect(await metadata(a.metadataSocket, '10.0.0.1', '/latest/meta-data/instance-id')).toBe('i-00000000000000001');
});

test('a socket that a killed one left behind is taken over', async () => {
  const c = way('c', '10.87.0.1');
  // A socket stays in the file system when the process that made it is killed.
  const killed = createServer();
  await new Promise<void>((done) => killed.listen(join(folder, 'killed.sock'), done));
  linkSync(join(folder, 'killed.sock'), c.apiSocket);
  await new Promise((done) => killed.close(done));
  const other = await LocalAws.start({ cloudAssembly: cloudAssembly(), nodes: [new FarNode(1, c)] });
  expect((await getParameter(c.apiSocket, '10.87.0.1:4566', 'local')).body).toContain('UnrecognizedClientException');
  await other.stop();
});
