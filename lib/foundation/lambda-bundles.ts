import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';

const LAMBDAS = resolve(__dirname, '../../lambdas/functions');

let bundles: string | undefined;

/**
 * Folder with the bundled code of lambdas/functions/<name>/handler.ts as index.js. All Lambdas are bundled by one run of esbuild, the first time
 * that one of them is asked for: one run for each (as NodejsFunction does) takes ten times as long.
 */
export function lambdaBundle(name: string): string {
  bundles ??= bundleAll();
  return join(bundles, name);
}

function bundleAll(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kubeadm-autopilot-lambdas-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const names = readdirSync(LAMBDAS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && readdirSync(join(LAMBDAS, entry.name)).includes('handler.ts'))
    .map((entry) => entry.name);
  buildSync({
    entryPoints: names.map((name) => ({ in: join(LAMBDAS, name, 'handler.ts'), out: `${name}/index` })),
    outdir: folder,
    absWorkingDir: resolve(__dirname, '../..'),
    bundle: true,
    platform: 'node',
    // As the runtime of the functions: NODEJS_24_X.
    target: 'node24',
    // Prefer ES modules of the SDK: what is not used can then be left out.
    mainFields: ['module', 'main'],
    minify: true,
    // Names of functions and classes stay, so that stack traces are readable without source maps, which would slow down every cold start.
    keepNames: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  return folder;
}
