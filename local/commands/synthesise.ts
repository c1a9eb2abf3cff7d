import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const PROJECT = resolve(__dirname, '../..');

/**
 * Runs the CDK app as `cdk synth` does and leaves its cloud assembly in `folder`.
 * @param clusters folder with the clusters/*.yaml to use; the project's own by default.
 * @param chat the chat.yaml to use; one that does not exist is as none.
 * @throws Error with what the app said when it did not synthesise (a mistake in a cluster's YAML file, for example).
 */
export async function synthesise(folder: string, clusters = join(PROJECT, 'clusters'), chat?: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const app = spawn(process.execPath, ['--import', 'tsx', 'bin/kubeadm-autopilot.ts'], {
    cwd: PROJECT,
    env: {
      ...process.env,
      CDK_OUTDIR: folder,
      CDK_CONTEXT_JSON: JSON.stringify({ ...(await cdkContext()), clusters, ...(chat !== undefined && { chat }) }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [app.stdout, app.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((done, fail) => app.on('error', fail).on('close', done));
  if (code !== 0) throw new Error(`The app did not synthesise (exit code ${code}):\n${said.trim()}`);
}

/** The context (feature flags) that the CDK command line would read from cdk.json. */
async function cdkContext(): Promise<Record<string, unknown>> {
  const { context } = (await import(join(PROJECT, 'cdk.json'))) as { context?: Record<string, unknown> };
  return context ?? {};
}
