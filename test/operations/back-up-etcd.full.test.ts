import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Loose } from './helpers/world';
import { World } from './helpers/world';

let world: World;
let s3: S3Client;
beforeAll(async () => {
  world = await World.start();
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  s3 = new S3Client({ endpoint: world.aws.endpoint, region: 'eu-central-1', credentials });
});
afterAll(async () => {
  s3?.destroy();
  await world?.stop();
});

test('the whole road: script, URL, bucket, proof; the URL is in nothing that is kept', async () => {
  const cluster = await world.cluster('saved', { controlPlanes: 2 });
  const { arn, output } = await world.runWell('back-up-etcd', { cluster: 'saved' });
  expect(output.snapshot.objects.map(({ name }: Loose) => name)).toEqual(['cp-1', 'cp-2']);

  for (const { name, key, bytes, etcd } of output.snapshot.objects) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: output.snapshot.bucket, Key: key }));
    const archive = await Body!.transformToByteArray();
    expect(archive).toHaveLength(bytes);
    const { stdout } = spawnSync('tar', ['-tzf', '-'], { input: archive, encoding: 'utf8' });
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['node/etc/kubernetes/pki/ca.key']));
    expect(stdout.includes('snapshot.db')).toBe(etcd !== undefined);
    expect(existsSync(join(cluster.node(name).root, 'var/lib/etcd/kubeadm-autopilot-snapshot'))).toBe(false);
  }
  const kept = JSON.stringify([await world.history(arn), world.lines, world.logs, world.events]);
  expect(kept).not.toMatch(/X-Amz-Signature/i);
  for (const node of cluster.nodes) {
    const found = spawnSync('grep', ['-rlI', 'X-Amz-Signature', node.root], { encoding: 'utf8' });
    expect(found.stdout).toBe('');
  }
  expect(world.problems).toEqual([]);
});
