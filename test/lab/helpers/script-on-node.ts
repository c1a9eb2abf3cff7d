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

const IN_FRONT = '/usr/local/sbin/kubeadm';
const HOLD = '/run/hold-kubeadm';
const KUBEADM_THAT_WAITS = `#!/bin/bash
if [[ "$1 $2" == 'certs renew' ]]; then while [[ -e ${HOLD} ]]; do sleep 0.1; done; fi
exec /usr/bin/kubeadm "$@"
`;

/** From now on the next script that renews waits in front of its first certificate, holding its lock on the node, until it is let go. */
export async function holdRenewal(node: LabNode): Promise<void> {
  await node.writeFile(HOLD, '');
  await node.writeFile(IN_FRONT, KUBEADM_THAT_WAITS, 0o755);
}

export async function letRenewalGo(node: LabNode): Promise<void> {
  await node.exec(['rm', '-f', IN_FRONT, HOLD]);
}

/** The last line that renew-certificates wrote into its log on the node. */
export async function lastLogLine(node: LabNode): Promise<string> {
  const logs = '/var/lib/kubeadm-autopilot/logs';
  const { stdout } = await node.exec(['bash', '-c', `tail -qn 1 "$(ls -t ${logs}/renew-certificates-* | head -n 1)"`]);
  return stdout.trim();
}
