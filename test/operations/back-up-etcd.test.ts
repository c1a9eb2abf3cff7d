import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParametersByPathCommand } from '@aws-sdk/client-ssm';
import { failure, done } from '../../local/nodes/scripted/outcomes';
import type { Loose } from './helpers/world';
import { World } from './helpers/world';

let world: World;
let s3: S3Client;
beforeAll(async () => {
  world = await World.startScripted();
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  s3 = new S3Client({ endpoint: world.aws.endpoint, region: 'eu-central-1', credentials });
});
afterAll(async () => {
  s3?.destroy();
  await world?.stop();
});
afterEach(() => {
  world.onCall = undefined;
  expect(world.problems).toEqual([]);
});

/** Names of the secrets that a cluster's executions have left. */
async function secretsOf(cluster: string): Promise<string[]> {
  const path = `/kubeadm-autopilot/secrets/${cluster}`;
  const { Parameters: left = [] } = await world.ssm.send(new GetParametersByPathCommand({ Path: path }));
  return left.map(({ Name }) => Name!);
}

test('three control planes: saved on one that does not lead, read back, reported; nothing secret is left or told', async () => {
  const cluster = world.scriptedCluster('three', { controlPlanes: 3 });
  const since = world.events.length;
  const { arn, output } = await world.runWell('back-up-etcd', { cluster: 'three' });

  const etcdOn = output.plan.etcdOn.name;
  expect(cluster.node(etcdOn)).not.toBe(cluster.etcd.leader);
  expect(output.snapshot.objects.map(({ name, etcd }: Loose) => [name, etcd?.revision])).toEqual(
    ['cp-1', 'cp-2', 'cp-3'].map((name) => [name, name === etcdOn ? 4711 : undefined]),
  );
  for (const { name, key, versionId, bytes } of output.snapshot.objects) {
    expect(key).toMatch(new RegExp(`^etcd-snapshots/30-days/three/\\d{8}T\\d{6}Z/${name}-i-[0-9a-f]+\\.tar\\.gz$`));
    const { Body, ContentLength } = await s3.send(
      new GetObjectCommand({ Bucket: output.snapshot.bucket, Key: key, VersionId: versionId }),
    );
    expect([await Body!.transformToString(), ContentLength]).toEqual([`The archive of ${name}\n`, bytes]);
  }
  expect(output.summary).toMatch(/^etcd of three is saved at revision 4711 \(765 keys, from cp-\d\)/);
  expect(world.onBus(since).filter(([type]) => !['Node Progress', 'Report Written'].includes(type))).toEqual([
    ['Etcd Backed Up', expect.objectContaining({ cluster: 'three', summary: output.summary })],
  ]);

  expect(await secretsOf('three')).toEqual([]);
  expect(await world.lockHolder('three')).toBeUndefined();
  const told = JSON.stringify([await world.history(arn), world.lines, world.logs, world.events]);
  expect(told).not.toMatch(/X-Amz-Signature/i);
});

test('planOnly tells the plan, and changes nothing', async () => {
  world.scriptedCluster('planned', { controlPlanes: 2 });
  const since = world.calls.length;
  const { output } = await world.runWell('back-up-etcd', { cluster: 'planned', planOnly: true });
  expect(output.plan).toMatchObject({ decision: 'act', kind: 'snapshot', etcdOn: expect.anything() });
  expect(output.snapshot).toBeUndefined();
  expect(world.sent(since)).toEqual(['inspect-control-plane to cp-1, cp-2']);
});

test('what the bucket has is not what the node saved: not proven, and said so', async () => {
  const cluster = world.scriptedCluster('other-bytes');
  world.onCall = async (call, next) => {
    const answer = await next();
    if (call.action === 'PutObject') {
      const { Bucket, Key } = call.input as { Bucket: string; Key: string };
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'something else' }));
    }
    return answer;
  };
  const ended = await world.run('back-up-etcd', { cluster: 'other-bytes' });
  expect(ended).toMatchObject({ status: 'FAILED', error: 'SnapshotNotProven' });
  expect(ended.cause).toMatch(
    /^The snapshot of other-bytes is not proven: .* has 14 bytes .* cp-1 says that it uploaded 20 /,
  );
  expect(await world.lockHolder(cluster.name)).toBeUndefined();
});

test('a node says that it uploaded, and there is no such object', async () => {
  const cluster = world.scriptedCluster('no-object');
  cluster.onStep = async ({ step, node }, next) => {
    const answer = next();
    if (step === 'back-up-etcd') node.archive = undefined;
    return answer;
  };
  const ended = await world.run('back-up-etcd', { cluster: 'no-object' });
  expect(ended).toMatchObject({ status: 'FAILED', error: 'SnapshotNotProven' });
  expect(ended.cause).toContain('there is no such object');
});

test('the step fails on a node: the URLs go, and it is told', async () => {
  const cluster = world.scriptedCluster('failing', { controlPlanes: 2 });
  cluster.onStep = async ({ step, node }, next) => {
    if (step !== 'back-up-etcd' || node.name !== 'cp-2') return next();
    return failure('upload the archive', 'S3 did not take the archive, it answers 503.');
  };
  const ended = await world.run('back-up-etcd', { cluster: 'failing' });
  expect(ended).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed' });
  expect(ended.cause).toMatch(/cp-2.*S3 did not take the archive/);
  expect(await secretsOf('failing')).toEqual([]);
});

test('stopped while the nodes are at work: the URLs go, and a redrive makes new ones', async () => {
  const cluster = world.scriptedCluster('stopped');
  const secrets: string[] = [];
  let arn = '';
  cluster.onStep = async ({ step, parameters }, next) => {
    if (step !== 'back-up-etcd') return next();
    secrets.push(parameters['Secret']!);
    if (secrets.length === 1) await world.stopExecution(arn);
    return next();
  };
  arn = await world.start('back-up-etcd', { cluster: 'stopped' });
  expect((await world.end(arn)).status).toBe('ABORTED');
  await world.passUntil(async () => (await secretsOf('stopped')).length === 0);
  await world.passUntil(async () => (await world.lockHolder('stopped')) === undefined);

  await world.redrive(arn);
  const { output } = await world.succeeded(arn);
  expect(output.snapshot.objects).toHaveLength(1);
  expect(secrets).toHaveLength(2);
  expect((await world.entered(arn)).filter((state) => state === 'Prepare the uploads')).toHaveLength(2);
  expect(await secretsOf('stopped')).toEqual([]);
});

test('no healthy member: a gate says no, and no node is asked to save anything', async () => {
  const cluster = world.scriptedCluster('no-etcd');
  cluster.onStep = async ({ step }, next) => {
    const answer = next();
    if (step !== 'inspect-control-plane') return answer;
    const result = JSON.parse(answer.stdout.replace(/^\S+ /, '')) as Loose;
    return done({ ...result, etcd: { ...result.etcd, healthy: false, reason: 'it has no leader', members: [] } });
  };
  const since = world.calls.length;
  const ended = await world.run('back-up-etcd', { cluster: 'no-etcd' });
  expect(ended).toMatchObject({ status: 'FAILED', error: 'GateRefused' });
  expect(ended.cause).toBe(
    'etcd of no-etcd is not backed up: No control plane of no-etcd has a healthy member of etcd (cp-1: it has no leader), and a snapshot needs one. Repair etcd first, see "A dead cluster" in the runbook.',
  );
  expect(world.sent(since)).toEqual(['inspect-control-plane to cp-1']);
});
