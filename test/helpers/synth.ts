import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
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
const DAY_MS = 24 * 60 * 60 * 1000;

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
  const folder = join(CACHE, hashOf(SOURCES.map((source) => join(PROJECT, source))));
  if (!existsSync(folder)) {
    mkdirSync(CACHE, { recursive: true });
    oneAtATime(
      `${folder}.lock`,
      () => existsSync(folder),
      () => synthesise(folder),
    );
  }
  utimesSync(folder, new Date(), new Date());
  return folder;
}

function synthesise(folder: string): void {
  forgetOld();
  const unfinished = mkdtempSync(join(CACHE, 'unfinished-'));
  const { status, output } = runApp({ folder: unfinished });
  if (status !== 0) {
    rmSync(unfinished, { recursive: true });
    throw new Error(`The app did not synthesise (exit code ${status}):\n${output}`);
  }
  try {
    renameSync(unfinished, folder);
  } catch {
    // Somebody else has been quicker; the assembly is the same.
    rmSync(unfinished, { recursive: true });
  }
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

function hashOf(paths: string[]): string {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesIn)) hash.update(path).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex').slice(0, 20);
}

function filesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesIn(join(path, name)));
}

function forgetOld(): void {
  for (const name of readdirSync(CACHE)) {
    // Another worker may just have renamed it.
    const found = statSync(join(CACHE, name), { throwIfNoEntry: false });
    if (found && Date.now() - found.mtimeMs > DAY_MS) rmSync(join(CACHE, name), { recursive: true, force: true });
  }
}
