import { mkdirSync, copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedCluster } from '../../local/nodes/simulated';
import { SERVED, onDisk, serials, served } from './helpers/openssl';
import { DAY, World, until } from './helpers/world';
import type { Loose } from './helpers/world';

const COMPONENTS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
const NAMES = ['cp-1', 'cp-2', 'cp-3'];

/** The road as its owner sees it: nobody does anything, and the certificates are new. One story, told in order. */
describe('the schedule fires, the check finds, the renewal follows', () => {
  let world: World;
  let cluster: SimulatedCluster;
  let before: Record<string, ReturnType<typeof onDisk>>;
  let check: Loose;
  let renewal: Loose;
  /** Every set of control planes that had a component down at one moment. */
  const downTogether = new Set<string>();

  beforeAll(async () => {
    world = await World.start();
    cluster = await world.cluster('demo', {
      controlPlanes: 3,
      workers: 1,
      validity: (node, certificate) => {
        if (certificate.startsWith('kubelet')) return { notAfter: 365 * DAY };
        return node === 'cp-2' && certificate === 'scheduler.conf' ? { notAfter: -DAY } : undefined;
      },
    });
    for (const name of NAMES) {
      const home = join(cluster.node(name).root, 'root/.kube');
      mkdirSync(home, { recursive: true });
      copyFileSync(join(cluster.node(name).root, 'etc/kubernetes/admin.conf'), join(home, 'config'));
    }
    // The leader has its turn last, so it must not be the last by name.
    cluster.etcd.moveLeader('cp-1');
    before = Object.fromEntries(NAMES.map((name) => [name, onDisk(cluster.node(name))]));
    const watch = setInterval(() => {
      const down = NAMES.filter((name) => COMPONENTS.some((component) => !cluster.node(name).containers[component]));
      if (down.length) downTogether.add(down.join(' and '));
    }, 20);
    world.aws.clock.moveTo(world.aws.nextScheduledTime('check-certificates-demo', 'kubeadm-autopilot')!);
    const [checkArn] = await until('the schedule starts a check', async () => {
      const executions = await world.executions('check-certificates');
      return executions.length > 0 && executions;
    });
    check = await world.succeeded(checkArn!);
    renewal = check.output.nextExecutionArn && (await world.succeeded(check.output.nextExecutionArn));
    clearInterval(watch);
  });
  afterAll(() => world?.stop());

  test('the check sees every control plane and what runs out', () => {
    expect(check.output).toMatchObject({ cluster: 'demo', nodesChecked: 3, next: 'renew' });
    expect(check.output.findings[0]).toMatchObject({ kind: 'expired', node: 'cp-2', certificate: 'scheduler.conf' });
    // kubeadm init makes super-admin.conf, so that only the first control plane has one.
    const expiring = check.output.findings.filter(({ kind }: Loose) => kind === 'expiring');
    expect(expiring).toHaveLength(3 * 10 + 1 - 1);
  });

  test('the check is named by what triggered it, and the renewal by the check', async () => {
    expect(check.name).toMatch(/^check-certificates-demo-[0-9a-f]{20}$/);
    expect(renewal.name).toMatch(/^renew-certificates-demo-[0-9a-f]{20}$/);
    expect(await world.executions('renew-certificates')).toEqual([renewal.arn]);
  });

  test('every certificate on every disk is new, as openssl sees it', () => {
    for (const name of NAMES) {
      const after = onDisk(cluster.node(name));
      expect(Object.keys(after)).toEqual(Object.keys(before[name]!));
      for (const [file, { serial, notAfter }] of Object.entries(after)) {
        expect(`${name} ${file} ${serial}`).not.toBe(`${name} ${file} ${before[name]![file]!.serial}`);
        expect((notAfter.getTime() - Date.now()) / 1000 / DAY).toBeGreaterThan(360);
      }
    }
  });

  test('what the ports present is what is on disk, as openssl sees it', async () => {
    for (const name of NAMES) {
      const disk = onDisk(cluster.node(name));
      for (const [file, port] of Object.entries(SERVED))
        expect(`${name}:${port} ${(await served(cluster, cluster.node(name), port)).serial}`).toBe(
          `${name}:${port} ${disk[file]!.serial}`,
        );
    }
  });

  test('the report tells the same before and after as openssl', () => {
    const rows = renewal.output.rows.filter(({ certificate }: Loose) => certificate === 'apiserver');
    expect(rows.map(({ node, before: { serial } }: Loose) => [node, serial]).sort()).toEqual(
      NAMES.map((name) => [name, before[name]!['apiserver']!.serial]),
    );
    expect(rows.map(({ node, after, servedSerial }: Loose) => [node, after.serial, servedSerial]).sort()).toEqual(
      NAMES.map((name) => {
        const { serial } = onDisk(cluster.node(name))['apiserver']!;
        return [name, serial, serial];
      }),
    );
  });

  test('copies of admin.conf are refreshed', () => {
    for (const name of NAMES) {
      const { root } = cluster.node(name);
      expect(readFileSync(join(root, 'root/.kube/config'), 'utf8')).toBe(
        readFileSync(join(root, 'etc/kubernetes/admin.conf'), 'utf8'),
      );
    }
  });

  test('one control plane at a time, the etcd leader last', () => {
    expect(renewal.output.plan.steps.map(({ name }: Loose) => name)).toEqual(['cp-2', 'cp-3', 'cp-1']);
    const turns = world.lines.filter(({ document }) => document === 'renew-certificates').map(({ node }) => node);
    expect(turns.filter((node, index) => node !== turns[index - 1])).toEqual(['cp-2', 'cp-3', 'cp-1']);
  });

  test('never two control planes with a component down at once', () => {
    expect([...downTogether].sort()).toEqual(NAMES);
  });

  test('on each node the static pods restart one by one, etcd first', () => {
    for (const name of NAMES) {
      const told = world.lines.filter(({ node, line }) => node === name && /is healthy$/.test(line));
      expect(told.map(({ line }) => / (\S+) is healthy$/.exec(line)![1])).toEqual(COMPONENTS);
    }
  });

  test('only these commands were sent, and none to a worker', () => {
    const all = 'to cp-1, cp-2, cp-3';
    // Once more after the load balancer has let go of it, which takes minutes.
    const turn = (name: string) => [
      `inspect-control-plane ${all}`,
      `inspect-control-plane ${all}`,
      `renew-certificates to ${name}`,
      `refresh-kubeconfigs to ${name}`,
    ];
    expect(world.sent()).toEqual([
      `check-certificates ${all}`,
      `inspect-control-plane ${all}`,
      ...['cp-2', 'cp-3', 'cp-1'].flatMap(turn),
      `inspect-control-plane ${all}`,
    ]);
  });

  test('the metrics show the little that was left, and then the year', () => {
    const smallest = world.calls
      .filter(({ action }) => action === 'PutMetricData')
      .flatMap(({ input }) => input['MetricData'] as Loose[])
      .filter(({ MetricName }) => MetricName === 'SmallestDaysToExpiry');
    expect(smallest.map(({ Dimensions }) => Dimensions)).toEqual(
      smallest.map(() => [{ Name: 'Cluster', Value: 'demo' }]),
    );
    expect(smallest).toHaveLength(2);
    expect(smallest[0].Value).toBeLessThan(0);
    expect(smallest[1].Value).toBeGreaterThan(360);
  });

  test('the bus hears each finding and the renewal', () => {
    // Reports come after the end, whenever they are written.
    const told = world.onBus().filter(([type]) => !['Node Progress', 'Report Written'].includes(type));
    const findings = told.filter(([type]) => type === 'Certificate Finding');
    expect(findings).toHaveLength(check.output.findings.length + check.output.moreFindings);
    expect(told.filter(([type]) => type !== 'Certificate Finding')).toEqual([
      [
        'Certificates Renewed',
        expect.objectContaining({ cluster: 'demo', execution: renewal.arn, renewedNodes: ['cp-2', 'cp-3', 'cp-1'] }),
      ],
    ]);
  });

  test('the operators are told once, of the renewal', () => {
    const told = world.aws.published().filter(({ subject }) => !subject?.startsWith('ALARM'));
    expect(told.map(({ subject }) => subject)).toEqual(['demo: certificates renewed on 3 control planes']);
    for (const name of NAMES) expect(told[0]!.message).toContain(name);
  });

  test('no lock is left, and nothing went wrong unseen', async () => {
    expect(await world.lockHolder('demo')).toBeUndefined();
    expect(world.problems).toEqual([]);
  });

  describe('and once more', () => {
    const allSerials = () => NAMES.map((name) => serials(onDisk(cluster.node(name))));

    test('at once: nothing is renewed twice', async () => {
      const had = allSerials();
      const sent = world.calls.length;
      const { output } = await world.runWell('renew-certificates', { cluster: 'demo' });
      expect(output).toMatchObject({ plan: { decision: 'nothing', steps: [] }, renewedNodes: [], rows: [] });
      expect(output.summary).toMatch(/hour/);
      expect(world.sent(sent)).toEqual(['inspect-control-plane to cp-1, cp-2, cp-3']);
      expect(allSerials()).toEqual(had);
    });

    test('planOnly: the plan, no lock, no command that changes anything', async () => {
      const had = allSerials();
      const since = world.calls.length;
      const { output, arn } = await world.runWell('renew-certificates', {
        cluster: 'demo',
        planOnly: true,
        force: true,
      });
      expect(output.plan.decision).toBe('act');
      expect(output.plan.steps).toHaveLength(3);
      expect(world.sent(since)).toEqual(['inspect-control-plane to cp-1, cp-2, cp-3']);
      // find-nodes reads whether the cluster is frozen.
      const items = world.calls.slice(since).filter(({ service }) => service === 'dynamodb');
      const ofLocks = items.filter(({ input }) => input['TableName'] === world.lockTable);
      expect(ofLocks.map(({ action }) => action)).toEqual(['GetItem']);
      expect(items.filter(({ action }) => action !== 'GetItem')).toEqual([]);
      expect(await world.entered(arn)).not.toContain('Hold the lock');
      expect(allSerials()).toEqual(had);
    });

    test('a check that is only planned asks no node', async () => {
      const since = world.calls.length;
      const { output } = await world.runWell('check-certificates', { cluster: 'demo', planOnly: true });
      expect(output.nodes.map(({ name }: Loose) => name)).toEqual(NAMES);
      expect(world.sent(since)).toEqual([]);
    });

    test('a check finds nothing more', async () => {
      const told = world.aws.published().length;
      const { output } = await world.runWell('check-certificates', { cluster: 'demo' });
      expect(output).toMatchObject({ findings: [], next: 'none', nodesChecked: 3 });
      expect(output.nextExecutionArn).toBeUndefined();
      expect(world.aws.published()).toHaveLength(told);
    });
  });
});
