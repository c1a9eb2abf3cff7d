import { hasCgroupV1 } from '../../local/nodes/lab/check-host';
import type { Ended, Loose } from '../operations/helpers/world';
import { INSTALLED_FROM, INSTALLED_TO } from './helpers/kubernetes-version';
import { runNodeScript } from './helpers/node-script';
import type { Certificates } from './helpers/openssl';
import { certificatesOnDisk, servedCertificates } from './helpers/openssl';
import { killOrchestratorAt } from './helpers/orchestrator';
import { scriptHasEnded } from './helpers/script-on-node';
import type { Kill } from './helpers/upgraded-cluster';
import { UpgradedCluster } from './helpers/upgraded-cluster';
import { upgradeSettings } from './helpers/upgrade-settings';
import { putWebWithBudget } from './helpers/web-with-budget';

/** In the order in which an upgrade comes to them: each run goes on where the one before was killed, and comes to the next. */
const ON_THE_CONTROL_PLANE: Kill[] = [
  { node: 'cp-1', step: 'raise-etcd', text: 'prove what runs] begins', victim: 'script' },
  { node: 'cp-1', step: 'upgrade-kubeadm', text: 'Preparing for "etcd"', victim: 'kubeadm' },
  { node: 'cp-1', step: 'upgrade-kubeadm', text: 'Preparing for "kube-apiserver"', victim: 'script' },
  { node: 'cp-1', step: 'drain-node', text: 'drain cp-1] begins', victim: 'script' },
  { node: 'cp-1', step: 'upgrade-kubelet', text: 'restart the kubelet] begins', victim: 'script' },
];
const KUBEADM_ON_THE_WORKER: Kill = {
  node: 'worker-1',
  step: 'upgrade-kubeadm',
  text: 'run kubeadm upgrade node] begins',
  victim: 'kubeadm',
};

