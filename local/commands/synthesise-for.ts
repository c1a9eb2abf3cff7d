import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { synthesise } from './synthesise';

/** A workspace of Slack that is heard, and who there may do what. */
export interface SlackSettings {
  workspace: string;
  /** As `chat.rights` of a cluster's settings. */
  rights: object[];
}

/** Synthesises the app in `folder` with a configuration for each of these clusters; resolves to the cloud assembly's folder. */
export async function synthesiseFor(clusters: string[], folder: string, slack?: SlackSettings): Promise<string> {
  const cloudAssembly = join(folder, 'cdk.out');
  // Files of their own: whoever deploys replaces clusters/demo.yaml by their clusters. Every other field has its default, but for the load
  // balancer: those here hear at once that a control plane leaves.
  const configurations = join(folder, 'clusters');
  await mkdir(configurations);
  await Promise.all(
    clusters.map((cluster) =>
      writeFile(
        join(configurations, `${cluster}.yaml`),
        `cluster: ${cluster}\nloadBalancer:\n  settleSeconds: 1\nchat:\n  rights: ${JSON.stringify(slack?.rights ?? [])}\n`,
      ),
    ),
  );
  const chat = join(folder, 'chat.yaml');
  if (slack) await writeFile(chat, `slack:\n  workspace: ${slack.workspace}\n`);
  await synthesise(cloudAssembly, configurations, chat);
  return cloudAssembly;
}
