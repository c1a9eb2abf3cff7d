import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Node, ScriptOutcome, ScriptRun } from '../node';
import { collect, exitOf } from '../script-process';
import { ScriptGroup } from './script-group';

/** What of a node a script needs to run on it. */
interface ScriptHost extends Pick<Node, 'instanceId' | 'isOn'> {
  /** A command line that runs `command` inside. */
  commandInside(command: string[]): string[];
}

/** As the SSM agent runs a script: a file of its own, executed by its #! line, without stdin, in a process group that is killed as a whole. */
export async function runScriptInNode(
  node: ScriptHost,
  fileOnNode: (path: string) => string,
  run: ScriptRun,
  powerOff: AbortSignal,
): Promise<ScriptOutcome> {
  const script = `/var/lib/amazon/ssm/${node.instanceId}/document/orchestration/${randomUUID()}/awsrunShellScript/run/_script.sh`;
  const file = fileOnNode(script);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, run.script, { mode: 0o700 });

  const variables = Object.entries(run.env).map(([name, value]) => `${name}=${value}`);
  const folder = run.workingDirectory === undefined ? [] : [`--chdir=${run.workingDirectory}`];
  const environment = ['/usr/bin/env', ...folder, ...variables];
  const [program, ...args] = node.commandInside(['setsid', ...environment, '/bin/sh', '-c', script]);
  const child = spawn(program!, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });

  const group = new ScriptGroup(child);

  let ended: ScriptOutcome['ended'] = 'exit';
  const kill = (why: ScriptOutcome['ended']): void => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    ended = why;
    group.kill();
  };
  const timer = setTimeout(() => kill('time-limit'), run.timeLimitSeconds * 1000);
  const cancel = (): void => kill('cancelled');
  if (run.signal?.aborted) cancel();
  run.signal?.addEventListener('abort', cancel, { once: true });
  const losePower = (): void => kill('power-off');
  powerOff.addEventListener('abort', losePower, { once: true });
  const endWithOwner = (): void => group.kill();
  process.once('exit', endWithOwner);

  const stdout = collect(child, 'stdout', run.onOutput);
  const stderr = collect(child, 'stderr', run.onOutput);
  try {
    const exitCode = await exitOf(child);
    if (ended === 'exit' && !node.isOn) ended = 'power-off'; // switched off by another process
    return { exitCode, stdout: stdout(), stderr: stderr(), ended };
  } finally {
    clearTimeout(timer);
    run.signal?.removeEventListener('abort', cancel);
    powerOff.removeEventListener('abort', losePower);
    process.off('exit', endWithOwner);
    group.kill(); // whatever the script left running in its group
    if (node.isOn) await rm(dirname(dirname(dirname(file))), { recursive: true, force: true });
  }
}
