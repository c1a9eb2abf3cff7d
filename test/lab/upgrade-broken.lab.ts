import { runNodeScript } from './helpers/node-script';
import { UpgradedCluster } from './helpers/upgraded-cluster';

/** The API server ends at once that is to read a file that is not there; its arguments are fine, so that neither gate nor staging sees it. */
const NO_SUCH_FILE = '/etc/kubernetes/audit-policy-that-is-not-there.yaml';

/** Three control planes and a worker: what a machine or a configuration does that lets a node down in its turn. */
describe('an upgrade in which a node breaks', () => {
  let upgraded: UpgradedCluster;

  beforeAll(async () => {
    upgraded = await UpgradedCluster.up({ name: 'upgrade-broken', workers: 1 });
  });
  afterAll(() => upgraded?.down());

  /** What kubeadm writes into the manifests of all API servers that it makes from now on. */
  const auditPolicy = (wanted: 'yes' | 'no') =>
    runNodeScript(upgraded.lab.node('cp-1'), 'audit-policy', { WANTED: wanted, FILE: NO_SUCH_FILE });

  test('an API server does not start: the operation names node, step and what to do, and the cluster serves', async () => {
    await auditPolicy('yes');
    const failed = await upgraded.upgrade('kube-apiserver does not start');
    await upgraded.expectFailedWell(failed, 'upgrade-kubeadm', 'cp-', 'kube-apiserver', 'run this again');
    await upgraded.lab.cluster.kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s');
  });

  test('the cause is removed, and a worker dies in its turn: it is named, the others are done', async () => {
    await auditPolicy('no');
    const worker = upgraded.lab.node('worker-1');
    const dies = runNodeScript(
      upgraded.lab.node('worker-1'),
      'wait-for-log',
      {
        STEP: 'upgrade-kubelet',
        TEXT: 'install the kubelet] begins',
      },
      1500,
    ).then(() => worker.cutPower());
    const [failed] = await Promise.all([upgraded.upgradeWhenWell('worker-1 dies'), dies]);
    await upgraded.expectFailedWell(failed, 'upgrade-kubelet', 'worker-1');
  });

  test('it comes up again, and another start finishes', async () => {
    await upgraded.lab.node('worker-1').powerOn();
    await upgraded.lab.cluster.kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=120s');
    const last = await upgraded.upgradeWhenWell('all is well');
    expect(`${last.status} ${last.cause ?? ''}`.trim()).toBe('SUCCEEDED');
    await upgraded.expectUpgraded();
  });
});
