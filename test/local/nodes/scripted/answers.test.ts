import type { ZodType } from 'zod';
import * as contracts from '../../../../lambdas/contracts/node-steps';
import { backUpResult } from '../../../../lambdas/contracts/snapshot';
import * as create from '../../../../lambdas/contracts/create-steps';
import * as remove from '../../../../lambdas/contracts/remove-steps';
import * as reconfigure from '../../../../lambdas/contracts/reconfigure-steps';
import * as upgrade from '../../../../lambdas/contracts/upgrade-steps';
import { upgradeFacts } from '../../../../lambdas/contracts/upgrade-facts';
import { RESULT_MARKER, scriptFailure } from '../../../../lambdas/contracts/run-on-nodes';
import { NODE_STEPS } from '../../../../lib/node-access/node-steps';
import type { NodeStepName } from '../../../../lib/node-access/node-steps';
import { nodeStepScript } from '../../../../lib/node-access/node-step-script';
import type { ScriptOutcome } from '../../../../local/nodes/node';
import { failure, lost, timeLimit } from '../../../../local/nodes/scripted/outcomes';
import type { ScriptedClusterOptions } from '../../../../local/nodes/scripted/scripted-cluster';
import { ScriptedCluster } from '../../../../local/nodes/scripted/scripted-cluster';
import { VirtualClock } from '../../../../local/virtual-clock';

const DAY = 24 * 3600;
const CONTRACTS: Record<NodeStepName, ZodType> = {
  'check-certificates': contracts.certificateInventory,
  'inspect-control-plane': contracts.controlPlaneFacts,
  'renew-certificates': contracts.renewalResult,
  'refresh-kubeconfigs': contracts.refreshResult,
  'rejoin-kubelet': contracts.rejoinResult,
  'bootstrap-token': contracts.bootstrapTokenResult,
  'wait-for-nodes': contracts.nodesReady,
  'back-up-etcd': backUpResult,
  'inspect-for-upgrade': upgradeFacts,
  'stage-upgrade': upgrade.stagedUpgrade,
  'raise-etcd': upgrade.raisedEtcd,
  'upgrade-kubeadm': upgrade.upgradedKubeadm,
  'drain-node': upgrade.drainedNode,
  'upgrade-kubelet': upgrade.upgradedKubelet,
  'uncordon-node': upgrade.uncordonedNode,
  preflight: create.preflightFacts,
  'prepare-node': create.preparedNode,
  'start-etcd': create.startedEtcd,
  'etcd-client': create.etcdClient,
  'sign-etcd-client': create.signedEtcdClient,
  'init-control-plane': create.initialisedControlPlane,
  'prepare-join': create.preparedJoin,
  'join-node': create.joinedNode,
  'probe-pods': create.probePods,
  'check-pod-network': create.podNetwork,
  'check-cluster-dns': create.clusterDns,
  'reset-node': remove.resetNode,
  'forget-node': remove.forgottenNode,
  'inspect-configuration': reconfigure.configurationFacts,
  'store-configuration': reconfigure.storedConfiguration,
  'reconfigure-control-plane': reconfigure.reconfiguredControlPlane,
  'reconfigure-kubelet': reconfigure.reconfiguredKubelet,
};
/** Values of each step's parameters: every combination is asked for. */
const PARAMETERS: Record<NodeStepName, Record<string, string>[]> = {
  'check-certificates': [{}],
  'inspect-control-plane': [{ Inventory: 'yes' }, { Inventory: 'no' }],
  'renew-certificates': ['files', 'etcd', 'kube-apiserver', 'all', 'all'].map((Until) => ({ Until, Force: 'no' })),
  'refresh-kubeconfigs': [{}],
  'rejoin-kubelet': [{ Wait: 'no' }, { Wait: 'yes' }],
  'bootstrap-token': [{ Action: 'create' }, { Action: 'delete' }],
  'wait-for-nodes': [{ Nodes: 'all', Absent: '0' }],
  'back-up-etcd': [{ Secret: '/kubeadm-autopilot/secrets/demo/upload', EtcdOn: 'none' }],
  'inspect-for-upgrade': [{ Version: '1.36.3' }, { Version: 'none' }],
  'stage-upgrade': [{ Version: '1.37.2' }],
  'raise-etcd': [{ ImageTag: '3.6.12-0' }],
  'upgrade-kubeadm': [{ Version: '1.37.2' }],
  'drain-node': [{ Node: 'worker-1' }],
  'upgrade-kubelet': [{ Version: '1.37.2' }],
  'uncordon-node': [{ Node: 'worker-1', Version: '1.37.2' }],
  preflight: [{ Endpoint: 'none' }],
  'prepare-node': [{ Version: '1.37.2', Runtime: 'containerd' }],
  'start-etcd': [{ Version: '1.37.2' }],
  'etcd-client': [{ Certificate: 'none', Ca: 'none' }],
  'sign-etcd-client': [{ Request: 'YQ==' }],
  'init-control-plane': [{ Version: '1.37.2' }],
  'prepare-join': [{ Action: 'create' }, { Action: 'delete' }],
  'join-node': [{ Version: '1.37.2', CaHash: 'f'.repeat(64) }],
  'probe-pods': [
    { Nodes: 'all', Action: 'create' },
    { Nodes: 'worker-1', Action: 'delete' },
  ],
  'check-pod-network': [{ Pods: 'cp-1=10.244.0.2,worker-1=10.244.1.2' }],
  'check-cluster-dns': [{}],
  'reset-node': [{ Node: 'worker-1', LeaveEtcd: 'no' }],
  'forget-node': [{ Node: 'worker-1', Member: 'none' }],
  'inspect-configuration': [{}],
  'store-configuration': [
    { Action: 'store', ClusterConfiguration: 'YQ==', KubeletConfiguration: 'YQ==' },
    { Action: 'finish' },
  ],
  'reconfigure-control-plane': [{ Patches: 'none' }],
  'reconfigure-kubelet': [{ Arguments: 'none', Patches: 'none' }],
};

