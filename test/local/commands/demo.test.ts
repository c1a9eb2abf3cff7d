import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const PROJECT = resolve(__dirname, '../../..');

const children: ChildProcess[] = [];

/** The command behind `npm start`, in a process group and with a folder for temporary files of its own. */
function demo(folder: string, ...options: string[]): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', 'local/commands/demo.ts', ...options], {
    cwd: PROJECT,
    env: { ...process.env, TMPDIR: folder, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  children.push(child);
  return child;
}

const ended = (child: ChildProcess) => new Promise<number | null>((done) => child.once('close', done));

function said(child: ChildProcess, text: string): Promise<void> {
  let output = '';
  return new Promise((found, fail) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes(text)) found();
    });
    child.once('close', (code) => fail(new Error(`It ended with ${code} before it said "${text}":\n${output}`)));
  });
}

describe('npm start', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'demo-test-'))));
  afterEach(() => {
    // What a test that failed has left running.
    for (const child of children.splice(0)) {
      try {
        process.kill(-child.pid!, 'SIGKILL');
      } catch {
        // It has ended, as it should.
      }
    }
    rmSync(folder, { recursive: true, force: true });
  });

  test('Ctrl-C, which may reach it twice, ends it with 130 and leaves neither processes nor files', async () => {
    const child = demo(folder);
    const end = ended(child);
    await said(child, 'Check certificates on the nodes');
    process.kill(-child.pid!, 'SIGINT');
    process.kill(-child.pid!, 'SIGINT');
    expect(await end).toBe(130);
    expect(readdirSync(folder).filter((name) => name.startsWith('kubeadm-autopilot-'))).toEqual([]);
    expect(() => process.kill(-child.pid!, 0)).toThrow('ESRCH');
  });

  test('--help tells what else there is', async () => {
    const child = demo(folder, '--help');
    const end = ended(child);
    await said(child, 'npm run local -- --port 4566');
    expect(await end).toBe(0);
  });

  test('an unknown option is named, and nothing starts', async () => {
    const child = demo(folder, '--kep');
    let error = '';
    child.stderr!.on('data', (chunk: Buffer) => (error += chunk.toString()));
    expect(await ended(child)).toBe(1);
    expect(error).toContain("unknown option '--kep'");
  });
});
