import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '../../operations/helpers/world';

/**
 * Starts an operation in a process of its own, by default a renewal, and kills that (SIGKILL) once a node's script says `text`.
 * @returns that node's name
 */
export async function killOrchestratorAt(
  cluster: string,
  text: string,
  program: 'renew-and-stay' | 'upgrade-and-stay' = 'renew-and-stay',
  ...more: string[]
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'orchestrator-'));
  const command = ['--import', 'tsx', join(__dirname, `${program}.ts`), cluster, ...more];
  // What it would clean up at its end is below a folder of ours.
  const env = { ...process.env, TMPDIR: folder };
  const orchestrator = spawn(process.execPath, command, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(orchestrator, 'exit');
  const lines: string[] = [];
  createInterface({ input: orchestrator.stdout }).on('line', (line) => {
    lines.push(line);
    if (line.includes(text)) orchestrator.kill('SIGKILL');
  });
  try {
    const said = await until(
      `a node's script says "${text}"`,
      () => {
        // A refused operation ends, and its process stays: what it said is the reason.
        const isOver = orchestrator.exitCode !== null || lines.some((line) => line.startsWith('ended: '));
        if (isOver && !lines.some((line) => line.includes(text)))
          throw new Error(`It ended before: ${lines.slice(-5).join('\n')}`);
        return lines.find((line) => line.includes(text));
      },
      600,
    );
    return said.split(' ')[0]!;
  } finally {
    orchestrator.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}
