import { planUpgradeInput } from '../../../../lambdas/contracts/upgrade';
import { planUpgrade } from '../../../../lambdas/functions/plan-upgrade/plan-upgrade';
import { inDays, NOW } from '../../helpers/samples';
import {
  bring,
  component,
  controlPlane,
  input,
  machine,
  plan,
  shared,
  upgradeCluster,
} from '../../helpers/upgrade-samples';

const turns = (nodes: { name: string; command: string; done: string }[]) =>
  nodes.map(({ name, command, done }) => `${name} ${command} ${done}`);

test('one control plane and one worker: apply there, then the worker, in one hop', () => {
  const { decision, kind, from, hops, steps, summary } = plan(upgradeCluster(1, 1));
  expect({ decision, kind, from }).toEqual({ decision: 'act', kind: 'minor', from: '1.36.3' });
  expect(hops).toHaveLength(1);
  expect(hops[0]).toMatchObject({
    version: '1.37.2',
    kubeadm: { ignoreErrors: 'none', renewCertificates: 'yes', skipPhases: 'none', kubeletServer: 'own' },
    workers: [{ group: 'workers', maxUnavailable: 1, nodes: [{ name: 'worker-1', nodeName: 'worker-1' }] }],
  });
  expect(turns(hops[0]?.controlPlanes ?? [])).toEqual(['cp-1 apply nothing']);
  expect(steps.map(({ name, action }) => `${name}: ${action}`)).toEqual([
    'cp-1: upgrade control plane to 1.37.2',
    'worker-1: upgrade worker to 1.37.2',
  ]);
  expect(summary).toBe('demo will be upgraded to 1.37.2: 1 control plane, one at a time, then 1 worker.');
});

test("three control planes: etcd's leader last, the first one applies, kubelets use the endpoint meanwhile", () => {
  const { hops } = plan(upgradeCluster(3, 2));
  expect(turns(hops[0]?.controlPlanes ?? [])).toEqual(['cp-2 apply nothing', 'cp-3 node nothing', 'cp-1 node nothing']);
  expect(hops[0]?.kubeadm.kubeletServer).toBe('endpoint');
  expect(hops[0]?.raiseEtcd).toBeUndefined();
});

test('a patch of the same minor goes the same road', () => {
  const cluster = upgradeCluster(1, 1);
  cluster.target = '1.36.6';
  expect(plan(cluster)).toMatchObject({ decision: 'act', kind: 'patch', hops: [{ version: '1.36.6' }] });
});

test('a target two minors away is a chain, over the newest release of the minor between that every node can install', () => {
  const cluster = upgradeCluster(3, 1);
  bring(cluster, '1.35.4', ['cp-1', 'cp-2', 'cp-3', 'worker-1'], '3.6.6');
  const offered = machine(cluster, 'worker-1').packages.offered;
  if (offered?.[0]) offered[0].versions = ['1.36.5', '1.36.3'];
  for (const name of ['cp-1', 'cp-2', 'cp-3']) {
    const [row] = machine(cluster, name).packages.offered ?? [];
    if (row) row.versions = ['1.36.6', '1.36.5', '1.36.3'];
  }
  shared(cluster).configuration.kubernetesVersion = '1.35.4';
  shared(cluster).kubeProxy.version = '1.35.4';
  const { kind, hops, summary } = plan(cluster);
  expect(kind).toBe('chain');
  expect(hops.map(({ version }) => version)).toEqual(['1.36.5', '1.37.2']);
  // kubeadm of 1.36 installs etcd 3.6.8, which is too old for 3.7: it is raised before the second hop.
  expect(hops.map(({ raiseEtcd }) => raiseEtcd?.imageTag)).toEqual([undefined, '3.6.12-0']);
  expect(summary).toContain('by way of 1.36.5');
});

test('etcd that is older than its own rule asks is raised first, leader last; members that are new enough are not', () => {
  const cluster = upgradeCluster(3, 0);
  for (const name of ['cp-1', 'cp-3']) controlPlane(cluster, name).etcd.version = '3.6.8';
  const { hops, gates, steps } = plan(cluster);
  expect(hops[0]?.raiseEtcd).toMatchObject({ imageTag: '3.6.12-0', nodes: [{ name: 'cp-3' }, { name: 'cp-1' }] });
  expect(gates.find(({ name }) => name === 'etcd-version')).toMatchObject({ passed: true, warning: true });
  expect(steps.slice(0, 2).map(({ action }) => action)).toEqual(['raise etcd to 3.6.12-0', 'raise etcd to 3.6.12-0']);
});

