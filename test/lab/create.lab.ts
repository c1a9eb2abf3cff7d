import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { clusterParameterName } from '../../lambdas/contracts/cluster-config';
import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import type { Ended } from '../operations/helpers/world';
import { World } from '../operations/helpers/world';
import { createSettings, putManifest } from './helpers/create-settings';
import { INSTALLED_FROM, KUBERNETES } from './helpers/kubernetes-version';

const CLUSTER = 'create';
const { kubernetesVersion = INSTALLED_FROM } = KUBERNETES;
/** A control plane and a worker from bare machines, packages from the signed repository, by one execution as it is deployed; then others join. */
describe('a cluster made of bare machines', () => {
  let cluster: LabCluster;
  let world: World;
  let apart: Ended;
  let planned: Ended;
  let killedInInit: Ended;
  let killedInJoin: Ended;
  let created: Ended;
  let joined: Ended;
  let again: Ended;

  beforeAll(async () => {
    cluster = await LabCluster.up({
      name: CLUSTER,
      controlPlanes: Number(process.env.LAB_CONTROL_PLANES ?? 1),
      workers: 2,
      kubernetesVersion,
      bare: true,
    });
    await putManifest(cluster);
    world = await World.start();
    // The others are launched later; of three control planes the last is one of them.
    const later = cluster.nodes.filter(({ name }) => name === 'worker-2' || name === 'cp-3');
    world.nodes.push(...cluster.nodes.filter((node) => !later.includes(node)));
    world.targetGroups.push(cluster.targetGroup);
    await world.ssm.send(
      new PutParameterCommand({
        Name: clusterParameterName(CLUSTER),
        Value: JSON.stringify({ cluster: CLUSTER, kubernetes: createSettings(cluster, kubernetesVersion) }),
        Type: 'String',
        Overwrite: true,
      }),
    );
    const way = ['blackhole', cluster.node('worker-1').privateIp];
    await cluster.node('cp-1').exec(['ip', 'route', 'add', ...way]);
    apart = await run({ planOnly: true });
    await cluster.node('cp-1').exec(['ip', 'route', 'del', ...way]);
    planned = await run({ planOnly: true });
    killedInInit = await killed('cp-1', '/etc/kubernetes/manifests/etcd.yaml');
    killedInJoin = await killed('worker-1', '/etc/kubernetes/bootstrap-kubelet.conf');
    created = await run();
    world.nodes.push(...later);
    joined = await world.endUnhurried(
      await world.start('join-node', { cluster: CLUSTER, nodes: later.map(({ instanceId }) => instanceId) }),
    );
    again = await run();
  });

  afterAll(async () => {
    await world?.stop();
    await cluster?.down();
  });

  const run = async (input: object = {}) =>
    world.endUnhurried(await world.start('create-cluster', { cluster: CLUSTER, ...input }));

  /** kubeadm is killed on a node as soon as it has written this file. */
  async function killed(node: string, file: string): Promise<Ended> {
    const kill = `until test -e ${file}; do sleep 0.05; done; pkill -KILL -x kubeadm`;
    const [ended] = await Promise.all([run(), cluster.node(node).exec(['timeout', '300', 'bash', '-c', kill])]);
    return ended;
  }

  const shell = async (node: string, command: string) =>
    (await cluster.node(node).exec(['bash', '-c', command])).stdout.trim();

  test('a machine that does not reach another one is named before anything is done', () => {
    expect(apart.output.plan).toMatchObject({ decision: 'refuse' });
    expect(apart.output.plan.prerequisites).toContainEqual(
      expect.objectContaining({
        ...{ node: 'cp-1', check: 'ports of the others' },
        found: expect.stringContaining('no answer from worker-1 port 10250 (kubelet)'),
      }),
    );
  });

  test('the plan says what is going to be done', () => {
    expect(`${planned.status} ${planned.error ?? ''} ${planned.cause ?? ''}`.trim()).toBe('SUCCEEDED');
    expect(planned.output).toMatchObject({
      outcome: 'nothing',
      plan: { kind: 'create', decision: 'act', first: { name: 'cp-1' } },
    });
  });

  test.each([
    ['init-control-plane', 'cp-1', 'kubeadm init ended with 137', () => killedInInit],
    ['join-node', 'worker-1', 'kubeadm join ended with 137', () => killedInJoin],
  ])('%s that is cut off says so, and what comes next goes on', (step, node, said, ended) => {
    expect(ended()).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed' });
    for (const text of [step, node, said]) expect(ended().cause).toContain(text);
  });

  test('succeeds and says so', () => {
    console.log(created.output?.summary, created.cause ?? '');
    expect(`${created.status} ${created.error ?? ''} ${created.cause ?? ''}`.trim()).toBe('SUCCEEDED');
    expect(created.output.outcome).toBe('created');
  });

  test('machines that are launched later join by the ids of their instances', () => {
    console.log(joined.output?.summary, joined.cause ?? '');
    expect(`${joined.status} ${joined.error ?? ''} ${joined.cause ?? ''}`.trim()).toBe('SUCCEEDED');
    expect(joined.output.outcome).toBe('joined');
  });

  test('every node is Ready at the version, and CoreDNS is there', async () => {
    const versions = await cluster.kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].status.nodeInfo.kubeletVersion}');
    expect(versions.split(' ')).toEqual(cluster.nodes.map(() => kubernetesVersion));
    await cluster.kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s');
    await cluster.kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=60s');
  });

  test('none of the pods is left that tried whether pods reach each other', async () => {
    const left = await cluster.kubectl(
      '-n',
      'kube-system',
      'get',
      'jobs,pods',
      '-l',
      'kubeadm-autopilot/probe',
      '-o',
      'name',
    );
    expect(left.trim()).toBe('');
    // They were tried: each node's log says from which pod.
    for (const { name } of cluster.nodes)
      expect(await shell(name, 'cat /var/lib/kubeadm-autopilot/logs/check-pod-network-*')).toContain(
        'connect to the pods',
      );
  });

  test('the cluster is as its settings say', async () => {
    const flags = await shell('cp-1', 'cat /etc/kubernetes/manifests/kube-apiserver.yaml');
    expect(flags).toContain('--audit-log-maxage=7');
    expect(
      await shell('cp-1', 'openssl x509 -in /etc/kubernetes/pki/apiserver.crt -noout -ext subjectAltName'),
    ).toContain('DNS:create.example');
    const applied = await cluster.kubectl(
      '-n',
      'kube-system',
      'get',
      'configmap/network-plugin',
      '-o',
      'jsonpath={.data}',
    );
    expect(applied).toBe('{"applied":"yes"}');
  });

  test('patches are in what kubeadm made, and stay on each node for its upgrades', async () => {
    expect(await shell('cp-1', 'cat /etc/kubernetes/manifests/kube-apiserver.yaml')).toMatch(/patched: "?yes"?/);
    const directory = '/etc/kubernetes/kubeadm-autopilot/patches';
    for (const { name } of cluster.nodes) {
      expect(await shell(name, `stat -c %a ${directory}; grep maxPods /var/lib/kubelet/config.yaml`)).toBe(
        '700\nmaxPods: 77',
      );
      expect(await shell(name, `ls ${directory}`)).toBe(
        name.startsWith('cp-')
          ? 'kube-apiserver0+strategic.yaml\nkubeletconfiguration0+merge.yaml'
          : 'kubeletconfiguration0+merge.yaml',
      );
    }
  });

  test('packages are held, and modules and settings are written down', async () => {
    for (const { name } of cluster.nodes) {
      expect(await shell(name, 'apt-mark showhold')).toBe('kubeadm\nkubectl\nkubelet');
      expect(await shell(name, 'cat /etc/modules-load.d/kubernetes.conf')).toBe('overlay\nbr_netfilter');
      expect(await shell(name, 'cat /etc/sysctl.d/99-kubernetes.conf')).toContain('net.ipv4.ip_forward = 1');
      expect(await shell(name, 'systemctl is-enabled kubelet')).toBe('enabled');
    }
  });

  test('no secret is left: on no node, in no parameter, in no history', async () => {
    const tokens = await cluster.kubectl(
      ...['-n', 'kube-system', 'get', 'secrets', '-l', 'kubeadm-autopilot=bootstrap-token', '-o', 'name'],
    );
    expect(tokens.trim()).toBe('');
    for (const { name } of cluster.nodes) {
      expect(await shell(name, 'ls /run/kubeadm-autopilot 2>&1 || true')).toContain('No such file');
      // A token by its form, in whatever the scripts logged.
      expect(
        await shell(name, "grep -rhoE '\\b[a-z0-9]{6}\\.[a-z0-9]{16}\\b' /var/lib/kubeadm-autopilot/logs || true"),
      ).toBe('');
    }
    expect(await world.lockHolder(CLUSTER)).toBeUndefined();
  });

  test('started again it finds nothing to do', () => {
    expect(again.output).toMatchObject({ outcome: 'nothing', plan: { kind: 'nothing', decision: 'nothing' } });
  });
});
