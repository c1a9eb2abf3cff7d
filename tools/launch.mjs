// node tools/launch.mjs COMMAND [ARGUMENT...]: what every script of package.json starts with, so that a fresh clone needs no further command.
// Installs what package-lock.json pins if that has not been done, and runs COMMAND with a Node.js that is new enough. (The scripts say `exec`, because
// npm passes signals to the shell that it starts, which would end without the launcher.) Plain JavaScript that an old Node.js understands: nothing is
// installed yet when it runs.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chooseNode } from './choose-node.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const bin = join(modules, '.bin');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

// The one that runs npm; the first in PATH is not it, because npm puts node_modules/.bin there, where a platform's package has its `node`.
const own = process.env.npm_node_execpath || process.execPath;
const version = execFileSync(own, ['--version'], { encoding: 'utf8' }).trim();
const choice = chooseNode({ version, platform: `${process.platform}-${process.arch}` }, manifest);
if (choice.use === 'none') fail(choice.reason);

install();
const [command, ...options] = process.argv.slice(2);
if (choice.use === 'own') run(own);
else {
  const node = join(modules, choice.name, 'bin', 'node');
  if (!existsSync(node))
    fail(
      `Node.js ${version.slice(1)} is too old and the package ${choice.name} is not installed: run "npm ci --include=optional".`,
    );
  run(node);
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

/** Runs COMMAND, of node_modules/.bin where it is there, passes signals on to it, and ends as it ends. */
function run(node) {
  const installed = join(bin, command);
  const program = command === 'node' ? node : existsSync(installed) ? installed : command;
  const child = spawn(program, options, {
    stdio: 'inherit',
    env: { ...process.env, PATH: pathWith(node) },
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

/**
 * PATH in which `node` is the one that is given: its folder goes before the first that has another, no further, because it may be one that
 * is full of programs. node_modules/.bin goes last: its `node` would hide the machine's own.
 */
function pathWith(node) {
  const isBin = (folder) => existsSync(folder) && realpathSync(folder) === realpathSync(bin);
  const folders = process.env.PATH.split(delimiter).filter((folder) => !isBin(folder));
  const first = folders.findIndex((folder) => existsSync(join(folder, 'node')));
  folders.splice(first < 0 ? folders.length : first, 0, dirname(node));
  return [...folders, bin].join(delimiter);
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