const clock = new VirtualClock();
const clusterOf = (options: Partial<ScriptedClusterOptions> = {}) =>
  new ScriptedCluster({ name: 'demo', leafSeconds: 12 * DAY, workers: 1, ...options, clock });

/** Runs the step's own script, as the SSM agent would. */
async function ask(
  cluster: ScriptedCluster,
  step: NodeStepName,
  parameters: Record<string, string> = {},
  node = 'cp-1',
): Promise<ScriptOutcome> {
  let outcome: ScriptOutcome | undefined;
  const env = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`SSM_${name}`, value]));
  const run = cluster
    .node(node)
    .run({ script: nodeStepScript(step), env, timeLimitSeconds: NODE_STEPS[step].executionSeconds });
  void run.then((ended) => (outcome = ended));
  await clock.passUntil(() => outcome !== undefined);
  return run;
}

/** Its result, which has to be what the contract says, and no more. */
function resultOf(contract: ZodType, { exitCode, stdout, ended }: ScriptOutcome): Record<string, unknown> {
  expect([exitCode, ended]).toEqual([0, 'exit']);
  expect(stdout.startsWith(RESULT_MARKER)).toBe(true);
  const result = JSON.parse(stdout.slice(RESULT_MARKER.length)) as Record<string, unknown>;
  expect(contract.parse(result)).toEqual(result);
  return result;
}

describe.each<[string, Partial<ScriptedClusterOptions>]>([
  ['that is well', {}],
  [
    'whose kubelets cannot log in',
    { validity: (_node, name) => (name === 'kubelet-client' ? { notAfter: -1 } : undefined) },
  ],
  ['that is dead', { leafSeconds: -DAY, stopped: ['cp-1'] }],
])('on a cluster %s', (_which, options) => {
  test.each(Object.keys(NODE_STEPS) as NodeStepName[])('each answer of %s keeps its contract', async (step) => {
    const cluster = clusterOf(options);
    for (const parameters of PARAMETERS[step]) {
      const outcome = await ask(cluster, step, parameters);
      if (outcome.exitCode === 0) resultOf(CONTRACTS[step], outcome);
      else scriptFailure.parse(JSON.parse(outcome.stdout.slice(RESULT_MARKER.length)));
    }
  });
});

