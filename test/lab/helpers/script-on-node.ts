import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabNode } from '../../../local/nodes/lab/lab-node';
import { until } from '../../operations/helpers/world';

/** As the agent starts it; the leading slash keeps a look for it from finding itself. */
const SCRIPT = '/run/_script[.]sh';

/** Whether a script that was sent through Run Command runs on the node, whoever has sent it and is alive or not. */
export const scriptRuns = (node: LabNode): Promise<boolean> =>
  node.exec(['pgrep', '-f', SCRIPT]).then(
    () => true,
    () => false,
  );

export const scriptHasEnded = (node: LabNode): Promise<boolean> =>
  until(`the script on ${node.name} ends`, async () => !(await scriptRuns(node)), 600);

const WAIT_IN_FRONT = readFileSync(join(__dirname, 'wait-in-front.sh'), 'utf8');

/** What a script that renews waits in front of: kubeadm's first certificate, or the removal of the API server's sandbox. */
export type Held = 'kubeadm' | 'crictl';

/** From now on the next script that renews waits there, holding its lock on the node, until it is let go. */
export async function holdRenewal(node: LabNode, command: Held): Promise<void> {
  await node.writeFile(`/run/hold-${command}`, '');
  await node.writeFile(`/usr/local/sbin/${command}`, WAIT_IN_FRONT, 0o755);
}

export async function letRenewalGo(node: LabNode, command: Held): Promise<void> {
  await node.exec(['rm', '-f', `/usr/local/sbin/${command}`, `/run/hold-${command}`]);
}

/** The last line that renew-certificates wrote into its log on the node. */
export async function lastLogLine(node: LabNode): Promise<string> {
  const logs = '/var/lib/kubeadm-autopilot/logs';
  const { stdout } = await node.exec(['bash', '-c', `tail -qn 1 "$(ls -t ${logs}/renew-certificates-* | head -n 1)"`]);
  return stdout.trim();
}
