import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { whyNoLab } from '../../local/nodes/lab/check-host';
import { DEFAULT_KUBERNETES } from '../../local/nodes/lab/cluster-plan';
import { buildLab } from '../../local/nodes/lab/lab-build';
import { defaultLabFolder } from '../../local/nodes/lab/lab-folder';
import { INSTALLED_FROM, INSTALLED_TO, KUBERNETES } from './helpers/kubernetes-version';

/** `npm run test:lab [-- JEST OPTIONS]`: the tests on real clusters, or one line that says why they cannot be run here. */
async function main(options: string[]): Promise<number> {
  const reason = whyNoLab();
  if (reason) {
    console.log(`SKIPPED: the tests on real clusters were not run: ${reason}.`);
    return 0;
  }
  // Before all tests, because building takes minutes of both cores, and their limits are for clusters.
  const files = options.filter((option) => !option.startsWith('-'));
  const upgradesPackages = files.length === 0 || files.some((file) => 'packages.lab.ts'.includes(file));
  await buildLab(defaultLabFolder(), KUBERNETES.kubernetesVersion ?? DEFAULT_KUBERNETES, {
    packagesOf: upgradesPackages ? [INSTALLED_FROM, INSTALLED_TO] : [],
    onProgress: (line) => console.log(line),
  });
  const jest = join(__dirname, '../../node_modules/.bin/jest');
  const config = join(__dirname, 'jest.config.js');
  return spawnSync(jest, ['--config', config, ...options], { stdio: 'inherit' }).status ?? 1;
}

main(process.argv.slice(2)).then(
  (exitCode) => (process.exitCode = exitCode),
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
