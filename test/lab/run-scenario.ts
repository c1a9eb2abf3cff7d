import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import type { Scenario } from './scenarios';
import { isClusterOf } from './scenarios';
import type { Attempt, JestEnd, JestResult } from './verdict';
import { failureOf } from './verdict';

const JEST = join(__dirname, '../../node_modules/jest/bin/jest.js');
const CONFIG = join(__dirname, 'jest.config.js');
const GUARD_LIMIT_MS = 60_000;
const OUTPUT_LIMIT_MS = 5_000;

/**
 * Runs a scenario once: a Jest of its own in a process group of its own, each line of whose output is printed at once with its name in front.
 * At its time limit, or when the signal is given, the group is killed. Whatever happened, no cluster of the scenario is left.
 */
export async function runScenario(scenario: Scenario, jestOptions: string[], stop: AbortSignal): Promise<Attempt> {
  const { name, limitMinutes } = scenario;
  const folder = mkdtempSync(join(tmpdir(), `lab-${name}-`));
  const output = join(folder, 'result.json');
  const file = join(__dirname, `${name}.lab.ts`);
  const jest = [JEST, '--config', CONFIG, '--runInBand', '--json', '--outputFile', output, '--runTestsByPath', file];
  const started = Date.now();
  // It dies with this process, however that ends; its guards then remove its clusters.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, ...jest, ...jestOptions], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = Promise.all([child.stdout, child.stderr].map((from) => printLines(name, from)));
  let limitReached = false;
  const kill = (): void => endGroup(child.pid);
  const timer = setTimeout(() => {
    limitReached = true;
    kill();
  }, limitMinutes * 60_000);
  stop.addEventListener('abort', kill, { once: true });
  const end = await new Promise<JestEnd>((resolve) => {
    child.once('error', resolve);
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'SIGKILL'));
  });
  clearTimeout(timer);
  stop.removeEventListener('abort', kill);
  endGroup(child.pid);
  await takeDown(name);
  // A process that has left the group may hold the output open.
  await Promise.race([printed, delay(OUTPUT_LIMIT_MS, undefined, { ref: false })]);
  const seconds = (Date.now() - started) / 1000;
  const failure = limitReached ? `killed at its time limit of ${limitMinutes} minutes` : failureOf(end, read(output));
  rmSync(folder, { recursive: true, force: true });
  return { seconds, failure };
}

async function printLines(name: string, from: Readable): Promise<void> {
  for await (const line of createInterface({ input: from })) console.log(`${name} | ${line}`);
}

function read(output: string): JestResult | undefined {
  try {
    return JSON.parse(readFileSync(output, 'utf8')) as JestResult;
  } catch {
    return undefined;
  }
}

/** Jest's process group, or what the tests have left in it. */
function endGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGKILL');
  } catch {
    // Nothing is left.
  }
}

/** Each cluster has a guard that removes it as soon as its owner has ended; what is there after a while is removed here. */
async function takeDown(scenario: string): Promise<void> {
  const left = async (): Promise<string[]> =>
    (await LabCluster.allNames()).filter((name) => isClusterOf(scenario, name));
  for (const end = Date.now() + GUARD_LIMIT_MS; Date.now() < end && (await left()).length > 0;) await delay(500);
  for (const name of await left()) await LabCluster.remove(name);
}
