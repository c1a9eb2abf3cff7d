import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalAws } from '../local-aws';
import type { LocalAwsOptions } from '../local-aws';
import { createDemoCluster } from '../nodes/simulated/demo-cluster';
import type { SimulatedCluster } from '../nodes/simulated/simulated-cluster';
import type { CleanUp } from './interrupt';
import { synthesise } from './synthesise';

export interface LocalCluster {
  aws: LocalAws;
  cluster: SimulatedCluster;
  /** Everything that this run keeps on disk; removed at its end. */
  folder: string;
}

/** The app, synthesised and running on this machine, with the simulated cluster `demo`. `cleanUp` ends and removes all of it. */
export async function startLocalCluster(
  cleanUp: CleanUp,
  options: Pick<LocalAwsOptions, 'port' | 'onNodeOutput'> & { onProgress?(what: string): void } = {},
): Promise<LocalCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'kubeadm-autopilot-'));
  cleanUp.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

  options.onProgress?.('synthesising the CDK app and making certificates');
  const cloudAssembly = join(folder, 'cdk.out');
  // A file of its own: whoever deploys replaces clusters/demo.yaml by their clusters. Every other field has its default.
  const clusters = join(folder, 'clusters');
  await mkdir(clusters);
  await writeFile(join(clusters, 'demo.yaml'), 'cluster: demo\n');
  const [cluster] = await Promise.all([createDemoCluster(join(folder, 'nodes')), synthesise(cloudAssembly, clusters)]);
  cleanUp.add(() => cluster.stop());
  await cluster.start();

  options.onProgress?.('starting the local AWS');
  const aws = await LocalAws.start({
    cloudAssembly,
    nodes: cluster.nodes,
    port: options.port,
    onNodeOutput: options.onNodeOutput,
  });
  cleanUp.add(() => aws.stop());
  return { aws, cluster, folder };
}
