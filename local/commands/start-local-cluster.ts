import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalAws } from '../local-aws';
import type { LocalAwsOptions } from '../local-aws';
import { createDemoCluster } from '../nodes/simulated/demo-cluster';
import type { SimulatedCluster } from '../nodes/simulated/simulated-cluster';
import type { CleanUp } from './interrupt';
import { synthesiseFor, type SlackSettings } from './synthesise-for';

export interface LocalCluster {
  aws: LocalAws;
  cluster: SimulatedCluster;
  /** Everything that this run keeps on disk; removed at its end. */
  folder: string;
}

/** The app, synthesised and running on this machine, with the simulated cluster `demo`. `cleanUp` ends and removes all of it. */
export async function startLocalCluster(
  cleanUp: CleanUp,
  options: Pick<LocalAwsOptions, 'port' | 'onNodeOutput'> & {
    onProgress?(what: string): void;
    /** With a stand-in of Slack at this address. */
    slack?: SlackSettings & { address: string };
  } = {},
): Promise<LocalCluster> {
  const folder = await temporaryFolder(cleanUp);

  options.onProgress?.('synthesising the CDK app and making certificates');
  const [cluster, cloudAssembly] = await Promise.all([
    createDemoCluster(join(folder, 'nodes')),
    synthesiseFor(['demo'], folder, options.slack),
  ]);
  cleanUp.add(() => cluster.stop());
  await cluster.start();

  options.onProgress?.('starting the local AWS');
  const aws = await LocalAws.start({
    cloudAssembly,
    nodes: cluster.nodes,
    targetGroups: cluster.targetGroup ? [cluster.targetGroup] : [],
    port: options.port,
    onNodeOutput: options.onNodeOutput,
    ...(options.slack && { functionEnvironment: { SLACK_STAND_IN: options.slack.address } }),
  });
  cleanUp.add(() => aws.stop());
  return { aws, cluster, folder };
}

/** A folder for the files of this run; `cleanUp` removes it. */
export async function temporaryFolder(cleanUp: CleanUp): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kubeadm-autopilot-'));
  cleanUp.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
