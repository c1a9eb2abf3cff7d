import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './helpers';

const RUN_SCRIPT = join(__dirname, '../../../../local/nodes/simulated/run-script.ts');

/** Runs a script that starts a process, and prints that one's id. */
function program(folder: string, more = ''): string {
  const run = { script: '#!/bin/sh\nsleep 1000 & echo $!; wait\n', timeLimitSeconds: 1000 };
  return `const { runScript } = require(${JSON.stringify(RUN_SCRIPT)});
    const onOutput = ({ line }) => console.log(line);
    runScript(${JSON.stringify(folder)}, { PATH: process.env.PATH }, { ...${JSON.stringify(run)}, onOutput });
    ${more}`;
}

const isRunning = (pid: number) => {
  try {
    // A zombie is not.
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
};

test.each([
  ['SIGINT', '', null],
  ['SIGTERM', '', null],
  ['SIGHUP', '', null],
  ['SIGTERM', "process.on('SIGTERM', () => setTimeout(() => process.exit(3), 100));", 3],
] as const)('a process that %s ends leaves no script running (%s)', async (signal, more, code) => {
  const folder = mkdtempSync(join(tmpdir(), 'run-script-'));
  const child = spawn(process.execPath, ['--import', 'tsx', '--eval', program(folder, more)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let started = 0;
  try {
    started = await new Promise<number>((found) => child.stdout.once('data', (line) => found(Number(line))));
    expect(isRunning(started)).toBe(true);
    const end = new Promise((ended) => child.once('exit', (...how) => ended(how)));
    child.kill(signal);
    expect(await end).toEqual(code === null ? [null, signal] : [code, null]);
    await until('the script is gone', () => !isRunning(started));
  } finally {
    child.kill('SIGKILL');
    if (started > 0 && isRunning(started)) process.kill(started, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});
