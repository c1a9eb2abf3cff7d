import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import { resultOf } from '../helpers/secret-reader';
import type { Ended } from '../operations/helpers/world';
import { World } from '../operations/helpers/world';
import { nodeStepScript } from '../../lib/node-access/node-step-script';
import type { LabNode } from '../../local/nodes/lab/lab-node';
import { INSTALLED_FROM, INSTALLED_TO } from './helpers/kubernetes-version';
import { SPARING } from './helpers/sparing';
import { upgradeSettings } from './helpers/upgrade-settings';
import { putWebWithBudget } from './helpers/web-with-budget';

const CLUSTER = 'upgrade';
const TO = INSTALLED_TO.slice(1);
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
      clusterConfiguration: SPARING,
    });
    await putWebWithBudget(cluster);
    world = await World.start();
    world.nodes.push(...cluster.nodes);
    world.targetGroups.push(cluster.targetGroup);
    await upgradeSettings(world, CLUSTER);
    upgrade = await run();
    again = await run();
  });

  afterAll(async () => {
    await world?.stop();
    await cluster?.down();
  });

  const run = async () => world.endUnhurried(await world.start('upgrade', { cluster: CLUSTER, version: TO }));

  const everyNode = (jsonpath: string) =>
    cluster.kubectl('get', 'nodes', '-o', `jsonpath={range .items[*]}${jsonpath} {end}`);
  const shell = async (node: LabNode, command: string) => (await node.exec(['bash', '-c', command])).stdout.trim();

  test('succeeds and says so', () => {
    console.log(JSON.stringify(upgrade.output?.rows, null, 1));
    expect(`${upgrade.status} ${upgrade.error ?? ''} ${upgrade.cause ?? ''}`.trim()).toBe('SUCCEEDED');
    expect(upgrade.output.outcome).toBe('upgraded');
  });

  test('etcd was saved before the first change, and raised before the minor whose etcd asks for it', () => {
    const { rows, snapshot } = upgrade.output;
    expect(snapshot.objects).toEqual([expect.objectContaining({ name: 'cp-1', etcd: expect.anything() })]);
    expect(Object.keys(rows[0].seconds)).toContain('raise-etcd');
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

  test('etcd itself is the one that kubeadm of the version pins', async () => {
    const wanted = await shell(
      cluster.node('cp-1'),
      `kubeadm config images list --kubernetes-version ${INSTALLED_TO} | sed -n 's,.*/etcd:\\([0-9.]*\\)-.*,\\1,p'`,
    );
    const said = await cluster.kubectl('-n', 'kube-system', 'exec', 'etcd-cp-1', '--', 'etcd', '--version');
    expect(said).toContain(`etcd Version: ${wanted}\n`);
  });

  test('pods whose budget spares one of them are all there, and the lock is given back', async () => {
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    expect(await world.lockHolder(CLUSTER)).toBeUndefined();
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
