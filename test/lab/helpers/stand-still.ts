import type { LabNode } from '../../../local/nodes/lab/lab-node';

/** Every process of a node stops but its init, as when a machine is suspended: nothing is renewed, and time goes on. Commands can be run there. */
export async function standStill(nodes: LabNode[]): Promise<void> {
  await signalAll(nodes, 'STOP');
}

export async function goOn(nodes: LabNode[]): Promise<void> {
  await signalAll(nodes, 'CONT');
}

async function signalAll(nodes: LabNode[], signal: string): Promise<void> {
  // All but the first process and the one that sends it.
  await Promise.all(nodes.map((node) => node.exec(['sh', '-c', `kill -s ${signal} -- -1`])));
}
