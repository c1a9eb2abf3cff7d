import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { LocalAws } from '../../../local/local-aws';
import { LabCluster } from '../../../local/nodes/lab/lab-cluster';
import type { LabNode } from '../../../local/nodes/lab/lab-node';
import { createSecretReader, digestOf, readSecret, resultOf, secretReaderScript } from '../../helpers/secret-reader';
import { until } from '../../operations/helpers/world';
import { role, writeAssembly } from '../../local/cloud-assembly/write-assembly';
import { traces } from '../helpers/traces';

const NAME = '/kubeadm-autopilot/metadata/join';
const SECRET = 'abcdef.0123456789abcdef';
const METADATA = 'http://169.254.169.254/latest';
const TTL = 'X-aws-ec2-metadata-token-ttl-seconds: 60';

/** A local AWS for one cluster, with the secret in its Parameter Store. */
async function startAws(cluster: LabCluster): Promise<{ aws: LocalAws; ssm: SSMClient }> {
  const cloudAssembly = writeAssembly({ Resources: { Role: role('lambda.amazonaws.com') } });
  const aws = await LocalAws.start({ cloudAssembly, nodes: cluster.nodes });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const ssm = new SSMClient({ endpoint: aws.endpoint, region: 'eu-central-1', credentials });
  await ssm.send(new PutParameterCommand({ Name: NAME, Value: SECRET, Type: 'SecureString' }));
  await createSecretReader(ssm);
  return { aws, ssm };
}

/** What curl printed on a node, with the status of the answer in a line of its own. */
const curl = async (node: LabNode, ...options: string[]): Promise<string> =>
  (await node.exec(['curl', '-s', '-w', '\n%{http_code}', ...options])).stdout;

/** The result of the reading step on a node, with this environment. */
async function read(node: LabNode, env: Record<string, string>): Promise<Record<string, string>> {
  const { stdout } = await node.run({
    script: secretReaderScript(),
    env: { AWS_SSM_REGION_NAME: 'eu-central-1', SSM_Name: NAME, ...env },
    timeLimitSeconds: 60,
  });
  return resultOf(stdout);
}

