import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { clusterParameterName } from '../../lambdas/contracts/cluster-config';
import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import { resultOf } from '../helpers/secret-reader';
import type { Ended } from '../operations/helpers/world';
import { World } from '../operations/helpers/world';
import { nodeStepScript } from '../../lib/node-access/node-step-script';
import type { LabNode } from '../../local/nodes/lab/lab-node';
import { INSTALLED_FROM, INSTALLED_TO } from './helpers/kubernetes-version';
import { SPARING } from './helpers/sparing';
import { hasCgroupV1 } from '../../local/nodes/lab/check-host';

const CLUSTER = 'upgrade';
const TO = INSTALLED_TO.slice(1);
/** etcd has to be this new before the next minor's etcd, and no kubeadm of the cluster's minor installs it (local/nodes/lab/build/versions.sh). */
const ETCD = '3.6.12-0';

/** A control plane and a worker to the next minor, packages from the signed repository, by one execution as it is deployed. */
describe('an upgrade of real nodes', () => {
  let cluster: LabCluster;
  let world: World;
  let upgrade: Ended;
  let again: Ended;

  beforeAll(async () => {
    cluster = await LabCluster.up({
      name: CLUSTER,
      controlPlanes: 1,
      workers: 1,
      kubernetesVersion: INSTALLED_FROM,
      imagesOf: [INSTALLED_TO],
      clusterConfiguration: { ...SPARING, etcd: { local: { ...SPARING.etcd.local, imageTag: ETCD } } },
    });
    await unpinEtcd();
    world = await World.start();
    world.nodes.push(...cluster.nodes);
    world.targetGroups.push(cluster.targetGroup);
    await world.ssm.send(
      new PutParameterCommand({
        Name: clusterParameterName(CLUSTER),
        Value: JSON.stringify({ cluster: CLUSTER, upgrade: { exceptions: hasCgroupV1() ? ['cgroup-v1'] : [] } }),
        Type: 'String',
        Overwrite: true,
      }),
    );
    upgrade = await world.runWell('upgrade', { cluster: CLUSTER, version: TO });
    again = await world.runWell('upgrade', { cluster: CLUSTER, version: TO });
  });

  afterAll(async () => {
    await world?.stop();
    await cluster?.down();
  });

  /** A pinned etcd would stay as it is through the upgrade. */
  async function unpinEtcd(): Promise<void> {
    const { stdout } = await cluster
      .node('cp-1')
      .exec([
        'bash',
        '-c',
        `kubectl --kubeconfig=/etc/kubernetes/admin.conf -n kube-system get configmap kubeadm-config -o yaml | sed '/^ *imageTag: ${ETCD}$/d' | kubectl --kubeconfig=/etc/kubernetes/admin.conf replace -f -`,
      ]);
    expect(stdout).toContain('replaced');
  }

  const everyNode = (jsonpath: string) =>
    cluster.kubectl('get', 'nodes', '-o', `jsonpath={range .items[*]}${jsonpath} {end}`);
  const shell = async (node: LabNode, command: string) => (await node.exec(['bash', '-c', command])).stdout.trim();

  test('succeeds and says so', () => {
    console.log(JSON.stringify(upgrade.output.rows ?? upgrade.output, null, 1));
    expect(`${upgrade.status} ${upgrade.error ?? ''} ${upgrade.cause ?? ''}`.trim()).toBe('SUCCEEDED');
    expect(upgrade.output.outcome).toBe('upgraded');
  });

  test('every kubelet has the version, is Ready and takes pods', async () => {
    expect(await everyNode('{.status.nodeInfo.kubeletVersion}')).toBe(`${INSTALLED_TO} ${INSTALLED_TO} `);
    expect(await everyNode('{.spec.unschedulable}')).toBe('  ');
    await cluster.kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s');
  });

  test('static pods and addons have the images that kubeadm of the version wants', async () => {
    const wanted = await shell(cluster.node('cp-1'), `kubeadm config images list --kubernetes-version ${INSTALLED_TO}`);
    const images = await cluster.kubectl(
      ...[
        '-n',
        'kube-system',
        'get',
        'pods',
        '-o',
        'jsonpath={range .items[*]}{.spec.containers[0].image}{"\\n"}{end}',
      ],
    );
    for (const image of new Set(images.trim().split('\n'))) expect(wanted.split('\n')).toContain(image);
  });

  test('packages are held as before, and the kubelet talks to its own API server', async () => {
    for (const node of cluster.nodes) {
      expect(await shell(node, 'apt-mark showhold')).toBe('kubeadm\nkubectl\nkubelet');
      expect(await shell(node, 'kubelet --version; kubeadm version -o short')).toBe(
        `Kubernetes ${INSTALLED_TO}\n${INSTALLED_TO}`,
      );
      expect(await shell(node, 'ls /var/lib/kubeadm-autopilot/upgrade')).not.toContain('unfinished');
    }
    expect(
      await shell(cluster.node('cp-1'), 'ls /etc/kubernetes/tmp | grep -vc kubeadm-backup-manifests || true'),
    ).toBe('0');
  });

  test('started again it finds nothing to do', () => {
    expect(again.output.outcome).toBe('nothing');
  });

  test('a step that is run again changes nothing', async () => {
    const { stdout } = await cluster.node('cp-1').run({
      script: nodeStepScript('upgrade-kubelet'),
      env: { SSM_Version: TO },
      timeLimitSeconds: 300,
    });
    expect(resultOf(stdout)).toMatchObject({ node: 'cp-1', changed: false, version: TO });
  });
});
