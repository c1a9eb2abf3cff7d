import { nodeStepScript } from '../../lib/run-on-nodes/node-step-document';
import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import type { LabNode } from '../../local/nodes/lab/lab-node';
import type { ScriptOutcome } from '../../local/nodes/node';
import { certificatesOnDisk, servedCertificates } from './helpers/openssl';

const SCRIPT = nodeStepScript('renew-certificates');
const MARKER = 'KUBEADM_AUTOPILOT_RESULT ';

/** What the script says right before the moment at which it gets SIGKILL. */
const MOMENTS = [
  'back up /etc/kubernetes] begins',
  'renew the files] begins',
  'kubeadm certs renew all',
  'restart etcd] remove sandbox',
  'restart etcd] etcd runs in container',
  'restart kube-apiserver] remove sandbox',
  'restart kube-apiserver] kube-apiserver runs in container',
  'restart kube-controller-manager] remove sandbox',
  'restart kube-scheduler] remove sandbox',
  'prove what is served] begins',
  'finish] begins',
];

describe('renew-certificates, killed in the middle on a real control plane, and run again', () => {
  let cluster: LabCluster;
  let node: LabNode;

  beforeAll(async () => {
    cluster = await LabCluster.up({ name: 'killed', controlPlanes: 1, workers: 0 });
    node = cluster.node('cp-1');
  });
  afterAll(() => cluster?.down());

  function renew(force: 'yes' | 'no', killAt?: string): Promise<ScriptOutcome> {
    const killer = new AbortController();
    return node.run({
      script: SCRIPT,
      env: { SSM_Force: force, SSM_AdminKubeconfigs: 'none' },
      timeLimitSeconds: 600,
      signal: killer.signal,
      onOutput: ({ line }) => {
        if (killAt && line.includes(killAt)) killer.abort();
      },
    });
  }

  test.each(MOMENTS)('at "%s"', async (moment) => {
    expect(await renew('yes', moment)).toMatchObject({ ended: 'cancelled', exitCode: 137 });
    const second = await renew('no');
    expect(`${second.exitCode} ${second.exitCode === 0 ? '' : second.stdout}`).toBe('0 ');
    expect(JSON.parse(second.stdout.slice(second.stdout.indexOf(MARKER) + MARKER.length))).toMatchObject({
      node: 'cp-1',
    });
    const disk = await certificatesOnDisk(node);
    const served = await servedCertificates(node);
    expect(served['6443']!.serial).toBe(disk['apiserver.crt']!.serial);
    expect(served['2379']!.serial).toBe(disk['etcd/server.crt']!.serial);
    expect(served['2380']!.serial).toBe(disk['etcd/peer.crt']!.serial);
  });
});
