import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CommandFailed } from '../../local/nodes/lab/host-script';
import { KUBERNETES } from './helpers/kubernetes-version';
import { runNodeScript } from './helpers/node-script';
import { OperatedCluster } from './helpers/operated-cluster';
import { SPARING } from './helpers/sparing';

const ARCHIVE = '/root/archive.tar.gz';

/** The commands that the runbook has for it: what it says is what is tried. */
function commandsOfRunbook(): string {
  const runbook = readFileSync(join(__dirname, '../../docs/operator-runbook.md'), 'utf8');
  const section = runbook.split('\n## ').find((text) => text.startsWith('Restore a snapshot of etcd\n'));
  const commands = /^```sh\n([\s\S]*?)^```$/m.exec(section ?? '')?.[1];
  if (!commands) throw new Error('docs/operator-runbook.md has no commands in "Restore a snapshot of etcd".');
  return commands;
}

/** etcd of a real control plane goes back to a snapshot that back-up-etcd has saved, by the commands of the runbook. */
describe('the last way back', () => {
  let lab: OperatedCluster;
  let node: ReturnType<OperatedCluster['node']>;

  beforeAll(async () => {
    lab = await OperatedCluster.up({
      ...{ name: 'restore', controlPlanes: 1, workers: 1, ...KUBERNETES },
      clusterConfiguration: SPARING,
    });
    node = lab.node('cp-1');
    await put('before');
    const { output } = lab.tell('back-up-etcd', await lab.world.runWell('back-up-etcd', { cluster: lab.name }));
    await fetchArchive(output.snapshot);
    await put('after');
    await lab.cluster.kubectl('delete', 'configmap', 'before');
    const said = await node.run({
      script: `#!/bin/bash\nset -ex\ncd /root\n${commandsOfRunbook()}`,
      env: {},
      timeLimitSeconds: 300,
    });
    lab.told.push(`the runbook's commands ended with ${said.exitCode}`, said.stderr);
    expect(said.exitCode).toBe(0);
    await runNodeScript(node, 'wait-until-ready');
  });
  afterAll(() => lab?.down());

  const put = (name: string) => lab.cluster.kubectl('create', 'configmap', name, `--from-literal=is=${name}`);
  const get = (name: string) =>
    lab.cluster.kubectl('get', 'configmap', name, '-o', 'jsonpath={.data.is}').catch((error: Error) => {
      if (!(error instanceof CommandFailed)) throw error;
      return error.output.stderr;
    });

  async function fetchArchive({ bucket, objects }: { bucket: string; objects: { key: string }[] }): Promise<void> {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const s3 = new S3Client({ endpoint: lab.world.aws.endpoint, region: 'eu-central-1', credentials });
    const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: objects[0]!.key }));
    await node.writeFile('/root/archive.base64', await body!.transformToString('base64'));
    await node.exec(['bash', '-c', `base64 -d /root/archive.base64 >${ARCHIVE} && rm /root/archive.base64`]);
    s3.destroy();
  }

  test('what was there when the snapshot was made is there, and what came later is not', async () => {
    expect(await get('before')).toBe('before');
    expect(await get('after')).toContain('NotFound');
  });

  test('the cluster serves: writes, watches, pods', async () => {
    await put('new');
    await lab.cluster.kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=120s');
    await lab.cluster.kubectl('create', 'deployment', 'web', '--image=lab.local/workload:1', '--replicas=2');
    await lab.cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=120s');
  });

  test('etcd is one healthy member, and an operation finds the cluster well', async () => {
    const { output } = lab.tell('plan', await lab.world.runWell('back-up-etcd', { cluster: lab.name, planOnly: true }));
    expect(output.plan.decision).toBe('act');
  });
});
