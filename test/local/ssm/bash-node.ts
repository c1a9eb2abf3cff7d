import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Node, ScriptOutcome, ScriptRun } from '../../../local/nodes/node';

/** A node that is nothing but a folder: scripts run on this machine, with the environment that the real agent has. */
export class BashNode implements Node {
  readonly folder = mkdtempSync(join(tmpdir(), 'node-'));
  readonly privateIp = '10.0.0.10';
  /** How each run ended. */
  readonly runs: ScriptOutcome['ended'][] = [];
  isOn = true;
  boots = 1;
  private readonly powerCut = new Set<() => void>();
  private scripts = 0;

  constructor(
    readonly instanceId: string,
    readonly name: string,
    readonly tags: Record<string, string> = {},
    readonly agentVersion = '3.3.4624.0',
  ) {}

  async run(run: ScriptRun): Promise<ScriptOutcome> {
    const file = join(this.folder, `script-${++this.scripts}`);
    writeFileSync(file, run.script, { mode: 0o700 });
    const outcome = await this.execute(file, run);
    this.runs.push(outcome.ended);
    return outcome;
  }

  private execute(file: string, run: ScriptRun): Promise<ScriptOutcome> {
    return new Promise((resolve, reject) => {
      const child = spawn(file, [], {
        cwd: run.workingDirectory ?? this.folder,
        env: { PATH: process.env['PATH'], LANG: 'C', NODE_FOLDER: this.folder, BOOTS: String(this.boots), ...run.env },
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let ended: ScriptOutcome['ended'] = 'exit';
      const streams = { stdout: '', stderr: '' };
      for (const stream of ['stdout', 'stderr'] as const) {
        child[stream].on('data', (chunk: Buffer) => {
          streams[stream] += chunk.toString();
          for (const line of chunk.toString().trimEnd().split('\n')) run.onOutput?.({ stream, line });
        });
      }
      const kill = (why: ScriptOutcome['ended']) => {
        if (child.exitCode !== null || child.signalCode !== null || ended !== 'exit') return;
        ended = why;
        process.kill(-child.pid!, 'SIGKILL');
      };
      const cut = () => kill('power-off');
      this.powerCut.add(cut);
      const timer = setTimeout(() => kill('time-limit'), run.timeLimitSeconds * 1000);
      const cancel = () => kill('cancelled');
      run.signal?.addEventListener('abort', cancel);
      if (run.signal?.aborted) cancel();
      child.once('error', reject);
      child.once('close', (code) => {
        clearTimeout(timer);
        this.powerCut.delete(cut);
        run.signal?.removeEventListener('abort', cancel);
        resolve({ exitCode: code ?? 137, ...streams, ended });
      });
    });
  }

  async powerOff(): Promise<void> {
    this.isOn = false;
    for (const cut of [...this.powerCut]) cut();
  }

  async powerOn(): Promise<void> {
    if (!this.isOn) this.boots++;
    this.isOn = true;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