/** Ends with the cluster. */
export const metadata = (lab: () => LabCluster): void =>
  describe('nodes of the lab are instances that read secrets themselves', () => {
    let cluster: LabCluster;
    let other: LabCluster;
    let node: LabNode;
    let aws: LocalAws;
    let otherAws: LocalAws;
    let ssm: SSMClient;

    beforeAll(async () => {
      cluster = lab();
      other = await LabCluster.up({
        name: `${cluster.name}-other`,
        controlPlanes: 1,
        workers: 0,
        createCluster: false,
        networks: { nodes: '10.97' },
      });
      node = cluster.node('cp-1');
      ({ aws, ssm } = await startAws(cluster));
      ({ aws: otherAws } = await startAws(other));
    });

    afterAll(async () => {
      await aws?.stop();
      await otherAws?.stop();
      await other?.down();
    });

    test('a script that Run Command starts inside reads a SecureString as the role of the instance', async () => {
      const { Status, StandardOutputContent } = await readSecret(ssm, node.instanceId, NAME);
      expect(resultOf(StandardOutputContent!)).toEqual({ digest: digestOf(SECRET) });
      expect(Status).toBe('Success');
      expect(aws.usage.apiCalls['ssm:GetParameter']).toBe(1);
    });

    test('the metadata service tells a node its own id, whatever address it claims to have', async () => {
      const claim = ['-H', 'X-Source-Address: 10.87.0.99'];
      const [token] = (await curl(node, '-X', 'PUT', '-H', TTL, ...claim, `${METADATA}/api/token`)).split('\n');
      const withToken = ['-H', `X-aws-ec2-metadata-token: ${token}`, ...claim];
      expect(await curl(node, ...withToken, `${METADATA}/meta-data/instance-id`)).toBe(`${node.instanceId}\n200`);
      expect(await curl(node, `${METADATA}/meta-data/instance-id`)).toMatch(/\n401$/);
    });

    test('a pod gets nothing there', async () => {
      const ask = `curl -s --max-time 5 -w '%{http_code}' -X PUT -H '${TTL}' ${METADATA}/api/token`;
      const inPod = `nsenter --net="/run/netns/$(ls /run/netns | head -n 1)" ${ask} || true`;
      // After a boot pods, and what leads out of them, come a while after the API.
      const said = await until('a pod is answered', async () => {
        const { stdout } = await node.exec(['sh', '-c', `{ ${inPod}; } 2>/dev/null`]);
        return /^[1-9]\d\d$/.test(stdout) && stdout;
      });
      expect(said).toBe('403');
    });

    test("nobody on a node is the account's owner", async () => {
      const answer = await curl(
        node,
        ...['-H', 'X-Amz-Target: AmazonSSM.GetParameter', '-H', 'Content-Type: application/x-amz-json-1.1'],
        ...['-H', 'Authorization: AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/ssm/aws4_request'],
        ...['-d', JSON.stringify({ Name: NAME, WithDecryption: true }), 'http://10.87.0.1:4566/'],
      );
      expect(answer).toMatch(/UnrecognizedClientException.*\n400$/s);
    });

    test("another cluster's AWS is out of reach", async () => {
      const environment = await otherAws.environmentOf(other.nodes[0]!);
      expect(environment).toEqual({ AWS_ENDPOINT_URL: 'http://10.97.0.1:4566' });
      expect(await read(other.node('cp-1'), environment)).toEqual({ digest: digestOf(SECRET) });
      const { message } = await read(node, environment);
      expect(message).toMatch(/^No way from this node to http:\/\/10\.97\.0\.1:4566 \(/);
    });

    test('`lab aws` leaves one running with the app deployed, until Ctrl-C; the cluster stays', async () => {
      await aws.stop();
      const command = ['--import', 'tsx', 'local/commands/lab.ts', 'aws', '--name', cluster.name];
      const child = spawn(process.execPath, command, {
        cwd: resolve(__dirname, '../../..'),
        stdio: ['ignore', 'pipe', 'inherit'],
        timeout: 600_000,
        killSignal: 'SIGKILL',
      });
      const ended = once(child, 'exit');
      try {
        const told = once(createInterface({ input: child.stdout! }), 'line') as Promise<[string]>;
        const [line] = await Promise.race([told, ended.then(([code]) => [`It ended with ${code} before.`])]);
        expect(line).toMatch(/^AWS_ENDPOINT_URL=/);
        const ec2 = new EC2Client({
          endpoint: line.replace(/^AWS_ENDPOINT_URL=/, ''),
          region: 'eu-central-1',
          credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
        });
        const filter = { Name: 'tag:kubeadm-autopilot:cluster', Values: [cluster.name] };
        const { Reservations: found } = await ec2.send(new DescribeInstancesCommand({ Filters: [filter] }));
        expect(
          found!.flatMap(({ Instances }) => Instances!.map(({ InstanceId, State }) => [InstanceId, State!.Name])),
        ).toEqual([[node.instanceId, 'running']]);
        expect(await curl(node, '-X', 'PUT', '-H', TTL, `${METADATA}/api/token`)).toMatch(/\n200$/);
        child.kill('SIGINT');
        expect(await ended).toEqual([130, null]);
      } finally {
        child.kill('SIGKILL');
      }
      expect(await cluster.kubectl('get', 'nodes', '--no-headers')).toMatch(/^cp-1\s+Ready/);
    });

    test('without a local AWS a node is told so; with a new one all is well again', async () => {
      const environment = { AWS_ENDPOINT_URL: node.wayToAws.endpoint };
      const { message } = await read(node, environment);
      expect(message).toBe('The instance metadata service at http://169.254.169.254 gives no token, it answers 503.');
      ({ aws, ssm } = await startAws(cluster));
      expect(await read(node, environment)).toEqual({ digest: digestOf(SECRET) });
    });

    test('down leaves nothing behind, also while a local AWS is running', async () => {
      await cluster.down();
      await other.down();
      expect([...traces(cluster.name), ...traces(other.name)]).toEqual([]);
    });
  });
