import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { renewalReport } from '../../lambdas/contracts/renewal-plan';
import type { NodeStepName } from '../../lib/node-access/node-steps';
import { nodeStepScript } from '../../lib/node-access/node-step-document';
import { renewalTable } from '../../local/commands/render';
import { ApiProbe } from '../../local/nodes/lab/api-probe';
import type { ProbeResult } from '../../local/nodes/lab/api-probe';
import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import type { LabNode } from '../../local/nodes/lab/lab-node';
import { resultOf } from '../helpers/secret-reader';
import type { Ended } from '../operations/helpers/world';
import { World } from '../operations/helpers/world';
import { KUBERNETES } from './helpers/kubernetes-version';
import { certificatesOnDisk, servedCertificates } from './helpers/openssl';
import type { Certificates } from './helpers/openssl';
import { SPARING } from './helpers/sparing';

/** kubeadm's certificates run out within the threshold of 30 days, so that the check starts the renewal by itself. */
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
    const watched = new ApiProbe(cluster.plan);
    check = await world.runWell('check-certificates', { cluster: 'operations' });
    renewal = await world.end(check.output.nextExecutionArn);
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

  test('the check finds every certificate that kubeadm made', () => {
    expect(check.output).toMatchObject({ cluster: 'operations', nodesChecked: 3, next: 'renew' });
    const expiring = check.output.findings.filter(
      (finding: { kind: string; renewable: boolean }) => finding.kind === 'expiring' && finding.renewable,
    );
    // super-admin.conf is on the first control plane only.
    expect(expiring).toHaveLength(11 + 10 + 10);
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

  describe('a kubelet that gets no certificate tells why, in words that rejoin-kubelet knows', () => {
    const BINDINGS = ['kubeadm:kubelet-bootstrap', 'kubeadm:node-autoapprove-bootstrap'];
    const SECRET = '/kubeadm-autopilot/secrets/operations/test';
    const worker = () => cluster.node('worker-1');

    beforeAll(async () => {
      const Value = 'k8sfix.0123456789abcdef';
      await world.ssm.send(new PutParameterCommand({ Name: SECRET, Value, Type: 'SecureString' }));
      await worker().exec(['systemctl', 'stop', 'kubelet']);
      await worker().exec(['rm', '/var/lib/kubelet/pki/kubelet-client-current.pem']);
    });

    /** The step's result, or its message where it failed. */
    async function run(
      node: LabNode,
      step: NodeStepName,
      env: Record<string, string>,
    ): Promise<Record<string, string>> {
      const { stdout } = await node.run({
        script: nodeStepScript(step),
        env: {
          ...(await world.aws.environmentOf(node)),
          ...{ AWS_SSM_REGION_NAME: 'eu-central-1', NODE_STEP_PATIENCE: '20', SSM_Secret: SECRET },
          ...env,
        },
        timeLimitSeconds: 300,
      });
      return resultOf(stdout);
    }
    const rejoin = () => run(worker(), 'rejoin-kubelet', { SSM_Wait: 'yes' });

    test('a token that nobody made', async () => {
      expect((await rejoin())['message']).toMatch(/the API server refuses the bootstrap token: .*Unauthorized/);
    });

    test('a token that may not ask, then a request that nobody approves', async () => {
      await run(cluster.node('cp-1'), 'bootstrap-token', { SSM_Action: 'create' });
      const bindings = await cluster.kubectl('get', 'clusterrolebindings', ...BINDINGS, '-o', 'json');
      await cluster.kubectl('delete', 'clusterrolebindings', ...BINDINGS);
      expect((await rejoin())['message']).toMatch(/does not let the token ask for certificates: .*orbidden/);
      const [mayAsk, approval] = (JSON.parse(bindings) as { items: unknown[] }).items.map((binding) =>
        JSON.stringify(binding),
      );
      const restore = async (binding: string): Promise<void> => {
        await cluster.node('cp-1').writeFile('/run/binding.json', binding, 0o600);
        await cluster.kubectl('create', '-f', '/run/binding.json');
      };
      await restore(mayAsk!);
      expect((await rejoin())['message']).toMatch(/nobody signed what it asked for/);
      await restore(approval!);
      expect(await rejoin()).toMatchObject({ changed: true, kubelet: 'active' });
      await cluster.kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s');
    });
  });
});
