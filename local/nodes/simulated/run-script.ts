import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { OutputLine, ScriptOutcome, ScriptRun } from '../node';

/** Kept of each stream; what comes later is still told line by line. */
const KEPT_CHARACTERS = 4 * 1024 * 1024;
/** A background process that holds the script's stdout is not waited for longer than this. */
const DRAIN_MS = 200;

/** A running script in a process group of its own. */
export interface RunningScript {
  outcome: Promise<ScriptOutcome>;
  /** SIGKILL to the whole group. */
  kill(why: Exclude<ScriptOutcome['ended'], 'exit'>): void;
}

const groups = new Set<number>();
// The last resort when the owner ends without stopping its nodes: the groups would outlive it.
process.on('exit', () => groups.forEach(killGroup));

/** Runs `script` as the SSM agent does: a file of its own, started by a shell and executed by its #! line, without stdin. */
export function runScript(folder: string, environment: Record<string, string>, run: ScriptRun): RunningScript {
  const own = mkdtempSync(join(folder, 'command-'));
  const file = join(own, '_script.sh');
  writeFileSync(file, run.script, { mode: 0o700 });
  const child = spawn('sh', ['-c', file], {
    cwd: own,
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

/** 128 and the signal's number where a signal ended it. */
function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0);
      const drained = setTimeout(() => resolve(exitCode), DRAIN_MS);
      child.once('close', () => {
        clearTimeout(drained);
        resolve(exitCode);
      });
    });
  });
}

/** Returns how to get the text so far; the last line counts even without its line feed. */
function collect(child: ChildProcess, stream: OutputLine['stream'], onOutput?: ScriptRun['onOutput']): () => string {
  const decoder = new StringDecoder('utf8');
  let text = '';
  let unfinished = '';
  child[stream]?.on('data', (chunk: Buffer) => {
    const part = decoder.write(chunk);
    text += part.slice(0, KEPT_CHARACTERS - text.length);
    const lines = (unfinished + part).split('\n');
    unfinished = lines.pop() ?? '';
    for (const line of lines) onOutput?.({ stream, line });
  });
  child[stream]?.on('end', () => {
    if (unfinished) onOutput?.({ stream, line: unfinished });
  });
  return () => text;
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