describe('what an earlier run has finished is not repeated', () => {
  test('finished control planes have no turn, and the others do not apply again', () => {
    const cluster = upgradeCluster(3, 2);
    bring(cluster, '1.37.2', ['cp-2']);
    shared(cluster).configuration.kubernetesVersion = '1.37.2';
    const { hops, summary } = plan(cluster);
    expect(turns(hops[0]?.controlPlanes ?? [])).toEqual(['cp-3 node nothing', 'cp-1 node nothing']);
    expect(summary).toMatch(/What an earlier run has finished is left alone\.$/);
  });

  test('one whose static pods are new and whose kubelet is not goes first, and applies again: kubeadm was perhaps cut off', () => {
    const cluster = upgradeCluster(3, 0);
    for (const name of ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'])
      component(cluster, 'cp-3', name).version = '1.37.2';
    controlPlane(cluster, 'cp-3').unfinished = true;
    shared(cluster).configuration.kubernetesVersion = '1.37.2';
    expect(turns(plan(cluster).hops[0]?.controlPlanes ?? [])[0]).toBe('cp-3 apply nothing');
  });

  test('a kubelet that is installed and was not restarted; a node that is only still cordoned', () => {
    const cluster = upgradeCluster(1, 3);
    bring(cluster, '1.37.2', ['cp-1', 'worker-1', 'worker-2', 'worker-3']);
    shared(cluster).nodes = [
      { kubelet: '1.37.2', ready: true, fresh: true, names: ['cp-1', 'worker-3'] },
      { kubelet: '1.36.3', ready: true, fresh: true, names: ['worker-1'] },
      { kubelet: '1.37.2', ready: true, fresh: true, cordoned: 'us', names: ['worker-2'] },
    ];
    const { hops } = plan(cluster);
    expect(hops[0]?.controlPlanes).toEqual([]);
    expect(turns(hops[0]?.workers[0]?.nodes ?? [])).toEqual(['worker-1 node kubeadm', 'worker-2 node kubelet']);
  });

  test('nothing is left', () => {
    const cluster = upgradeCluster(1, 1);
    bring(cluster, '1.37.2', ['cp-1', 'worker-1']);
    expect(plan(cluster)).toMatchObject({ decision: 'nothing', hops: [], steps: [], predictedSeconds: 0, dollars: 0 });
  });

  test('a chain that was cut off in its first hop goes on with that version', () => {
    const cluster = upgradeCluster(3, 1);
    bring(cluster, '1.35.4', ['cp-1', 'cp-3', 'worker-1'], '3.6.6');
    expect(plan(cluster).hops.map(({ version }) => version)).toEqual(['1.36.3', '1.37.2']);
  });
});

test('workers by group, as many at a time as the settings allow', () => {
  const cluster = upgradeCluster(1, 9);
  cluster.nodes = cluster.nodes.map((node, index) => (index > 5 ? { ...node, group: 'batch' } : node));
  cluster.upgrade = { maxUnavailable: '50%' };
  expect(
    plan(cluster).hops[0]?.workers.map(({ group, maxUnavailable, nodes }) => [group, maxUnavailable, nodes.length]),
  ).toEqual([
    ['batch', 2, 4],
    ['workers', 2, 5],
  ]);
});

test('workers that are left out have no turn and are told', () => {
  const cluster = upgradeCluster(1, 2);
  cluster.skipNodes = ['worker-2'];
  cluster.facts.delete('worker-2');
  cluster.nodes = cluster.nodes.map((node) => (node.name === 'worker-2' ? { ...node, unreachable: 'stopped' } : node));
  const { decision, hops, skipped } = plan(cluster);
  expect(decision).toBe('act');
  expect(hops[0]?.workers[0]?.nodes.map(({ name }) => name)).toEqual(['worker-1']);
  expect(skipped).toEqual([{ name: 'worker-2', reason: 'stopped' }]);
});

test('certificates that would lose, and a kubelet that somebody led elsewhere', () => {
  const cluster = upgradeCluster(3, 0);
  controlPlane(cluster).certificates.push({ name: 'front-proxy-client', notAfter: inDays(3000) });
  controlPlane(cluster, 'cp-2').kubeletServer = 'other';
  expect(plan(cluster).hops[0]).toMatchObject({
    kubeadm: { renewCertificates: 'no', kubeletServer: 'own' },
    kubeletsLast: true,
  });
});

test('an etcd that is newer than the one of the minor keeps its certificates from kubeadm: all are renewed by name', () => {
  const cluster = upgradeCluster(1, 0);
  controlPlane(cluster).etcd.version = '3.7.9';
  expect(plan(cluster).hops[0]?.kubeadm.renewCertificates).toBe('no');
});

describe('the digest', () => {
  const digestOf = (change: (cluster: ReturnType<typeof upgradeCluster>) => void, now = NOW) => {
    const cluster = upgradeCluster(3, 2);
    change(cluster);
    return plan(cluster, now).digest;
  };
  const usual = digestOf(() => undefined);

  test.each<[string, Parameters<typeof digestOf>[0]]>([
    [
      'who leads, and so the order',
      (cluster) => {
        controlPlane(cluster, 'cp-1').etcd.leader = false;
        controlPlane(cluster, 'cp-2').etcd.leader = true;
      },
    ],
    ['leases', (cluster) => (shared(cluster).leases.scheduler = 9)],
    ['free bytes', (cluster) => (machine(cluster, 'cp-1').disk.freeKiB -= 1000)],
    ['the forecast', (cluster) => (shared(cluster).drains.pods = 11)],
    ['the order of the answers', (cluster) => cluster.nodes.reverse()],
  ])('does not change with %s', (_what, change) => expect(digestOf(change)).toBe(usual));

  test.each<[string, Parameters<typeof digestOf>[0]]>([
    ['a version', (cluster) => (machine(cluster, 'worker-1').kubelet = '1.36.4')],
    ['a node', (cluster) => (cluster.nodes = cluster.nodes.slice(0, 4))],
    ['the configuration', (cluster) => (shared(cluster).configuration.imageRepository = 'mirror.example')],
    ['an exception', (cluster) => (cluster.upgrade = { exceptions: ['cgroup-v1'] })],
    ['what a gate says', (cluster) => (shared(cluster).leases.scheduler = 90)],
    ['the target', (cluster) => (cluster.target = '1.37.1')],
  ])('changes with %s', (_what, change) => expect(digestOf(change)).not.toBe(usual));

  test('does not change in an hour', () =>
    expect(digestOf(() => undefined, new Date(NOW.getTime() + 3_600_000))).toBe(usual));
});

test('minutes, transitions and dollars', () => {
  const one = plan(upgradeCluster(1, 0));
  const three = plan(upgradeCluster(3, 2));
  // A control plane: about 10 minutes behind a Network Load Balancer.
  expect(three.steps[0]?.predictedSeconds).toBe(140 + 300 + 30 + 60);
  expect(three.predictedSeconds).toBe(90 + 120 + 3 * 530 + 2 * 45);
  expect(one.predictedSeconds).toBe(90 + 120 + 140 + 95 + 390);
  // The operation, the hop with its waits, three turns behind a load balancer, one group, two workers.
  expect(three).toMatchObject({ transitions: 80 + 83 + 3 * 129 + 16 + 2 * 39, dollars: 0.0161 });
  const asked = planUpgradeInput.parse(input(upgradeCluster(3, 2)));
  const quick = planUpgrade(asked, NOW, 0);
  expect(quick.predictedSeconds).toBe(three.predictedSeconds - 3 * 300);
  expect(quick.transitions).toBe(three.transitions - 3 * 3 * 13);
  // In no target group: nothing settles, nothing becomes healthy.
  const outside = planUpgrade(asked, NOW, null);
  expect(outside.predictedSeconds).toBe(three.predictedSeconds - 3 * 390);
  expect(outside.digest).toBe(three.digest);
});

test('a thousand nodes: the plan fits into a state, and lists the first steps', () => {
  const { steps, moreSteps, hops, ...others } = plan(upgradeCluster(3, 997));
  expect([steps.length, moreSteps]).toEqual([250, 750]);
  expect(hops[0]?.workers.flatMap(({ nodes }) => nodes)).toHaveLength(997);
  expect(JSON.stringify({ steps, hops, ...others }).length).toBeLessThan(180 * 1024);
});

test('a cluster without a control plane', () => {
  const cluster = upgradeCluster(0, 1);
  expect(() => plan(cluster)).toThrow(/has no node with the tag kubeadm-autopilot:role=control-plane/);
});
