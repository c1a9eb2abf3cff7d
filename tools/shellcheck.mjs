// Lints every shell script of the project with shellcheck; says so in one line where shellcheck is not installed.
import { spawnSync } from 'node:child_process';

const listed = spawnSync(
  'git',
  [
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
    '--',
    '*.sh',
    '.ci/run',
    'local/nodes/simulated/stand-ins',
  ],
  { encoding: 'utf8' },
);
const files = listed.stdout.split('\0').filter((file) => file && !/\.(md|ts|mjs|json|awk)$/.test(file));
const result = spawnSync('shellcheck', ['--external-sources', '--severity=style', ...files], { stdio: 'inherit' });
if (result.error)
  console.log(
    'SKIPPED: shellcheck is not installed, so the shell scripts are not linted (Debian and Ubuntu: apt-get install shellcheck).',
  );
process.exit(result.error ? 0 : (result.status ?? 1));
