import { readFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { HttpRequest } from '@smithy/core/protocols';
import { AwsError } from '../../local/aws/aws-call';
import type { CallInterceptor } from '../../local/interceptors';
import { LocalAws } from '../../local/local-aws';
import { SimulatedCluster } from '../../local/nodes/simulated';
import type { SimulatedNode } from '../../local/nodes/simulated';
import { createSecretReader, digestOf, readSecret, resultOf, secretReaderScript } from '../helpers/secret-reader';
import { role, writeAssembly } from '../local/cloud-assembly/write-assembly';

const NAME = '/kubeadm-autopilot/demo/join';
const SECRET = 'abcdef.0123456789abcdef "quoted" back\\slash\nsecond line';
const REGION = 'eu-central-1';

/** A request as it arrived at somebody who stands before the local AWS. */
interface Arrived {
  url: string;
  headers: Record<string, string>;
  body: string;
}

let folder: string;
let cluster: SimulatedCluster;
let node: SimulatedNode;
let aws: LocalAws;
let ssm: SSMClient;
let onCall: CallInterceptor | undefined;
const servers: Server[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'instance-secret-'));
  cluster = await SimulatedCluster.create({ folder, controlPlanes: 1, leafSeconds: 24 * 3600 });
  await cluster.start();
  node = cluster.node('cp-1');
  const cloudAssembly = writeAssembly({ Resources: { Role: role('lambda.amazonaws.com') } });
  aws = await LocalAws.start({ cloudAssembly, nodes: cluster.nodes });
  aws.interceptCalls((call, next) => (onCall ? onCall(call, next) : next()));
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  ssm = new SSMClient({ endpoint: aws.endpoint, region: REGION, credentials });
  await ssm.send(new PutParameterCommand({ Name: NAME, Value: SECRET, Type: 'SecureString' }));
  await createSecretReader(ssm);
});
afterEach(() => (onCall = undefined));
afterAll(async () => {
  ssm?.destroy();
  servers.forEach((server) => server.close());
  await aws?.stop();
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Told {
  exitCode: number;
  result: Record<string, string>;
  stderr: string;
}

/** Runs the reading step on the node as its agent would, with some variables changed. */
async function read(changed: Record<string, string | undefined> = {}, name = NAME): Promise<Told> {
  const env = { ...(await aws.environmentOf(node)), AWS_SSM_REGION_NAME: REGION, SSM_Name: name, ...changed };
  const { exitCode, stdout, stderr } = await node.run({
    script: secretReaderScript(),
    env: Object.fromEntries(Object.entries(env).filter((one): one is [string, string] => one[1] !== undefined)),
    timeLimitSeconds: 60,
  });
  return { exitCode, result: resultOf(stdout), stderr };
}

/** Somebody before the local AWS who lets everything through. */
async function recorder(arrived: Arrived[]): Promise<string> {
  return serve(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const headers = request.headers as Record<string, string>;
    arrived.push({ url: request.url!, headers, body });
    const { host: _, connection: __, 'content-length': ___, ...passed } = headers;
    const answer = await fetch(`${aws.endpoint}${request.url}`, { method: request.method!, headers: passed, body });
    response.writeHead(answer.status).end(await answer.text());
  });
}

/** What a metadata service answers that has this for each path, and a token for everybody. */
function metadata(documents: Record<string, string>): Promise<string> {
  return serve(({ method, url }, response) => {
    const document = method === 'PUT' ? 'token' : documents[url!.replace('/latest/meta-data/', '')];
    response.writeHead(document === undefined ? 404 : 200).end(document);
  });
}

test('a node that Run Command asks reads the secret as the role of its instance', async () => {
  const before = aws.usage.apiCalls['ssm:GetParameter'] ?? 0;
  const invocation = await readSecret(ssm, node.instanceId, NAME);
  expect(invocation.Status).toBe('Success');
  expect(resultOf(invocation.StandardOutputContent!)).toEqual({ digest: digestOf(SECRET) });
  expect(aws.usage.apiCalls['ssm:GetParameter']).toBe(before + 1);
});

test('neither secret nor key is in an argument, on stderr or in the log', async () => {
  const { stderr } = await read();
  const logs = join(node.root, 'var/lib/kubeadm-autopilot/logs');
  const written = readdirSync(logs).map((name) => readFileSync(join(logs, name), 'utf8'));
  const told = [stderr, ...node.calls, ...written].join('\n');
  expect(told).toContain('openssl dgst -sha256');
  expect(told).toMatch(/^curl .*--config - http/m);
  const { secretAccessKey, sessionToken } = await roleCredentials();
  for (const secret of [SECRET.slice(0, 20), secretAccessKey, sessionToken!, `AWS4${secretAccessKey}`]) {
    expect(told).not.toContain(secret);
    expect(told).not.toContain(Buffer.from(secret).toString('hex'));
  }
});

async function roleCredentials() {
  process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT = (await aws.environmentOf(node)).AWS_EC2_METADATA_SERVICE_ENDPOINT;
  const client = new SSMClient({ region: REGION });
  try {
    return await client.config.credentials();
  } finally {
    client.destroy();
    delete process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT;
  }
}

test("what arrives is signed as the SDK's own signer would sign it, session token included", async () => {
  const arrived: Arrived[] = [];
  const endpoint = await recorder(arrived);
  expect((await read({ AWS_ENDPOINT_URL_SSM: endpoint })).result).toEqual({ digest: digestOf(SECRET) });
  expect(arrived).toHaveLength(1);
  const [{ url, headers, body }] = arrived as [Arrived];
  expect(url).toBe('/');
  expect(JSON.parse(body)).toEqual({ Name: NAME, WithDecryption: true });

  const credentials = await roleCredentials();
  const { authorization, 'x-amz-date': date } = headers as { authorization: string; 'x-amz-date': string };
  expect(headers['x-amz-security-token']).toBe(credentials.sessionToken);
  const scope = `${credentials.accessKeyId}/${date.slice(0, 8)}/${REGION}/ssm/aws4_request`;
  const signed = ['content-type', 'host', 'x-amz-date', 'x-amz-security-token', 'x-amz-target'];
  expect(authorization).toContain(`Credential=${scope}, SignedHeaders=${signed.join(';')}, Signature=`);

  const client = new SSMClient({ region: REGION, credentials });
  const signer = await client.config.signer();
  const own = new HttpRequest({
    method: 'POST',
    protocol: 'http:',
    hostname: '127.0.0.1',
    path: '/',
    headers: Object.fromEntries(signed.map((name) => [name, headers[name]!])),
    body,
  });
  const again = await signer.sign(own, {
    signingDate: new Date(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z')),
    signingRegion: REGION,
    signingService: 'ssm',
    unsignableHeaders: new Set(['x-amz-content-sha256']),
  });
  expect(authorization).toBe(again.headers['authorization']);
  client.destroy();
});

test('the region is asked for where no SSM agent tells it', async () => {
  expect((await read({ AWS_SSM_REGION_NAME: undefined })).result).toEqual({ digest: digestOf(SECRET) });
});

test('it tries again while SSM is busy', async () => {
  let busy = 2;
  onCall = (call, next) => {
    if (call.action === 'GetParameter' && busy-- > 0) throw new AwsError('ThrottlingException', 'Rate exceeded');
    return next();
  };
  expect((await read()).result).toEqual({ digest: digestOf(SECRET) });
});

describe('one sentence for each reason why there is no secret', () => {
  const refuse = (code: string, message: string): CallInterceptor => {
    return (call, next) => {
      if (call.action === 'GetParameter') throw new AwsError(code, message);
      return next();
    };
  };

  test('no such parameter', async () => {
    const { exitCode, result } = await read({}, '/kubeadm-autopilot/demo/gone');
    expect(exitCode).toBe(20);
    expect(result).toMatchObject({
      error: 'refused',
      step: 'read the secret',
      message:
        'There is no SSM parameter /kubeadm-autopilot/demo/gone in eu-central-1: it has been deleted, or has never been there; start the operation again.',
    });
  });

  test.each([
    [
      'no permission',
      refuse('AccessDeniedException', 'User: x is not authorized to perform: ssm:GetParameter on resource: y'),
      `The role kubeadm-node of this node may not read the SSM parameter ${NAME}: allow it ssm:GetParameter (the policy AmazonSSMManagedInstanceCore does).`,
    ],
    [
      'no permission for the key',
      refuse('AccessDeniedException', 'The ciphertext refers to a customer master key that does not exist, or ...'),
      `The role kubeadm-node of this node may not decrypt the SSM parameter ${NAME}: allow it kms:Decrypt with the parameter's key.`,
    ],
    [
      'anything else',
      refuse('ExpiredTokenException', 'The security token included in the request is expired'),
      `SSM does not give the parameter ${NAME}, it answers 400: The security token included in the request is expired`,
    ],
  ])('%s', async (_what, interceptor, sentence) => {
    onCall = interceptor;
    expect((await read()).result.message).toBe(sentence);
  });

  test('no way to SSM', async () => {
    const { message } = (await read({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' })).result;
    expect(message).toMatch(
      /^No way from this node to http:\/\/127\.0\.0\.1:1 \(curl: \(7\) .*\): a subnet without internet access needs the VPC endpoint ssm\.$/,
    );
  });

  test('no instance', async () => {
    const { message } = (await read({ AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1' })).result;
    expect(message).toMatch(/^The instance metadata service at http:\/\/127\.0\.0\.1:1 does not answer \(curl: \(7\) /);
  });

  test('an instance without a role', async () => {
    const { message } = (await read({ AWS_EC2_METADATA_SERVICE_ENDPOINT: await metadata({}) })).result;
    expect(message).toBe(
      'This instance has no role: give it an instance profile with the policy AmazonSSMManagedInstanceCore.',
    );
  });

  test('a role that EC2 may not assume', async () => {
    const documents = {
      'iam/security-credentials/': 'r',
      'iam/security-credentials/r': '{\n  "Code" : "AssumeRoleUnauthorizedAccess"\n}',
    };
    const { message } = (await read({ AWS_EC2_METADATA_SERVICE_ENDPOINT: await metadata(documents) })).result;
    expect(message).toBe(
      'The instance metadata service has no credentials for the role r (AssumeRoleUnauthorizedAccess): does its trust policy allow ec2.amazonaws.com?',
    );
  });

  test('a metadata service that is switched off', async () => {
    const off = await serve((_request, response) => response.writeHead(403).end());
    const { message } = (await read({ AWS_EC2_METADATA_SERVICE_ENDPOINT: off })).result;
    expect(message).toBe(
      `The instance metadata service at ${off} answers 403: switch it on in this instance's metadata options.`,
    );
  });
});
