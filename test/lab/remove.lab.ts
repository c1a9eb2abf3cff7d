import { Probe } from '../../local/nodes/lab/probe';
import type { ProbeResult } from '../../local/nodes/lab/probe';
import type { Ended } from '../operations/helpers/world';
import { OperatedCluster } from './helpers/operated-cluster';
import { SPARING } from './helpers/sparing';

const CLUSTER = 'remove';

/** What the cluster knows after a removal. */
interface Known {
  nodes: string[];
  leases: string[];
  members: string[];
  /** Names in the load balancer. */
  targets: string[];
}

/** A worker, a dead control plane and one that works leave a cluster of three control planes, each by one execution as it is deployed. */
describe('nodes leave a cluster for good', () => {
  let lab: OperatedCluster;
  let worker: Ended;
  let again: Ended;
  let dead: Ended;
  let controlPlane: Ended;
  let last: Ended;
  let probe: ProbeResult;
  let known: Record<'worker' | 'dead' | 'controlPlane', Known>;

  beforeAll(async () => {
    lab = await OperatedCluster.up({ name: CLUSTER, workers: 1, clusterConfiguration: { ...SPARING } });
    lab.world.targetGroups.push(lab.cluster.targetGroup);
    worker = await remove(lab.node('worker-1').instanceId);
    const afterWorker = await look();
    again = await remove('worker-1');
    // At once, without a hand-over, as when a host dies.
    await lab.node('cp-3').cutPower();
    dead = await remove('cp-3');
    const afterDead = await look();
    const watched = Probe.ofApi(lab.cluster.plan);
    controlPlane = await remove('cp-2');
    probe = await watched.stop();
    known = { worker: afterWorker, dead: afterDead, controlPlane: await look() };
    last = await remove('cp-1');
  });

  afterAll(() => lab?.down());

  async function remove(node: string): Promise<Ended> {
    const began = Date.now();
    const ended = await lab.world.endUnhurried(await lab.world.start('remove-node', { cluster: CLUSTER, node }));
    return lab.tell(`remove ${node}, ${Math.round((Date.now() - began) / 1000)} s`, ended);
  }

  const shell = async (node: string, command: string) =>
    (await lab.node(node).exec(['bash', '-c', command])).stdout.trim();
  const names = async (...args: string[]) =>
    (await lab.cluster.kubectl('get', ...args, '-o', 'jsonpath={.items[*].metadata.name}')).trim().split(' ');

  async function look(): Promise<Known> {
    const pki = '/etc/kubernetes/pki/etcd';
    const list = `etcdctl --cacert=${pki}/ca.crt --cert=${pki}/server.crt --key=${pki}/server.key member list`;
    const said = await shell('cp-1', `crictl exec $(crictl ps -q --name '^etcd$') ${list}`);
    const nameOf = (id: string) => lab.cluster.nodes.find(({ instanceId }) => instanceId === id)!.name;
    const targets = await lab.cluster.targetGroup.targets();
    return {
      nodes: await names('nodes'),
      leases: await names('-n', 'kube-node-lease', 'leases'),
      members: said
        .split('\n')
        .map((line) => line.split(', ')[2]!)
        .sort(),
      targets: targets
        .filter(({ state }) => state !== 'draining')
        .map(({ id }) => nameOf(id))
        .sort(),
    };
  }

  const well = ({ status, error, cause }: Ended) => `${status} ${error ?? ''} ${cause ?? ''}`.trim();

  test('each removal succeeds and says so', () => {
    expect([worker, dead, controlPlane].map(well)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
    expect([worker, dead, controlPlane].map(({ output }) => output.plan.kind)).toEqual([
      ...['worker', 'dead', 'control-plane'],
    ]);
  });

  test('the cluster knows the node no more: no Node, no lease, no member, no target', () => {
    const all = ['cp-1', 'cp-2', 'cp-3'];
    const of = (left: string[]) => ({ nodes: left, leases: left, members: left, targets: left });
    expect(known).toEqual({
      worker: of(all),
      dead: of(['cp-1', 'cp-2']),
      controlPlane: of(['cp-1']),
    });
  });

  test.each(['worker-1', 'cp-2'])('%s is a machine of no cluster', async (node) => {
    expect(await shell(node, 'find /etc/kubernetes /etc/cni/net.d /var/lib/etcd /var/lib/kubelet ! -type d')).toBe('');
    expect(await shell(node, 'systemctl is-active kubelet; systemctl is-enabled kubelet; true')).toBe(
      'inactive\ndisabled',
    );
    expect(await shell(node, 'crictl pods -q')).toBe('');
    expect(await shell(node, "iptables-save | grep -cE 'KUBE-|CNI-' || true")).toBe('0');
    expect(await shell(node, 'ls /var/lib/kubeadm-autopilot/reset')).toBe('cni\nfinished');
  });

  test('every node that stays is Ready, and nothing is left over', async () => {
    await lab.cluster.kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s');
    expect(await lab.world.lockHolder(CLUSTER)).toBeUndefined();
    expect(await lab.world.loadBalancerRecord(CLUSTER)).toBeUndefined();
  });

  test('the API answered through the load balancer while a control plane left', () => {
    console.log(`${probe.requests} requests, failed ${probe.failures.length}, longest gap ${probe.longestGapMs} ms`);
    expect(probe.requests).toBeGreaterThan(50);
    expect(probe.failures).toEqual([]);
  });

  test('started again there is nothing to do', () => {
    expect(again.output).toMatchObject({ outcome: 'nothing', plan: { decision: 'nothing' } });
  });

  test('the last control plane stays', () => {
    expect(last).toMatchObject({ status: 'FAILED', error: 'GateRefused' });
    expect(last.cause).toContain('cp-1 is the last control plane that answers');
  });
});
