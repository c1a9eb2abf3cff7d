// node tools/launch.mjs COMMAND [ARGUMENT...]: what every script of package.json starts with, so that a fresh clone needs no further command.
// Installs what package-lock.json pins if that has not been done, and runs COMMAND with a Node.js that is new enough. (The scripts say `exec`, because
// npm passes signals to the shell that it starts, which would end without the launcher.) Plain JavaScript that an old Node.js understands: nothing is
// installed yet when it runs.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chooseNode } from './choose-node.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

// npm puts node_modules/.bin first in PATH, where a platform's package has its `node`: the machine's own is the one that runs npm.
const own = process.env.npm_node_execpath || process.execPath;
const version = execFileSync(own, ['--version'], { encoding: 'utf8' }).trim();
const choice = chooseNode({ version, platform: `${process.platform}-${process.arch}` }, manifest);
if (choice.use === 'none') fail(choice.reason);

install();
const [command, ...options] = process.argv.slice(2);
if (choice.use === 'own') {
  // There it would hide the machine's own from whatever COMMAND starts.
  if (!own.startsWith(realpathSync(modules))) rmSync(join(modules, '.bin', 'node'), { force: true });
  run(own, [join(modules, '.bin')]);
} else {
  const node = join(modules, choice.name, 'bin', 'node');
  if (!existsSync(node))
    fail(
      `Node.js ${version.slice(1)} is too old and the package ${choice.name} is not installed: run "npm ci --include=optional".`,
    );
  run(node, [dirname(node), join(modules, '.bin')]);
}

function install() {
  const lock = join(root, 'package-lock.json');
  const installed = join(modules, '.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  console.error('Installing what package-lock.json pins (once; about half a minute) ...');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (npm.status !== 0)
    fail(
      `"npm ci" ended with ${npm.status ?? npm.signal ?? npm.error.message}: see its message above; then run the same command again.`,
    );
}

/** Runs COMMAND, passes signals on to it, and ends as it ends. */
function run(node, folders) {
  const PATH = [...folders, process.env.PATH].join(delimiter);
  const child = spawn(command === 'node' ? node : command, options, {
    stdio: 'inherit',
    env: { ...process.env, PATH },
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`${command} cannot be run: ${error.message}.`));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
    if (!signal) return;
    for (const each of signals) process.removeAllListeners(each);
    process.kill(process.pid, signal);
  });
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
