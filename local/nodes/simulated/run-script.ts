import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScriptOutcome, ScriptRun } from '../node';
import { collect, exitOf } from '../script-process';

/** A running script in a process group of its own. */
export interface RunningScript {
  outcome: Promise<ScriptOutcome>;
  /** SIGKILL to the whole group. */
  kill(why: Exclude<ScriptOutcome['ended'], 'exit'>): void;
}

const groups = new Set<number>();
// The last resort when the owner ends without stopping its nodes: the groups would outlive it.
process.on('exit', killGroups);
// A signal that nothing handles ends a process without `exit`. Other handlers end it in their own way.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, function end() {
    if (process.listenerCount(signal) > 1) return;
    killGroups();
    process.removeListener(signal, end);
    process.kill(process.pid, signal);
  });

/** Runs `script` as the SSM agent does: a file of its own, started by a shell and executed by its #! line, without stdin. */
export function runScript(folder: string, environment: Record<string, string>, run: ScriptRun): RunningScript {
  const own = mkdtempSync(join(folder, 'command-'));
  const file = join(own, '_script.sh');
  writeFileSync(file, run.script, { mode: 0o700 });
  const child = spawn('sh', ['-c', file], {
    cwd: run.workingDirectory ?? own,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid) groups.add(child.pid);

  let ended: ScriptOutcome['ended'] = 'exit';
  const kill = (why: Exclude<ScriptOutcome['ended'], 'exit'>) => {
    if (ended !== 'exit' || child.exitCode !== null || child.signalCode !== null || !child.pid) return;
    ended = why;
    killGroup(child.pid);
  };
  const timer = setTimeout(() => kill('time-limit'), run.timeLimitSeconds * 1000);
  const cancel = () => kill('cancelled');
  if (run.signal?.aborted) cancel();
  run.signal?.addEventListener('abort', cancel, { once: true });

  const stdout = collect(child, 'stdout', run.onOutput);
  const stderr = collect(child, 'stderr', run.onOutput);
  const outcome = exitOf(child).then((exitCode) => {
    clearTimeout(timer);
    run.signal?.removeEventListener('abort', cancel);
    // Whatever the script left running in its group ends with it.
    if (child.pid) {
      killGroup(child.pid);
      groups.delete(child.pid);
    }
    rmSync(own, { recursive: true, force: true });
    return { exitCode, stdout: stdout(), stderr: stderr(), ended };
  });
  return { outcome, kill };
}

function killGroups(): void {
  groups.forEach(killGroup);
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
