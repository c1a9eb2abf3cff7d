import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** From SIGTERM, at which scripts clean up, to SIGKILL. */
const GRACE_MS = 5_000;

/** The shell scripts that work on this machine for the lab; scripts inside nodes go another way (LabNode.run). */
export const hostScript = (name: string): string => join(__dirname, 'host', `${name}.sh`);

export interface CommandOptions {
  /** Each line of stderr, as soon as it is there. */
  onLine?(line: string): void;
  /** When it is aborted the command is ended, with all that it started: it leads a process group of its own then. */
  signal?: AbortSignal;
}

/** What a command printed. */
export interface CommandOutput {
  stdout: string;
  stderr: string;
}

export class CommandFailed extends Error {
  constructor(
    readonly command: string[],
    readonly exitCode: number | NodeJS.Signals,
    readonly output: CommandOutput,
  ) {
    // Last what went to stderr: kubeadm's help and progress on stdout are longer than what is kept.
    const said = `${output.stdout.trim()}\n${output.stderr.trim()}`.trim().split('\n').slice(-15).join('\n');
    super(`"${command.join(' ')}" ended with ${exitCode}: ${said || 'it said nothing.'}`);
    this.name = 'CommandFailed';
  }
}

/** Runs a command of this machine to its end. Rejects with CommandFailed unless it ends with 0. */
export function runCommand(command: string[], { onLine, signal }: CommandOptions = {}): Promise<CommandOutput> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(command[0]!, command.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: signal !== undefined,
    });
    let graceEnds: NodeJS.Timeout | undefined;
    const stop = () => {
      killGroup(child, 'SIGTERM');
      graceEnds = setTimeout(() => killGroup(child, 'SIGKILL'), GRACE_MS);
    };
    signal?.addEventListener('abort', stop, { once: true });
    const output: CommandOutput = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    if (onLine) createInterface({ input: child.stderr }).on('line', onLine);
    child.once('error', reject);
    child.once('close', (code, ended) => {
      signal?.removeEventListener('abort', stop);
      clearTimeout(graceEnds);
      if (code === 0) resolve(output);
      else reject(new CommandFailed(command, code ?? ended ?? 'SIGKILL', output));
    });
  });
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}

export const runHostScript = (name: string, args: string[], options?: CommandOptions): Promise<CommandOutput> =>
  runCommand([hostScript(name), ...args], options);

/** Starts a process that outlives this one; what it says is appended to `log`, also that it cannot be started. */
export function startInBackground(command: string[], log: string): void {
  const file = openSync(log, 'a');
  try {
    const child = spawn(command[0]!, command.slice(1), { detached: true, stdio: ['ignore', file, file] });
    child.once('error', (error) => appendFileSync(log, `${error.message}\n`));
    child.unref();
  } finally {
    closeSync(file);
  }
}
