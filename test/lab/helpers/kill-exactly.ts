import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabNode } from '../../../local/nodes/lab/lab-node';
import type { ScriptOutcome, ScriptRun } from '../../../local/nodes/node';

/** When a node step gets SIGKILL, together with all that it has started. */
export interface Moment {
  /** Regular expression (bash) that a line in its log matches. */
  logged: string;
  /** Absolute path of a file: not at that line, but when a process is about to write this file after it. */
  beforeWrite?: string;
  /** The file is then left empty, as when the kill comes between the truncation and the writing. */
  leftEmpty?: boolean;
}

const HELPERS = ['kill-exactly.sh', 'kill-before-write.pl'];

/** Exit code 137 when the moment came; otherwise the script went on to its end. */
export async function runAndKillAt(
  node: LabNode,
  run: ScriptRun,
  { logged, beforeWrite = '', leftEmpty = false }: Moment,
): Promise<ScriptOutcome> {
  for (const name of HELPERS) await node.writeFile(`/run/${name}`, readFileSync(join(__dirname, name), 'utf8'));
  const env = {
    ...run.env,
    BASH_ENV: '/run/kill-exactly.sh',
    KILL_WHEN_LOGGED: logged,
    KILL_BEFORE_WRITE: beforeWrite,
  };
  const outcome = await node.run({ ...run, env });
  if (leftEmpty) await node.exec(['truncate', '--size=0', beforeWrite]);
  return outcome;
}
