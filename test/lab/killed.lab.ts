import { nodeStepScript } from '../../lib/node-access/node-step-script';
import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import type { LabNode } from '../../local/nodes/lab/lab-node';
import type { ScriptOutcome, ScriptRun } from '../../local/nodes/node';
import type { Moment } from './helpers/kill-exactly';
import { runAndKillAt } from './helpers/kill-exactly';
import { KUBERNETES } from './helpers/kubernetes-version';
import type { NodeState } from './helpers/node-state';
import { staticPodContainer, stateOf } from './helpers/node-state';
import { certificatesOnDisk, servedCertificates } from './helpers/openssl';

const RENEWAL: ScriptRun = {
  script: nodeStepScript('renew-certificates'),
  env: { SSM_Force: 'no', SSM_Until: 'all' },
  timeLimitSeconds: 300,
};
const REFRESH: ScriptRun = {
  script: nodeStepScript('refresh-kubeconfigs'),
  env: { SSM_AdminKubeconfigs: 'none' },
  timeLimitSeconds: 60,
};
const MARKER = 'KUBEADM_AUTOPILOT_RESULT ';
const COMPONENTS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

type Kill = [when: string, moment: Moment, renewed: number | undefined];

const logged = (text: string): Kill => [text, { logged: text }, undefined];
/** `renewed`: how many certificates are new then, in all. kubeadm writes the key before the certificate. */
const kubeadmWrites = (file: string, renewed: number, leftEmpty = false): Kill => [
  `kubeadm ${leftEmpty ? 'has begun' : 'is about'} to write ${file}`,
  { logged: 'kubeadm certs renew', beforeWrite: `/etc/kubernetes/${file}`, leftEmpty },
  renewed,
];

/** Each step in the order in which the script comes to it. A run goes on where the one before was killed, so each comes to the next moment. */
const MOMENTS: Kill[] = [
  logged('renew-certificates begins'),
  logged('check the preconditions] begins'),
  logged('save the ClusterConfiguration] begins'),
  logged('back up /etc/kubernetes] begins'),
  logged('back up /etc/kubernetes] backup:'),
  logged('renew the files] begins'),
  logged('kubeadm certs renew all'),
  // All in one call, in which kubeadm goes by the names of the certificates; then by name those that are still old, as the inventory has them.
  kubeadmWrites('pki/apiserver-etcd-client.crt', 2),
  kubeadmWrites('pki/front-proxy-client.crt', 3, true),
  kubeadmWrites('controller-manager.conf', 6, true),
  kubeadmWrites('pki/etcd/peer.key', 9),
  logged('restart the static pods] begins'),
  ...COMPONENTS.flatMap((component) => [
    // One that has started anew by itself is left alone, as those are that find no etcd or no API server for too long.
    logged(`restart ${component}] (remove sandbox|${component} runs in container)`),
    logged(`restart ${component}] ${component} runs in container`),
    logged(`restart ${component}] ${component} is healthy`),
  ]),
  logged('prove what is served] begins'),
  logged('finish] begins'),
];

describe('renew-certificates, killed at each of its steps on a real control plane, and run again each time', () => {
  let cluster: LabCluster;
  let node: LabNode;
  /** The node before the first run, after each kill, and at the end. */
  const states: NodeState[] = [];
  const containersBefore: Record<string, string> = {};
  /** What all runs together said. */
  let said = '';

  beforeAll(async () => {
    cluster = await LabCluster.up({ ...KUBERNETES, name: 'killed', controlPlanes: 1, workers: 0 });
    node = cluster.node('cp-1');
    states.push(await stateOf(node));
    for (const component of COMPONENTS) containersBefore[component] = await staticPodContainer(node, component);
  });
  afterAll(() => cluster?.down());

  const resultOf = ({ exitCode, stdout }: ScriptOutcome) => {
    expect(`${exitCode} ${exitCode === 0 ? '' : stdout}`).toBe('0 ');
    return JSON.parse(stdout.slice(stdout.indexOf(MARKER) + MARKER.length));
  };

  /** An empty file has no certificate, and is none that was renewed. */
  const renewedIn = ({ certificates }: NodeState): number =>
    Object.keys(certificates).filter((path) => certificates[path] !== states[0]!.certificates[path]).length;

  test.each(MOMENTS)('killed when: %s', async (_, moment, renewed) => {
    const outcome = await runAndKillAt(node, RENEWAL, moment);
    said += outcome.stderr;
    expect(outcome).toMatchObject({ exitCode: 137, stdout: '' });
    const state = await stateOf(node);
    states.push(state);
    if (renewed !== undefined) expect(renewedIn(state)).toBe(renewed);
  });

  test('the last run completes', async () => {
    const outcome = await node.run(RENEWAL);
    said += outcome.stderr;
    expect(resultOf(outcome)).toMatchObject({ node: 'cp-1', changed: true });
    states.push(await stateOf(node));
    const disk = await certificatesOnDisk(node);
    const served = await servedCertificates(node);
    expect(['6443', '2379', '2380'].map((port) => served[port]!.serial)).toEqual(
      ['apiserver.crt', 'etcd/server.crt', 'etcd/peer.crt'].map((file) => disk[file]!.serial),
    );
  });

  test('in all that each certificate was renewed once, CAs and kubelet never', () => {
    for (const path of Object.keys(states[0]!.certificates)) {
      const isKubeadms = path.startsWith('/etc/kubernetes') && !path.endsWith('ca.crt');
      const seen = states.map(({ certificates }) => certificates[path]);
      // A kill while kubeadm writes leaves a file without a certificate, which the next run mends.
      const serials = new Set(isKubeadms ? [...seen.filter(Boolean), seen.at(-1)] : seen);
      expect(`${path}: ${serials.size}`).toBe(`${path}: ${isKubeadms ? 2 : 1}`);
    }
  });

  test.each(COMPONENTS)('and %s was ended once at most, and runs in a new container', async (component) => {
    const removed = [...said.matchAll(new RegExp(`remove sandbox (\\w+) of ${component}$`, 'gm'))].map(([, id]) => id);
    expect(new Set(removed).size).toBeLessThanOrEqual(1);
    expect(await staticPodContainer(node, component)).not.toBe(containersBefore[component]);
  });

  test('killed while it sees that there is nothing to do, it sees it the next time', async () => {
    expect(resultOf(await node.run(REFRESH))).toMatchObject({ node: 'cp-1' });
    const before = await stateOf(node);
    const moment = { logged: 'compare what is served with the disk] begins' };
    expect(await runAndKillAt(node, RENEWAL, moment)).toMatchObject({ exitCode: 137 });
    expect(resultOf(await node.run(RENEWAL))).toMatchObject({ changed: false });
    expect(await stateOf(node)).toEqual(before);
  });
});
