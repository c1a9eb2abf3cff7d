import { renewalReport } from '../../lambdas/contracts/renewal';
import { renewalTable } from '../../local/commands/render';
import { Probe } from '../../local/nodes/lab/probe';
import type { ProbeResult } from '../../local/nodes/lab/probe';
import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import type { LabNode } from '../../local/nodes/lab/lab-node';
import type { Ended } from '../operations/helpers/world';
import { World } from '../operations/helpers/world';
import { KUBERNETES } from './helpers/kubernetes-version';
import { certificatesOnDisk, servedCertificates } from './helpers/openssl';
import type { Certificates } from './helpers/openssl';
import { SPARING } from './helpers/sparing';

/** Less than the threshold of 30 days: their own lifetime decides whether they are due. */
const TEN_DAYS = '240h0m0s';
const KUBEADM_PORTS = ['6443', '2379', '2380'];

/** check-certificates and renew-certificates, as they are deployed, on a real cluster of three control planes and a worker. */
describe('the road on real nodes', () => {
  let cluster: LabCluster;
  let world: World;
  let check: Ended;
  let renewal: Ended;
  let probe: ProbeResult;
  let before: Map<LabNode, Certificates>;
  let servedBefore: Map<LabNode, Certificates>;
  let after: Map<LabNode, Certificates>;
  let servedAfter: Map<LabNode, Certificates>;

  beforeAll(async () => {
    cluster = await LabCluster.up({
      ...KUBERNETES,
      name: 'operations',
      workers: 1,
      clusterConfiguration: { ...SPARING, certificateValidityPeriod: TEN_DAYS },
    });
    world = await World.start();
    world.nodes.push(...cluster.nodes);
    world.targetGroups.push(cluster.targetGroup);
    before = await ofEach(certificatesOnDisk);
    servedBefore = await ofEach(servedCertificates);
    const watched = Probe.ofApi(cluster.plan);
    check = await world.runWell('check-certificates', { cluster: 'operations' });
    renewal = await world.end(await world.start('renew-certificates', { cluster: 'operations' }));
    probe = await watched.stop();
    after = await ofEach(certificatesOnDisk);
    servedAfter = await ofEach(servedCertificates);
  });

  afterAll(async () => {
    await world?.stop();
    await cluster?.down();
  });

  const ofEach = async (look: (node: LabNode) => Promise<Certificates>): Promise<Map<LabNode, Certificates>> =>
    new Map(await Promise.all(cluster.controlPlanes.map(async (node) => [node, await look(node)] as const)));

  test('the check sees every certificate; ten days that have just begun are no reason to renew', () => {
    expect(check.output).toMatchObject({ cluster: 'operations', nodesChecked: 3, findings: [] });
    // kubeadm's, of which super-admin.conf is on the first control plane only, and more.
    expect(check.output.certificatesChecked).toBeGreaterThanOrEqual(11 + 10 + 10);
    expect(check.output.nextExecutionArn).toBeUndefined();
  });

  test('the renewal succeeds and says so', () => {
    expect(`${renewal.status} ${renewal.error ?? ''} ${renewal.cause ?? ''}`.trim()).toBe('SUCCEEDED');
  });

  test('every certificate on every disk is new, as openssl sees it', () => {
    for (const [node, certificates] of before) {
      for (const [file, { serial }] of Object.entries(certificates)) {
        expect(`${node.name} ${file} ${after.get(node)![file]!.serial}`).not.toBe(`${node.name} ${file} ${serial}`);
      }
    }
  });

  test('what the ports present is new, and is what is on the disk', () => {
    for (const [node, certificates] of servedAfter) {
      for (const port of KUBEADM_PORTS) {
        expect(certificates[port]!.serial).not.toBe(servedBefore.get(node)![port]!.serial);
      }
      const disk = after.get(node)!;
      const onDisk = ['apiserver.crt', 'etcd/server.crt', 'etcd/peer.crt'].map((file) => disk[file]!.serial);
      expect(KUBEADM_PORTS.map((port) => certificates[port]!.serial)).toEqual(onDisk);
    }
  });

  test('renewed certificates keep the validity that the cluster is configured with', () => {
    for (const certificates of after.values()) {
      for (const { notAfter } of Object.values(certificates)) {
        expect((notAfter.getTime() - Date.now()) / 3600_000).toBeLessThanOrEqual(240);
      }
    }
  });

  test('every node is Ready and every pod of the control plane runs', async () => {
    await cluster.kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s');
    await cluster.kubectl('-n', 'kube-system', 'wait', '--for=condition=Ready', 'pods', '--all', '--timeout=60s');
  });

  test('each control plane left the load balancer for its turn and came back', async () => {
    expect(renewal.output.loadBalancer).toHaveLength(3);
    for (const { node, said } of renewal.output.loadBalancer)
      expect(said).toBe(`${node} left operations-api; it came back and is healthy`);
    expect(await cluster.targetGroup.targets()).toEqual(
      cluster.controlPlanes.map(({ instanceId: id }) => ({ id, port: 6443, state: 'healthy' })),
    );
  });

  test('whoever led handed over before it was killed: etcd, controller manager and scheduler', async () => {
    const logs = await Promise.all(
      cluster.controlPlanes.map((node) =>
        node.exec(['sh', '-c', 'cat /var/lib/kubeadm-autopilot/logs/renew-certificates-*.log']),
      ),
    );
    const said = logs.map(({ stdout }) => stdout).join('');
    expect(said).toMatch(/move-leader to cp-\d: Leadership transferred from \w+ to \w+/);
    for (const component of ['kube-controller-manager', 'kube-scheduler'])
      expect(said).toMatch(new RegExp(`gave back the lease of ${component}, which cp-\\d_`));
  });

  test('the API answered through the load balancer all the time', () => {
    console.log(
      `${renewalTable(renewalReport.parse(renewal.output))}\n${probe.requests} requests, failed ${probe.failures.length}, longest gap ${probe.longestGapMs} ms`,
    );
    expect(probe.requests).toBeGreaterThan(100);
    expect(probe.failures).toEqual([]);
  });
});