describe('what a renewal leaves', () => {
  test('new certificates on disk, served only after the restart', async () => {
    const cluster = clusterOf();
    const [had, etcd] = [cluster.node('cp-1').serials, cluster.node('cp-1').containers.etcd];
    await ask(cluster, 'renew-certificates', { Until: 'files', Force: 'no' });
    const node = cluster.node('cp-1');
    for (const [name, serial] of Object.entries(node.serials))
      expect(`${name} ${serial}`).not.toBe(`${name} ${had[name]}`);
    expect([node.loaded.get('etcd-server')!.serial, node.containers.etcd]).toEqual([had['etcd-server'], etcd]);
    await ask(cluster, 'renew-certificates', { Until: 'all', Force: 'no' });
    expect(node.loaded.get('etcd-server')!.serial).toBe(node.serials['etcd-server']);
    expect(node.containers.etcd).not.toBe(etcd);
    expect(node.renewals).toBe(1);
  });

  test('another leader of etcd, and within the hour nothing more to do', async () => {
    const cluster = clusterOf();
    await ask(cluster, 'renew-certificates', { Until: 'all', Force: 'no' });
    expect(cluster.etcd.leader!.name).toBe('cp-2');
    const refreshed = await ask(cluster, 'refresh-kubeconfigs');
    expect(resultOf(contracts.refreshResult, refreshed)).toMatchObject({ changed: true });
    const again = await ask(cluster, 'renew-certificates', { Until: 'all', Force: 'no' });
    expect(resultOf(contracts.renewalResult, again)).toMatchObject({ changed: false, renewed: [] });
  });

  test('copies of admin.conf to refresh: until then it counts as unfinished, and done again it is the same renewal', async () => {
    const cluster = clusterOf();
    const facts = async () => {
      const outcome = await ask(cluster, 'inspect-control-plane', { Inventory: 'no' });
      return (resultOf(contracts.controlPlaneFacts, outcome) as contracts.ControlPlaneFacts).renewal;
    };
    await ask(cluster, 'renew-certificates', { Until: 'all', Force: 'no' });
    await ask(cluster, 'renew-certificates', { Until: 'all', Force: 'yes' });
    expect(cluster.node('cp-1').renewals).toBe(1);
    expect(await facts()).toEqual({ finishedAt: expect.any(String), unfinished: true });
    await ask(cluster, 'refresh-kubeconfigs');
    expect(await facts()).toEqual({ finishedAt: expect.any(String), unfinished: false });
  });
});

test('a dead cluster works again once a majority of its members has restarted with new certificates', async () => {
  const cluster = clusterOf({ leafSeconds: -DAY });
  const works = () => cluster.controlPlanes.map((node) => cluster.apiServes(node));
  for (const name of ['cp-1', 'cp-2']) {
    expect(works()).toEqual([false, false, false]);
    await ask(cluster, 'renew-certificates', { Until: 'all', Force: 'no' }, name);
  }
  expect(works()).toEqual([true, true, false]);
  expect(cluster.notReady).toEqual(['cp-1', 'cp-2', 'cp-3', 'worker-1']);
  await ask(cluster, 'bootstrap-token', { Action: 'create' });
  await ask(cluster, 'rejoin-kubelet', { Wait: 'yes' }, 'worker-1');
  expect(cluster.notReady).toEqual(['cp-1', 'cp-2', 'cp-3']);
});

describe('what a test makes of a step', () => {
  test('it fails, is done twice, or not at all', async () => {
    const cluster = clusterOf();
    cluster.onStep = async () => failure('renew the files', 'out of entropy');
    expect(await ask(cluster, 'renew-certificates', { Until: 'all', Force: 'yes' })).toMatchObject({ exitCode: 1 });
    expect(cluster.node('cp-1').renewals).toBe(0);
    cluster.onStep = async (_call, next) => (next(), next());
    const twice = await ask(cluster, 'renew-certificates', { Until: 'all', Force: 'yes' });
    expect(resultOf(contracts.renewalResult, twice)).toMatchObject({ restarted: [] });
    expect(cluster.node('cp-1').renewals).toBe(1);
    cluster.onStep = async () => lost();
    expect(await ask(cluster, 'refresh-kubeconfigs')).toEqual(lost());
    expect(cluster.node('cp-1').openRenewal).toMatchObject({ isProven: true });
  });

  test('it takes as long as its time limit: killed, and nothing done', async () => {
    const cluster = clusterOf();
    cluster.secondsOf = ({ step }) => (step === 'renew-certificates' ? 3600 : 1);
    const before = clock.now().getTime();
    expect(await ask(cluster, 'renew-certificates', { Until: 'all', Force: 'no' })).toEqual(timeLimit());
    expect(clock.now().getTime() - before).toBeGreaterThanOrEqual(1800_000);
    expect(cluster.node('cp-1').renewals).toBe(0);
  });

  test('a script that is no node step is refused', async () => {
    const script = { script: '#!/bin/bash\ntrue\n', env: {}, timeLimitSeconds: 5 };
    await expect(clusterOf().node('cp-1').run(script)).rejects.toThrow('cp-1 only knows node steps');
  });
});
