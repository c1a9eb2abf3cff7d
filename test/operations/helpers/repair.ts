import type { ScriptedCluster } from '../../../local/nodes/scripted/scripted-cluster';
import type { SimulatedCluster } from '../../../local/nodes/simulated';
import { onDisk } from './openssl';
import { DAY } from './world';
import type { ClusterOptions, Ended, World } from './world';

let made = 0;
/** Three control planes and a worker with a name of their own, every certificate expired. */
export const deadCluster = (world: World, options: ClusterOptions = {}): Promise<SimulatedCluster> =>
  world.cluster(`dead-${(made += 1)}`, { controlPlanes: 3, workers: 1, dead: true, validity: undefined, ...options });

/** The same of scripted nodes. The kubelet of the last control plane does not run. */
export const scriptedDeadCluster = (
  world: World,
  { controlPlanes = 3, workers = 1 }: { controlPlanes?: number; workers?: number } = {},
): ScriptedCluster =>
  world.scriptedCluster(`dead-${(made += 1)}`, {
    controlPlanes,
    workers,
    leafSeconds: -DAY,
    validity: () => undefined,
    stopped: [`cp-${controlPlanes}`],
  });

/** Names of the nodes that are not Ready. */
export const notReady = (cluster: SimulatedCluster): string[] =>
  cluster.nodeViews().flatMap(({ name, ready }) => (ready ? [] : [name]));

/** The operation succeeded, every node is Ready and no certificate on a control plane has expired. */
export function expectWhole(cluster: SimulatedCluster, ended: Ended): void {
  expect(`${ended.status} ${ended.cause ?? ''}`.trim()).toBe('SUCCEEDED');
  expect(notReady(cluster)).toEqual([]);
  for (const node of cluster.nodes.filter(({ role }) => role === 'control-plane')) {
    for (const [file, { notAfter }] of Object.entries(onDisk(node)))
      expect(`${node.name} ${file} ${notAfter > new Date() ? 'valid' : 'expired'}`).toBe(`${node.name} ${file} valid`);
  }
}

/** The same of scripted nodes. */
export function expectScriptedWhole(cluster: ScriptedCluster, ended: Ended): void {
  expect(`${ended.status} ${ended.cause ?? ''}`.trim()).toBe('SUCCEEDED');
  expect(cluster.notReady).toEqual([]);
  for (const { name, certificates } of cluster.controlPlanes)
    for (const [file, { notAfter }] of certificates)
      if (file !== 'kubelet-serving')
        expect(`${name} ${file} ${notAfter > new Date() ? 'valid' : 'expired'}`).toBe(`${name} ${file} valid`);
}

/** Names of the parameters that were put for this cluster and not deleted. */
export function secretsLeft(world: World, cluster: { name: string }): string[] {
  const names = world.calls.filter(
    ({ action, input }) => action === 'PutParameter' && String(input['Name']).includes(`/${cluster.name}/`),
  );
  const gone = new Set(
    world.calls.filter(({ action }) => action === 'DeleteParameter').map(({ input }) => String(input['Name'])),
  );
  return names.map(({ input }) => String(input['Name'])).filter((name) => !gone.has(name));
}

/** Workers take six minutes to rejoin: the token is then old. */
export function letTheTokenAge(cluster: ScriptedCluster): void {
  cluster.secondsOf = ({ step, node }) => (step === 'rejoin-kubelet' && node.role === 'worker' ? 360 : 1);
}
