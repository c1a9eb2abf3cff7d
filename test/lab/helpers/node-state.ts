import type { LabCluster } from '../../../local/nodes/lab/lab-cluster';
import type { LabNode } from '../../../local/nodes/lab/lab-node';
import { everyCertificateOnDisk, serials } from './openssl';

/** What a renewal changes on a node. Equal before and after: nothing was done there. */
export interface NodeState {
  /** Serials by path. */
  certificates: Record<string, string>;
  /** Of the static pods, sorted. A component that starts anew by itself keeps its sandbox. */
  sandboxes: string[];
}

const STATIC_PODS = ['crictl', 'pods', '--namespace', 'kube-system', '--label', 'tier=control-plane', '-q'];

export async function stateOf(node: LabNode): Promise<NodeState> {
  const { stdout } = await node.exec(STATIC_PODS);
  return { certificates: serials(await everyCertificateOnDisk(node)), sandboxes: stdout.trim().split('\n').sort() };
}

/** Id of the container in which a component runs on this control plane now. */
export async function staticPodContainer(node: LabNode, component: string): Promise<string> {
  const { stdout } = await node.exec(['crictl', 'ps', '--name', `^${component}$`, '--state', 'Running', '-q']);
  return stdout.trim();
}

/** Of all control planes that are on, by name. */
export async function stateOfAll(cluster: LabCluster): Promise<Record<string, NodeState>> {
  const nodes = cluster.controlPlanes.filter(({ isOn }) => isOn);
  return Object.fromEntries(await Promise.all(nodes.map(async (node) => [node.name, await stateOf(node)])));
}
