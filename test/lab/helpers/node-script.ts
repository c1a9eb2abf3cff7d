import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabNode } from '../../../local/nodes/lab/lab-node';

export type NodeScript =
  | 'audit-policy'
  | 'certificates'
  | 'install-by-hand'
  | 'kill-when'
  | 'lead-etcd'
  | 'long-certificate'
  | 'raise-etcd-by-hand'
  | 'restart-static-pods'
  | 'short-certificates'
  | 'upgrade-by-hand'
  | 'wait-for-log'
  | 'wait-until-ready';

/** Runs one of the scripts of this folder inside a node; what it printed. Rejects unless it ends with 0 within the limit. */
export async function runNodeScript(
  node: LabNode,
  name: NodeScript,
  env: Record<string, string> = {},
  timeLimitSeconds = 120,
): Promise<string> {
  const script = readFileSync(join(__dirname, `${name}.sh`), 'utf8');
  const { ended, exitCode, stdout, stderr } = await node.run({ script, env, timeLimitSeconds });
  if (ended === 'exit' && exitCode === 0) return stdout;
  throw new Error(`${name}.sh on ${node.name}: ${ended}, exit code ${exitCode}: ${stderr.slice(-500)}`);
}
