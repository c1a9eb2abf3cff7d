import type { LabNode } from '../../local/nodes/lab/lab-node';
import { statesOf } from '../helpers/state-machine';
import type { Ended, Loose } from '../operations/helpers/world';
import { turns, whoPrinted } from './helpers/commands';
import { runNodeScript } from './helpers/node-script';
import type { NodeState } from './helpers/node-state';
import { stateOf } from './helpers/node-state';
import { everyCertificateOnDisk, servedCertificates } from './helpers/openssl';
import type { Certificates, Seen } from './helpers/openssl';
import { OperatedCluster } from './helpers/operated-cluster';
import { killOrchestratorAt } from './helpers/orchestrator';
import { SPARING } from './helpers/sparing';
import { holdRenewal, lastLogLine, letRenewalGo, scriptHasEnded, scriptRuns } from './helpers/script-on-node';

const CA_KEY = '/etc/kubernetes/pki/ca.key';
const PKI = '/etc/kubernetes/pki';
/** What presents another certificate after a renewal. The last two ports sign their own at each start; the kubelet's 10250 is not kubeadm's. */
const RENEWED_PORTS = ['6443', '2379', '2380', '10257', '10259'];

/** The operations, as they are deployed, on three real control planes to which something happens. Each test leaves the cluster whole. */
describe('under faults', () => {
  let lab: OperatedCluster;

  beforeAll(async () => {
    lab = await OperatedCluster.up({ name: 'faults', workers: 0, clusterConfiguration: SPARING });
  });
  afterAll(() => lab?.down());

  const steps = ({ output }: Ended): string[] => output.plan.steps.map(({ name }: Loose) => name);

  describe('check', () => {
    let check: Ended;
    let inventories: Record<string, { certificates: Loose[]; served: Loose[] }>;
    let disk: Record<string, Certificates>;
    let served: Record<string, Certificates>[];

    beforeAll(async () => {
      const servedBefore = await lab.ofEach(servedCertificates);
      check = await lab.check('check');
      const [command] = await lab.world.executions('run-on-nodes');
      const { output } = await lab.world.describe(command!);
      inventories = Object.fromEntries(output.nodes.map(({ name, result }: Loose) => [name, result]));
      disk = await lab.ofEach(everyCertificateOnDisk);
      served = [servedBefore, await lab.ofEach(servedCertificates)];
    });

    const seen = ({ serial, notAfter }: Loose): Seen => ({ serial, notAfter: new Date(notAfter) });

    test('finds nothing to do on a new cluster', () => {
      expect(check.output).toMatchObject({ nodesChecked: 3, findings: [], next: 'none' });
    });

    test('lists what openssl finds on each disk: the same files, serials and ends', () => {
      const listed = Object.entries(inventories).map(([node, { certificates }]) => [
        node,
        Object.fromEntries(certificates.filter(({ missing }) => !missing).map((one) => [one.path, seen(one)])),
      ]);
      expect(Object.fromEntries(listed)).toEqual(disk);
      // super-admin.conf is on the first control plane only.
      expect(Object.values(disk).map((files) => Object.keys(files).length)).toEqual([16, 15, 15]);
    });

    test('lists what openssl is presented on each port', () => {
      for (const [node, inventory] of Object.entries(inventories)) {
        const byPort = Object.fromEntries(inventory.served.map((one) => [one.port, seen(one)]));
        expect(Object.keys(byPort)).toEqual(Object.keys(served[0]![node]!));
        for (const [port, certificate] of Object.entries(byPort)) {
          // A controller-manager that lost its lease on a busy machine presents another one afterwards.
          expect(served.map((look) => look[node]![port])).toContainEqual(certificate);
        }
      }
    });
  });

  describe("the CA's key is kept elsewhere", () => {
    const away = (node: LabNode) => node.exec(['mv', CA_KEY, '/root/ca.key']);
    const back = (node: LabNode) => node.exec(['mv', '/root/ca.key', CA_KEY]);

    test('on no control plane: refused as an external CA', async () => {
      await Promise.all(lab.cluster.controlPlanes.map(away));
      await lab.refusesToRenew('ca.key nowhere', /: No control plane has the key of ca: an external CA signs these/);
      await Promise.all(lab.cluster.controlPlanes.map(back));
    });

    test('not on one control plane: refused, and that one named', async () => {
      await away(lab.node('cp-2'));
      await lab.refusesToRenew(
        'ca.key not on cp-2',
        /: cp-2 lacks the key of ca, which other control planes have: copy/,
      );
      await back(lab.node('cp-2'));
    });
  });

  test('a control plane is switched off: check reports it and the others, renew refuses; back on, nothing is in the way', async () => {
    await lab.node('cp-3').powerOff();
    const check = await lab.check('check, cp-3 off');
    expect(check.output).toMatchObject({ nodesChecked: 2, next: 'notify' });
    expect(check.output.findings).toEqual([
      expect.objectContaining({ kind: 'node-unreachable', node: 'cp-3', message: expect.stringMatching(/stopped/) }),
    ]);
    await lab.refusesToRenew('renew, cp-3 off', /1 of 3 control planes did not answer \(cp-3\): .*instance is stopped/);
    await lab.node('cp-3').powerOn();
    await lab.allReady();
    expect((await lab.renew('plan, cp-3 on', { planOnly: true })).output.plan.decision).toBe('act');
  });

  describe('a renewal with a reboot in the middle', () => {
    let before: Record<string, NodeState>;
    let servedBefore: Record<string, Certificates>;
    let half: Record<string, NodeState>;

    beforeAll(async () => {
      before = await lab.ofEach(stateOf);
      servedBefore = await lab.ofEach(servedCertificates);
    });

    test("etcd's leader comes last in the plan", async () => {
      await runNodeScript(lab.node('cp-1'), 'lead-etcd');
      const planned = await lab.renew('plan, cp-1 leads etcd', { planOnly: true });
      expect(steps(planned)).toEqual(['cp-2', 'cp-3', 'cp-1']);
    });

    test('a node reboots in its turn: the operation ends with a sentence, gives the lock back and leaves the others alone', async () => {
      const definition = await lab.world.definition('run-on-nodes');
      await lab.world.redefine('run-on-nodes', (changed) => {
        // SSM hears of the end a minute after the node is back: no need to wait for the event first.
        statesOf(changed)['Send the command']!['HeartbeatSeconds'] = 5;
      });
      let rebooted: Ended;
      try {
        await holdRenewal(lab.node('cp-2'), 'crictl');
        const { arn, node } = await lab.renewUntil('restart kube-apiserver] remove sandbox');
        expect(node.name).toBe('cp-2');
        await node.reboot();
        await letRenewalGo(node, 'crictl');
        rebooted = lab.tell('renew, cp-2 rebooted in the middle', await lab.world.end(arn));
      } finally {
        await lab.world.redefine('run-on-nodes', (changed) => Object.assign(changed, definition));
      }
      expect(rebooted).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed' });
      expect(rebooted.cause).toMatch(
        /^renew-certificates was lost on cp-2 while it ran, as when the node reboots [^.]*\.$/,
      );
      await lab.lockIsFree();
      await lab.allReady();
      half = await lab.ofEach(stateOf);
      expect({ ...half, 'cp-2': undefined }).toEqual({ ...before, 'cp-2': undefined });
    });

    test('started again it completes, begins with the node that was cut off, and ends with the leader', async () => {
      await runNodeScript(lab.node('cp-1'), 'lead-etcd');
      const since = lab.world.lines.length;
      const again = await lab.renew('renew, started again');
      expect(again.status).toBe('SUCCEEDED');
      expect(steps(again)).toEqual(['cp-2', 'cp-3', 'cp-1']);
      expect(again.output.plan.steps[0].why).toBe('an earlier renewal was cut off');
      expect(whoPrinted(lab.world.lines.slice(since), 'renew-certificates')).toEqual(['cp-2', 'cp-3', 'cp-1']);
    });

    test('no two nodes were ever at work at once', async () => {
      const all = await turns(lab.world, 'renew-certificates');
      expect(all.map(({ node }) => node)).toEqual(['cp-2', 'cp-2', 'cp-3', 'cp-1']);
      for (const [index, { from }] of all.slice(1).entries()) expect(from).toBeGreaterThanOrEqual(all[index]!.to);
    });

    test('every certificate of kubeadm is new, where it was cut off once; CAs and kubelets are as before', async () => {
      const after = await lab.ofEach(stateOf);
      for (const [node, { certificates }] of Object.entries(before)) {
        const kept = Object.keys(certificates).filter((path) => after[node]!.certificates[path] === certificates[path]);
        expect(kept.filter((path) => !path.endsWith('ca.crt') && !path.startsWith('/var/lib/kubelet'))).toEqual([]);
        expect(kept).toHaveLength(5);
      }
      expect(after['cp-2']!.certificates).toEqual(half['cp-2']!.certificates);
    });

    test('every port of every node presents a new one, and etcd and the API server what is on the disk', async () => {
      const disk = await lab.ofEach(stateOf);
      for (const [node, ports] of Object.entries(await lab.ofEach(servedCertificates))) {
        const isNew = (port: string) => ports[port]!.serial !== servedBefore[node]![port]!.serial;
        expect(Object.keys(ports).filter(isNew).sort()).toEqual([...RENEWED_PORTS].sort());
        const files = [`${PKI}/apiserver.crt`, `${PKI}/etcd/server.crt`, `${PKI}/etcd/peer.crt`];
        const onDisk = files.map((file) => disk[node]!.certificates[file]);
        expect(['6443', '2379', '2380'].map((port) => ports[port]!.serial)).toEqual(onDisk);
      }
    });
  });

  test('the orchestrator is killed in the middle: another one goes on, renews that node alone and nothing twice', async () => {
    const before = await lab.ofEach(stateOf);
    await Promise.all(lab.cluster.controlPlanes.map((node) => holdRenewal(node, 'crictl')));
    const { name } = lab.node(await killOrchestratorAt(lab.name, 'restart kube-apiserver] remove sandbox'));
    expect(await scriptRuns(lab.node(name))).toBe(true);
    await Promise.all(lab.cluster.controlPlanes.map((node) => letRenewalGo(node, 'crictl')));
    await scriptHasEnded(lab.node(name));
    lab.told.push(`orchestrator killed: the script on ${name} lived on until ${await lastLogLine(lab.node(name))}`);
    await lab.allReady();
    const half = await lab.ofEach(stateOf);
    expect(half[name]!.certificates).not.toEqual(before[name]!.certificates);

    const again = await lab.renew('renew by another orchestrator');
    expect(again.status).toBe('SUCCEEDED');
    expect(again.output.plan.steps).toMatchObject([{ name, why: 'an earlier renewal was cut off' }]);
    const after = await lab.ofEach(stateOf);
    expect(after[name]!.certificates).toEqual(half[name]!.certificates);
    expect({ ...after, [name]: undefined }).toEqual({ ...before, [name]: undefined });
  });

  test('an execution is stopped while its script runs: the lock is given back, and the next one is refused until the script has ended', async () => {
    const before = await lab.ofEach(stateOf);
    await Promise.all(lab.cluster.controlPlanes.map((each) => holdRenewal(each, 'kubeadm')));
    const { arn, node } = await lab.renewUntil('kubeadm certs renew', { force: true });
    await lab.world.stopExecution(arn);
    expect((await lab.world.describe(arn)).status).toBe('ABORTED');
    await lab.lockIsFree();
    const atWork = `: A script of an earlier operation is still at work on ${node.name}, and two control planes must not`;
    await lab.refusesToRenew('renew, script of a stopped one at work', new RegExp(atWork));

    await Promise.all(lab.cluster.controlPlanes.map((each) => letRenewalGo(each, 'kubeadm')));
    await scriptHasEnded(node);
    const done = await lab.ofEach(stateOf);
    expect(done[node.name]!.certificates).not.toEqual(before[node.name]!.certificates);
    expect({ ...done, [node.name]: undefined }).toEqual({ ...before, [node.name]: undefined });
    expect((await lab.renew('renew, once it has ended')).output.plan.decision).toBe('nothing');
    expect(await lab.ofEach(stateOf)).toEqual(done);
  });

  test('after all of it every node is Ready, and nothing went wrong unheard', async () => {
    await lab.cluster.kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s');
    expect(lab.world.problems).toEqual([]);
  });
});
