import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabNode } from '../../../local/nodes/lab/lab-node';
import type { ScriptOutcome, ScriptRun } from '../../../local/nodes/node';

/** When a node step gets SIGKILL, together with all that it has started. */
export interface Moment {
  /** Regular expression (bash) that a line in its log matches. */
  logged: string;
  /** Absolute paths: not at that line, but when one of these is written after it. */
  written?: string[];
}

const BEFORE_THE_SCRIPT = readFileSync(join(__dirname, 'kill-exactly.sh'), 'utf8');
const PLACE = '/run/kill-exactly.sh';

/** Exit code 137 when the moment came; otherwise the script went on to its end. */
export async function runAndKillAt(
  node: LabNode,
  run: ScriptRun,
  { logged, written = [] }: Moment,
): Promise<ScriptOutcome> {
  await node.writeFile(PLACE, BEFORE_THE_SCRIPT);
  const env = { ...run.env, BASH_ENV: PLACE, KILL_WHEN_LOGGED: logged, KILL_WHEN_WRITTEN: written.join(' ') };
  return node.run({ ...run, env });
}
