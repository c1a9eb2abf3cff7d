import type { PreflightFacts } from '../../../lambdas/contracts/create-steps';
import type { ClusterNode } from '../../../lambdas/contracts/node';
import type { NodeResult } from '../../../lambdas/contracts/run-on-nodes';
import { instanceId } from './samples';

// Machines as scripts/preflight.sh tells of them.

export const HASH = 'a'.repeat(64);

export interface Machine {
  node: ClusterNode;
  facts?: PreflightFacts;
}

export const worker = (number: number): ClusterNode => ({
  ...{ instanceId: instanceId(100 + number), name: `worker-${number}`, role: 'worker' },
});

/** Bare, and with all that Kubernetes needs. */
export function machine(node: ClusterNode, change: (facts: PreflightFacts) => void = () => undefined): Machine {
  const facts: PreflightFacts = {
    node: node.name,
    system: { id: 'ubuntu', version: '24.04', architecture: 'x86_64' },
    ...{ cpus: 2, memoryMiB: 3900, swap: false, cgroup: 'v2', clock: 'synchronised' },
    disk: { kubeletFreeMiB: 20_000, containerdFreeMiB: 20_000, etcdFreeMiB: 20_000 },
    productUuid: `uuid-${node.name}`,
    macs: [`mac-${node.name}`],
    runtime: { containerd: '2.2.1', sockets: ['/run/containerd/containerd.sock'] },
    packages: { manager: 'apt' },
    portsInUse: [],
    endpointAddresses: ['10.0.0.10'],
    cluster: { state: 'none' },
    secrets: { ok: true },
  };
  change(facts);
  return { node, facts };
}
export const joined = (node: ClusterNode, caHash = HASH): Machine =>
  machine(node, (facts) => {
    facts.cluster = { state: 'joined', caHash, ...(node.role === 'control-plane' && { controlPlane: true }) };
    facts.portsInUse = [6443, 2379, 10250];
  });

export const resultsOf = (machines: Machine[]): NodeResult[] =>
  machines.flatMap(({ node: { instanceId: id, name }, facts }): NodeResult[] =>
    facts ? [{ instanceId: id, name, result: facts }] : [],
  );
