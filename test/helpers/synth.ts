import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cachedFolder, cachedPath } from '../../lib/foundation/cached-folder';
import { oneAtATime } from './one-at-a-time';

const PROJECT = resolve(__dirname, '../..');
const CACHE = join(PROJECT, 'node_modules/.cache/cloud-assemblies');
/** What the app reads when it is synthesised. */
const SOURCES = [
  'bin',
  'clusters',
  'lib',
  'lambdas',
  'scripts',
  'cdk.json',
  'package-lock.json',
  'test/helpers/chat.yaml',
];
/** With everything that can be switched on. */
const CHAT = join(PROJECT, 'test/helpers/chat.yaml');

/**
 * Folder with the cloud assembly of the app as it is now. Synthesised once for the same sources, by whichever test file comes first:
 * the folder is shared and must not be changed.
 */
export function cloudAssembly(): string {
  // One and the same for the whole test file, also when somebody edits the sources meanwhile.
  return (assembly ??= cached());
}

let assembly: string | undefined;

function cached(): string {
  const sources = SOURCES.map((source) => join(PROJECT, source));
  const folder = cachedPath(CACHE, sources);
  // Whoever comes while it is made waits: making it once more takes longer.
  if (!existsSync(folder)) {
    mkdirSync(CACHE, { recursive: true });
    oneAtATime(
      `${folder}.lock`,
      () => existsSync(folder),
      () => cachedFolder({ cache: CACHE, sources, make: synthesise }),
    );
  }
  return cachedFolder({ cache: CACHE, sources, make: synthesise });
}

function synthesise(folder: string): void {
  const { status, output } = runApp({ folder });
  if (status !== 0) throw new Error(`The app did not synthesise (exit code ${status}):\n${output}`);
}

/** Runs a program of the project as `cdk synth` would: the CDK app itself by default. */
export function runApp({
  folder,
  clusters,
  program = 'bin/kubeadm-autopilot.ts',
}: {
  folder: string;
  clusters?: string;
  program?: string;
}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', program], {
    cwd: PROJECT,
    env: {
      ...process.env,
      CDK_OUTDIR: folder,
      CDK_CONTEXT_JSON: JSON.stringify({ chat: CHAT, ...(clusters && { clusters }) }),
    },
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}
