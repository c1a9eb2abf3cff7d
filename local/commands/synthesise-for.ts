import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { synthesise } from './synthesise';

/** Synthesises the app in `folder` with a configuration for each of these clusters; resolves to the cloud assembly's folder. */
export async function synthesiseFor(clusters: string[], folder: string): Promise<string> {
  const cloudAssembly = join(folder, 'cdk.out');
  // Files of their own: whoever deploys replaces clusters/demo.yaml by their clusters. Every other field has its default, but for the load
  // balancer: those here hear at once that a control plane leaves.
  const configurations = join(folder, 'clusters');
  await mkdir(configurations);
  await Promise.all(
    clusters.map((cluster) =>
      writeFile(join(configurations, `${cluster}.yaml`), `cluster: ${cluster}\nloadBalancer:\n  settleSeconds: 1\n`),
    ),
  );
  await synthesise(cloudAssembly, configurations);
  return cloudAssembly;
}
