import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import type { Scenario } from './scenarios';
import type { Attempt, JestResult } from './verdict';
import { firstFailure } from './verdict';

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
  const kill = (): void => void process.kill(-child.pid!, 'SIGKILL');
  const timer = setTimeout(() => {
    limitReached = true;
    kill();
  }, limitMinutes * 60_000);
  stop.addEventListener('abort', kill, { once: true });
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  clearTimeout(timer);
  stop.removeEventListener('abort', kill);
  endGroup(child.pid!);
  await takeDown(name);
  // A process that has left the group may hold the output open.
  await Promise.race([printed, delay(OUTPUT_LIMIT_MS, undefined, { ref: false })]);
  const seconds = (Date.now() - started) / 1000;
  const failure = limitReached ? `killed at its time limit of ${limitMinutes} minutes` : failureOf(output, code);
  rmSync(folder, { recursive: true, force: true });
  return { seconds, failure };
}

async function printLines(name: string, from: Readable): Promise<void> {
  for await (const line of createInterface({ input: from })) console.log(`${name} | ${line}`);
}

function failureOf(output: string, exitCode: number | null): string | undefined {
  try {
    return firstFailure(JSON.parse(readFileSync(output, 'utf8')) as JestResult);
  } catch {
    return `Jest ended with ${exitCode ?? 'SIGKILL'} and wrote no result`;
  }
}

/** What the tests have left in Jest's process group. */
function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nothing is left.
  }
}

/** Each cluster has a guard that removes it as soon as its owner has ended; what is there after a while is removed here. */
async function takeDown(scenario: string): Promise<void> {
  const left = async (): Promise<string[]> =>
    (await LabCluster.allNames()).filter((name) => name === scenario || name.startsWith(`${scenario}-`));
  for (const end = Date.now() + GUARD_LIMIT_MS; Date.now() < end && (await left()).length > 0;) await delay(500);
  for (const name of await left()) await LabCluster.remove(name);
}
