import type { ClusterConfig } from '../../lambdas/contracts/cluster-config';
import { clusterConfig } from '../../lambdas/contracts/cluster-config';
import type { FoundNodes } from '../../lambdas/contracts/find-nodes';
import { foundNodes } from '../../lambdas/contracts/find-nodes';
import type { ClusterNode } from '../../lambdas/contracts/node';
import type { NodeResult, RunOnNodesInput } from '../../lambdas/contracts/run-on-nodes';
import { nodeResult, runOnNodesInput } from '../../lambdas/contracts/run-on-nodes';

/** Data as it passes between states, valid by the contracts, for `count` nodes. */

export const EXECUTION = {
  Id: 'arn:aws:states:eu-central-1:000000000000:execution:kubeadm-autopilot-renew-certificates:renew-1',
  Name: 'renew-1',
  Input: { cluster: 'demo' },
  StartTime: '2026-11-23T03:00:00.123Z',
  RedriveCount: 0,
};

export const named = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    instanceId: `i-${String(index + 1).padStart(17, '0')}`,
    name: `cp${index + 1}`,
  }));

export const sampleConfig = (certificates: Partial<ClusterConfig['certificates']> = {}): ClusterConfig =>
  clusterConfig.parse({ cluster: 'demo', certificates });

export function sampleFound(
  count: number,
  certificates: Partial<ClusterConfig['certificates']> = {},
  change: Partial<FoundNodes<'renew-certificates'>> = {},
): FoundNodes<'renew-certificates'> {
  return foundNodes('renew-certificates').parse({
    cluster: 'demo',
    config: sampleConfig(certificates),
    options: { planOnly: false, force: false, kubelets: false, waitForWindow: false },
    controlPlanes: named(count).map((node) => ({ ...node, role: 'control-plane' })),
    etcdNodes: [],
    workers: [],
    workerCount: 0,
    reachable: named(count),
    unreachable: [],
    ...change,
  });
}

export const sampleWorkers = (count: number): ClusterNode[] =>
  Array.from({ length: count }, (_, index) => ({
    instanceId: `i-w${index + 1}`,
    name: `worker${index + 1}`,
    role: 'worker',
  }));

export function sampleRequest(count: number, lock = false): RunOnNodesInput {
  return runOnNodesInput.parse({
    document: 'kubeadm-autopilot-inspect-control-plane',
    nodes: named(count),
    parameters: { Inventory: 'no' },
    deliverySeconds: 120,
    executionSeconds: 240,
    tolerateFailures: false,
    ...(lock && { lock: { cluster: 'demo', holder: EXECUTION.Id, since: EXECUTION.StartTime } }),
  });
}

export const sampleResults = (count: number): NodeResult[] =>
  named(count).map((node) => nodeResult.parse({ ...node, result: { node: node.name } }));

export const sampleFailure = (node: { instanceId: string; name: string }): NodeResult =>
  nodeResult.parse({
    ...node,
    failure: {
      error: 'NodeStepFailed',
      message: `${node.name}: etcd did not come back.`,
      step: 'restart etcd',
      exitCode: 1,
      logTail: '...',
    },
  });
