import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import type { ProbeResult } from '../../local/nodes/lab/probe';
import { Probe } from '../../local/nodes/lab/probe';
import type { Ended } from '../operations/helpers/world';
import { World } from '../operations/helpers/world';
import { INSTALLED_FROM, INSTALLED_TO } from './helpers/kubernetes-version';
import { openShop, shopThrough } from './helpers/shop';
import { SPARING } from './helpers/sparing';
import { upgradeSettings } from './helpers/upgrade-settings';
import { secondsTable, turnsTable } from './helpers/turn-table';

const CLUSTER = 'upgrade-ha';
const TO = INSTALLED_TO.slice(1);

/**
 * Three control planes behind a load balancer and two workers to the next minor, by one execution as it is deployed, while clients outside of
 * the cluster open a new connection every 100 ms: to the API, and to a workload through its Service on either worker. A request has failed that
 * has no answer with status 200 within 15 s: refused, reset, timed out, or answered otherwise.
 */
describe('an upgrade of a cluster that is in use', () => {
  let cluster: LabCluster;
  let world: World;
  let upgrade: Ended;
  const probes: Record<string, ProbeResult> = {};

  beforeAll(async () => {
    cluster = await LabCluster.up({
      name: CLUSTER,
      kubernetesVersion: INSTALLED_FROM,
      imagesOf: [INSTALLED_TO],
      clusterConfiguration: SPARING,
    });
    await openShop(cluster);
    world = await World.start();
    world.nodes.push(...cluster.nodes);
    world.targetGroups.push(cluster.targetGroup);
    await upgradeSettings(world, CLUSTER);
    const asked = {
      API: Probe.ofApi(cluster.plan),
      'Service through worker-1': new Probe(cluster.plan, shopThrough(cluster, 'worker-1')),
      'Service through worker-2': new Probe(cluster.plan, shopThrough(cluster, 'worker-2')),
    };
    try {
      upgrade = await world.endUnhurried(await world.start('upgrade', { cluster: CLUSTER, version: TO }));
    } finally {
      for (const [what, probe] of Object.entries(asked)) probes[what] = await probe.stop();
    }
    await tell();
  });

  afterAll(async () => {
    await world?.stop();
    await cluster?.down();
  });

  async function tell(): Promise<void> {
    const { arn, status, error = '', cause = '', output } = upgrade;
    const lines = [`${status} ${error} ${cause}`.trim()];
    if (output) {
      lines.push(output.summary, secondsTable(output), turnsTable((await world.history(arn)).reverse()));
      lines.push(`${world.aws.usage.stateTransitions} state transitions, up to ${output.plan.transitions} predicted`);
    }
    for (const [what, { requests, failures, longestGapMs }] of Object.entries(probes)) {
      lines.push(`${what}: ${failures.length} of ${requests} requests failed, longest gap ${longestGapMs} ms`);
      lines.push(...failures.slice(0, 20).map(({ at, ms, reason }) => `  ${at} after ${ms} ms: ${reason}`));
    }
    console.log(lines.join('\n'));
  }

  const everyNode = (jsonpath: string) =>
    cluster.kubectl('get', 'nodes', '-o', `jsonpath={range .items[*]}${jsonpath} {end}`);

  test('succeeds and says so', () => {
    expect(`${upgrade.status} ${upgrade.error ?? ''} ${upgrade.cause ?? ''}`.trim()).toBe('SUCCEEDED');
    expect(upgrade.output.outcome).toBe('upgraded');
  });

  test.each(['API', 'Service through worker-1', 'Service through worker-2'])('no request failed: %s', (what) => {
    expect(probes[what]!.requests).toBeGreaterThan(1000);
    expect(probes[what]!.failures).toEqual([]);
  });

  test('it cost no more state transitions than its plan said', () => {
    expect(world.aws.usage.stateTransitions).toBeLessThanOrEqual(upgrade.output.plan.transitions);
  });

  test('every kubelet has the version, is Ready and takes pods', async () => {
    const { length } = cluster.nodes;
    expect(await everyNode('{.status.nodeInfo.kubeletVersion}')).toBe(`${INSTALLED_TO} `.repeat(length));
    expect(await everyNode('{.spec.unschedulable}')).toBe(' '.repeat(length));
    await cluster.kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s');
  });

  test('etcd was raised first, and every member is the one that kubeadm of the version pins', async () => {
    const raised = upgrade.output.rows.filter(({ seconds }: { seconds: object }) => 'raise-etcd' in seconds);
    expect(raised.map(({ node }: { node: string }) => node).sort()).toEqual(['cp-1', 'cp-2', 'cp-3']);
    const { stdout: pinned } = await cluster
      .node('cp-1')
      .exec([
        'bash',
        '-c',
        `kubeadm config images list --kubernetes-version ${INSTALLED_TO} | sed -n 's,.*/etcd:\\([0-9.]*\\)-.*,\\1,p'`,
      ]);
    for (const { name } of cluster.controlPlanes) {
      const said = await cluster.kubectl('-n', 'kube-system', 'exec', `etcd-${name}`, '--', 'etcd', '--version');
      expect(said).toContain(`etcd Version: ${pinned.trim()}\n`);
    }
  });

  test('every control plane is back in the load balancer, the workload is whole, and the lock is given back', async () => {
    expect(await cluster.targetGroup.targets()).toEqual(
      cluster.controlPlanes.map(({ instanceId: id }) => ({ id, port: 6443, state: 'healthy' })),
    );
    await cluster.kubectl('rollout', 'status', 'deployment/shop', '--timeout=60s');
    expect(await world.lockHolder(CLUSTER)).toBeUndefined();
  });
});