/** One cluster, one control plane and one worker, to which all of it happens on its way to the next minor. Each test leaves it whole. */
describe('an upgrade to which things happen', () => {
  let upgraded: UpgradedCluster;
  let before: Certificates;

  beforeAll(async () => {
    upgraded = await UpgradedCluster.up({ name: 'upgrade-faults', controlPlanes: 1, workers: 1 });
    await putWebWithBudget(upgraded.lab.cluster);
    await runNodeScript(upgraded.lab.node('cp-1'), 'long-certificate');
    before = await certificatesOnDisk(upgraded.lab.node('cp-1'));
  });
  afterAll(() => upgraded?.down());

  (hasCgroupV1() ? test : test.skip)(
    'without the exception for cgroup v1: a gate says no, nothing has changed',
    async () => {
      const { lab } = upgraded;
      await upgradeSettings(lab.world, lab.name, { exceptions: [] });
      const since = lab.world.calls.length;
      const refused = await upgraded.upgrade('without the exception');
      await upgradeSettings(lab.world, lab.name);
      expect(refused).toMatchObject({ status: 'FAILED', error: 'GateRefused' });
      expect(refused.cause).toMatch(/cp-1.*cgroup v1, which Kubernetes does not support from 1\.35 on/);
      expect(lab.world.sent(since).filter((command) => !command.startsWith('inspect'))).toEqual([]);
      expect(await upgraded.kubelets()).toEqual([INSTALLED_FROM, INSTALLED_FROM]);
    },
  );

  test.each(ON_THE_CONTROL_PLANE)('$victim is killed on $node in $step, at $text', async (kill) => {
    await upgraded.expectFailedWell(await upgraded.killed(kill), kill.step, kill.node);
  });

  test('kubeadm is killed on the worker', async () => {
    const kill = KUBEADM_ON_THE_WORKER;
    await upgraded.expectFailedWell(await upgraded.killed(kill), kill.step, kill.node);
    expect(await upgraded.kubelets()).toEqual([INSTALLED_TO, INSTALLED_FROM]);
  });

  describe('a budget that lets nobody go', () => {
    const allow = (minAvailable: number) =>
      upgraded.lab.cluster.kubectl(
        ...['patch', 'poddisruptionbudget', 'web', '--type=merge'],
        ...['-p', JSON.stringify({ spec: { minAvailable } })],
      );
    const blocked = (since: number) =>
      upgraded.lab.world.events.slice(since).filter((e) => e['detail-type'] === 'Drain Blocked');
    /** A gate says no before anything changes, unless the settings except it. */
    const exceptions = [...(hasCgroupV1() ? ['cgroup-v1'] : []), 'disruption-budgets'];
    let refused: Ended;
    let stopped: Ended;
    let since: number;

    beforeAll(async () => {
      const { lab } = upgraded;
      await allow(2);
      refused = await upgraded.upgrade('a budget of 0');
      await upgradeSettings(lab.world, lab.name, { exceptions, stuckDrain: 'stop', drainMinutes: 1 });
      since = lab.world.events.length;
      stopped = await upgraded.upgradeWhenWell('a budget of 0, stop');
    });

    test('a gate names it before anything changes', () => {
      expect(refused).toMatchObject({
        status: 'FAILED',
        error: 'GateRefused',
        cause: expect.stringContaining('default/web'),
      });
    });

    test('pod and budget are named while the drain waits', () => {
      const { world } = upgraded.lab;
      const [first] = blocked(since);
      // The control plane is there first where nothing was upgraded before.
      expect(first!.detail['node']).toMatch(/^(cp|worker)-1$/);
      expect(first!.detail['blockedBy']).toContainEqual(
        expect.objectContaining({ pod: expect.stringMatching(/^default\/web-/), budget: 'web' }),
      );
      const began = world.events
        .slice(since)
        .find(
          ({ detail, ...event }) =>
            event['detail-type'] === 'Node Progress' && (detail as Loose)['step'] === 'drain-node',
        )!;
      const seconds = (Date.parse(first!.time) - Date.parse(began.time)) / 1000;
      upgraded.lab.told.push(`told of the budget after ${seconds} s`);
    });

    test('stop: it ends there with a sentence, and the node takes pods again', async () => {
      expect(stopped.error).toBe('DrainStuck');
      await upgraded.expectFailedWell(stopped, 'was not drained', 'default/web');
    });

    test('skip: the node is left as it is', async () => {
      const { lab } = upgraded;
      await upgradeSettings(lab.world, lab.name, { exceptions, stuckDrain: 'skip', drainMinutes: 1 });
      const { status, output } = await upgraded.upgradeWhenWell('a budget of 0, skip');
      expect([status, output?.outcome]).toEqual(['SUCCEEDED', 'partly']);
      expect(await upgraded.cordoned()).toEqual([]);
      await upgradeSettings(lab.world, lab.name);
      await allow(1);
    });
  });

  test('the orchestrator is killed while the drained worker gets its kubelet: another one goes on', async () => {
    const { lab } = upgraded;
    const text = 'install the kubelet] begins';
    const name = await lab.whileAnotherOperates(() =>
      killOrchestratorAt(lab.name, text, 'upgrade-and-stay', INSTALLED_TO.slice(1)),
    );
    expect(name).toBe('worker-1');
    await upgradeSettings(lab.world, lab.name);
    await scriptHasEnded(lab.node(name));
    lab.told.push('orchestrator killed');
    const last = await upgraded.upgradeWhenWell('by another orchestrator');
    expect(`${last.status} ${last.cause ?? ''}`.trim()).toBe('SUCCEEDED');
    expect(last.output.outcome).toBe('upgraded');
    await upgraded.expectUpgraded();
  });

  test('the certificate that lives longer than a new one would is left alone and served, all others were renewed by name', async () => {
    const node = upgraded.lab.node('cp-1');
    const now = await certificatesOnDisk(node);
    const same = Object.keys(before).filter((name) => now[name]!.serial === before[name]!.serial);
    expect(same).toEqual(['apiserver.crt']);
    expect((await servedCertificates(node))['6443']).toEqual(before['apiserver.crt']);
  });

  test('nothing is left to do, and nothing went wrong unheard', async () => {
    expect((await upgraded.upgrade('once more')).output.outcome).toBe('nothing');
    await upgraded.lab.cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    expect(upgraded.lab.world.problems).toEqual([]);
  });
});
