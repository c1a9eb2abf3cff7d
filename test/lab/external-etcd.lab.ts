import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { hasCgroupV1 } from '../../local/nodes/lab/check-host';
import { certificateInventory } from '../../lambdas/contracts/node-steps';
import { RESULT_MARKER } from '../../lambdas/contracts/run-on-nodes';
import { nodeStepScript } from '../../lib/node-access/node-step-script';
import { clusterParameterName } from '../../lambdas/contracts/cluster-config';
import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import type { Ended } from '../operations/helpers/world';
import { World } from '../operations/helpers/world';
import { createSettings, putManifest } from './helpers/create-settings';
import { INSTALLED_FROM, INSTALLED_TO, KUBERNETES } from './helpers/kubernetes-version';
import { everyCertificateOnDisk, serials, servedCertificates, type Certificates } from './helpers/openssl';

const CLUSTER = 'external-etcd';
const { kubernetesVersion = INSTALLED_FROM } = KUBERNETES;
const ETCD_PORTS = [2379, 2380];

/** etcd on a machine of its own, a control plane and a worker, from bare machines by one execution; then check, renewal and backup of it. */
describe('a cluster with an external etcd', () => {
  let cluster: LabCluster;
  let world: World;
  const ended: Record<string, Ended> = {};
  const seconds: Record<string, number> = {};
  let before: Record<string, Certificates>;
  let after: Record<string, Certificates>;

  beforeAll(async () => {
    cluster = await LabCluster.up({
      ...{ name: CLUSTER, workers: 1, etcdMachines: 1 },
      controlPlanes: Number(process.env.LAB_CONTROL_PLANES ?? 1),
      ...{ kubernetesVersion, bare: true, packagesOf: [INSTALLED_TO] },
    });
    await putManifest(cluster);
    world = await World.start();
    world.nodes.push(...cluster.nodes);
    world.targetGroups.push(cluster.targetGroup);
    await world.ssm.send(
      new PutParameterCommand({
        Name: clusterParameterName(CLUSTER),
        Value: JSON.stringify({
          cluster: CLUSTER,
          kubernetes: createSettings(cluster, kubernetesVersion),
          upgrade: { exceptions: hasCgroupV1() ? ['cgroup-v1'] : [] },
        }),
        Type: 'String',
        Overwrite: true,
      }),
    );
    await run('planned', 'create-cluster', { planOnly: true });
    await killed('killedInEtcd', 'etcd-1', '/etc/kubernetes/pki/etcd/server.key');
    await killed('killedInInit', 'cp-1', '/etc/kubernetes/manifests/kube-apiserver.yaml');
    await run('created', 'create-cluster');
    await run('again', 'create-cluster');
    await run('checked', 'check-certificates', { renew: false, thresholdDays: 3650 });
    before = await look();
    await run('renewed', 'renew-certificates');
    after = await look();
    await run('checkedAfter', 'check-certificates', { renew: false });
    await run('renewedAgain', 'renew-certificates');
    await run('backedUp', 'back-up-etcd');
    await run('upgradePlanned', 'upgrade', { version: INSTALLED_TO.slice(1), planOnly: true });
    console.log(seconds);
  });

  afterAll(async () => {
    await world?.stop();
    await cluster?.down();
  });

  async function run(what: string, operation: Parameters<World['start']>[0], input: object = {}): Promise<void> {
    const since = Date.now();
    ended[what] = await world.endUnhurried(await world.start(operation, { cluster: CLUSTER, ...input }));
    seconds[what] = Math.round((Date.now() - since) / 1000);
    console.log(what, seconds[what], ended[what].status, ended[what].output?.summary ?? ended[what].cause ?? '');
  }

  /** kubeadm is killed on a node as soon as it has written this file; where it had just ended, the one that runs next. */
  async function killed(what: string, node: string, file: string): Promise<void> {
    const kill = `until test -e ${file}; do sleep 0.02; done; until pkill -KILL -x kubeadm; do sleep 0.01; done`;
    await Promise.all([run(what, 'create-cluster'), cluster.node(node).exec(['timeout', '300', 'bash', '-c', kill])]);
  }

  const look = async () => ({
    'cp-1': await everyCertificateOnDisk(cluster.node('cp-1')),
    'etcd-1': await everyCertificateOnDisk(cluster.node('etcd-1')),
    served: await servedCertificates(cluster.node('etcd-1'), ETCD_PORTS),
  });
  const shell = async (node: string, command: string) =>
    (await cluster.node(node).exec(['bash', '-c', command])).stdout.trim();
  const outcome = (what: string) =>
    `${ended[what]!.status} ${ended[what]!.error ?? ''} ${ended[what]!.cause ?? ''}`.trim();

  test('the plan says where etcd runs', () => {
    expect(outcome('planned')).toBe('SUCCEEDED');
    expect(ended.planned!.output.plan).toMatchObject({ kind: 'create', decision: 'act', etcd: [{ name: 'etcd-1' }] });
  });

  test.each([
    ['killedInEtcd', 'start-etcd', 'etcd-1', 'ended with 137'],
    ['killedInInit', 'init-control-plane', 'cp-1', 'kubeadm init ended with 137'],
  ])('%s says so, and what comes next goes on', (what, step, node, said) => {
    expect(ended[what]).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed' });
    for (const text of [step, node, said]) expect(ended[what]!.cause).toContain(text);
  });

  test('one execution makes the cluster, every node is Ready, and etcd runs on its machine alone', async () => {
    expect(outcome('created')).toBe('SUCCEEDED');
    await cluster.kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s');
    const names = await cluster.kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}');
    const joined = cluster.nodes.filter(({ role }) => role !== 'etcd');
    expect(names.split(' ').sort()).toEqual(joined.map(({ name }) => name));
    for (const { name } of cluster.controlPlanes)
      expect(await shell(name, 'ls /etc/kubernetes/manifests')).not.toContain('etcd.yaml');
    expect(await shell('etcd-1', 'ls /etc/kubernetes/manifests')).toBe('etcd.yaml');
    expect(await shell('cp-1', 'cat /etc/kubernetes/manifests/kube-apiserver.yaml')).toContain(
      `--etcd-servers=https://${cluster.node('etcd-1').privateIp}:2379`,
    );
    expect(await cluster.kubectl('get', '--raw', '/readyz/etcd')).toBe('ok');
  });

  test("the key of etcd's client was made on the control plane, that of its CA never left, and no secret is left", async () => {
    expect(
      await shell('cp-1', 'stat -c %a /etc/kubernetes/pki/apiserver-etcd-client.key; ls /etc/kubernetes/pki/etcd'),
    ).toBe('600\nca.crt');
    expect(await shell('cp-1', 'ls /var/lib/kubeadm-autopilot/create')).not.toContain('etcd');
    expect(await world.lockHolder(CLUSTER)).toBeUndefined();
    for (const { name } of cluster.nodes)
      expect(await shell(name, 'ls /run/kubeadm-autopilot 2>&1 || true')).toContain('No such file');
  });

  test('started again it finds nothing to do', () => {
    expect(ended.again!.output).toMatchObject({ outcome: 'nothing', plan: { kind: 'nothing', decision: 'nothing' } });
  });

  /** What check-certificates.sh says of each certificate on a node's disk, by path. */
  async function told(node: string): Promise<Record<string, { serial: string | undefined; ends: number }>> {
    const script = nodeStepScript('check-certificates');
    const { stdout } = await cluster.node(node).run({ script, env: {}, timeLimitSeconds: 120 });
    const line = stdout.split('\n').find((text) => text.startsWith(RESULT_MARKER))!;
    const { certificates } = certificateInventory.parse(JSON.parse(line.slice(RESULT_MARKER.length)));
    return Object.fromEntries(
      certificates.map(({ path, serial, notAfter }) => [path, { serial, ends: Date.parse(notAfter ?? '') }]),
    );
  }

  test.each(['cp-1', 'etcd-1'])(
    '%s: a check tells of every certificate when it ends, as openssl does',
    async (node) => {
      expect(outcome('checked')).toBe('SUCCEEDED');
      expect(ended.checked!.output.nodesChecked).toBe(cluster.controlPlanes.length + 1);
      const rows = await told(node);
      const seen = Object.entries(after[node]!);
      expect(seen.length).toBeGreaterThan(node === 'cp-1' ? 10 : 4);
      console.log(node, seen.map(([path, { notAfter }]) => `${path} ${notAfter.toISOString()}`).join('\n'));
      for (const [path, { serial, notAfter }] of seen) {
        const row = rows[path];
        expect([path, row && { serial: BigInt(`0x${row.serial}`), ends: row.ends }]).toEqual([
          path,
          { serial: BigInt(`0x${serial}`), ends: notAfter.getTime() },
        ]);
      }
    },
  );

  test("a renewal renews etcd's certificates on its machine, which serves them, and the API server's client certificate", async () => {
    expect(outcome('renewed')).toBe('SUCCEEDED');
    const was = serials(before['etcd-1']!);
    const is = serials(after['etcd-1']!);
    for (const name of ['server', 'peer', 'healthcheck-client']) {
      const path = `/etc/kubernetes/pki/etcd/${name}.crt`;
      expect([path, is[path] === was[path]]).toEqual([path, false]);
    }
    expect(is['/etc/kubernetes/pki/etcd/ca.crt']).toBe(was['/etc/kubernetes/pki/etcd/ca.crt']);
    expect(serials(after.served!)).toEqual({
      2379: is['/etc/kubernetes/pki/etcd/server.crt'],
      2380: is['/etc/kubernetes/pki/etcd/peer.crt'],
    });
    const client = '/etc/kubernetes/pki/apiserver-etcd-client.crt';
    expect(after['cp-1']![client]!.serial).not.toBe(before['cp-1']![client]!.serial);
    expect(await cluster.kubectl('get', '--raw', '/readyz/etcd')).toBe('ok');
    expect(outcome('checkedAfter')).toBe('SUCCEEDED');
    expect(ended.checkedAfter!.output.findings).toEqual([]);
    expect(ended.renewed!.output.summary).toContain('etcd has renewed certificates on etcd-1');
    expect(ended.renewedAgain!.output.plan).toMatchObject({ decision: 'nothing', etcd: [] });
  });

  test("etcd's machine gives the snapshot", () => {
    expect(outcome('backedUp')).toBe('SUCCEEDED');
    expect(JSON.stringify(ended.backedUp!.output)).toContain('etcd-1');
  });

  test('the plan of an upgrade says that etcd stays, and what it needs', () => {
    expect(outcome('upgradePlanned')).toBe('SUCCEEDED');
    const gates: { name: string; reason: string }[] = ended.upgradePlanned!.output.plan.gates;
    expect(gates.find(({ name }) => name === 'etcd-version')?.reason).toContain(
      'etcd is external, and this operation does not upgrade it. kubeadm 1.37 would bring etcd 3.7.0',
    );
  });
});
