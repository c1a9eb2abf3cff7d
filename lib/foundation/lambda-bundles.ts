import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { cachedFolder } from './cached-folder';

const PROJECT = resolve(__dirname, '../..');
const LAMBDAS = join(PROJECT, 'lambdas');

let bundles: string | undefined;

/**
 * Folder with the bundled code of lambdas/functions/<name>/handler.ts as index.js. All Lambdas are bundled by one run of esbuild, the first time
 * that one of them is asked for: one run for each (as NodejsFunction does) takes ten times as long. Bundles of the same sources are kept:
 * tests and commands synthesise the app again and again.
 */
export function lambdaBundle(name: string): string {
  bundles ??= cachedFolder({
    cache: join(PROJECT, 'node_modules/.cache/lambda-bundles'),
    // The sources, the packages, and how bundles are made, which is this file.
    sources: [LAMBDAS, join(PROJECT, 'package-lock.json'), __filename],
    make: bundleAll,
  });
  return join(bundles, name);
}

function bundleAll(folder: string): void {
  const functions = join(LAMBDAS, 'functions');
  const names = readdirSync(functions, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && readdirSync(join(functions, entry.name)).includes('handler.ts'))
    .map((entry) => entry.name);
  buildSync({
    entryPoints: names.map((name) => ({ in: join(functions, name, 'handler.ts'), out: `${name}/index` })),
    outdir: folder,
    absWorkingDir: PROJECT,
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
}
