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
  until(`the script on ${node.name} ends`, async () => !(await scriptRuns(node)), 120);

/** Stops the script where it is, still holding its lock on the node, so that a test can look without hurry. */
export async function freezeScript(node: LabNode): Promise<void> {
  await node.exec(['pkill', '-STOP', '-f', SCRIPT]);
}

export async function thawScript(node: LabNode): Promise<void> {
  await node.exec(['pkill', '-CONT', '-f', SCRIPT]);
}

/** The last line that renew-certificates wrote into its log on the node. */
export async function lastLogLine(node: LabNode): Promise<string> {
  const logs = '/var/lib/kubeadm-autopilot/logs';
  const { stdout } = await node.exec(['bash', '-c', `tail -qn 1 "$(ls -t ${logs}/renew-certificates-* | head -n 1)"`]);
  return stdout.trim();
}
