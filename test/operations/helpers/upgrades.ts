import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { ScriptedCluster } from '../../../local/nodes/scripted/scripted-cluster';
import type { Ended, Loose, World } from './world';

/** To what the clusters are upgraded. */
export const TARGET = '1.37.2';
const DAYS_200 = 200 * 24 * 3600;

/** A scripted cluster of the minor before. */
export const cluster = (world: World, name: string, options: Parameters<World['scriptedCluster']>[1] = {}) =>
  world.scriptedCluster(name, { version: '1.36.3', leafSeconds: DAYS_200, ...options });

/** As its plan has it: an estimate that is too low would be worth nothing. Whatever runs beside it is counted, too. */
export async function upgrade(world: World, of: ScriptedCluster, options: object = {}): Promise<Ended> {
  const before = world.aws.usage.stateTransitions;
  const ended = await world.runWell('upgrade', { cluster: of.name, version: TARGET, ...options });
  const { decision, transitions } = ended.output.plan;
  if (decision === 'act' && !('planOnly' in options))
    expect(transitions).toBeGreaterThanOrEqual(world.aws.usage.stateTransitions - before);
  return ended;
}

/** Every node runs the target, takes pods, and is in its load balancer. */
export async function expectUpgraded(world: World, of: ScriptedCluster, version = TARGET): Promise<void> {
  for (const { name, role, versions } of of.nodes)
    expect({ name, ...versions }).toEqual({
      ...{ name, kubeadm: version, kubelet: version },
      ...(role === 'control-plane' && { staticPods: version }),
    });
  expect([...of.kubernetes.cordoned]).toEqual([]);
  expect(await world.lockHolder(of.name)).toBeUndefined();
  expect(await world.loadBalancerRecord(of.name)).toBeUndefined();
}

/** What became of each node, in the order of the report. */
export const outcomes = ({ output }: { output: Loose }) =>
  Object.fromEntries(output.rows.map(({ node, outcome }: Loose) => [node, outcome]));
/** Nodes in the order in which their kubelets were upgraded. */
export const kubelets = (world: World, since: number) =>
  world
    .sent(since)
    .flatMap((command) =>
      command.startsWith('upgrade-kubelet to ') ? [command.slice('upgrade-kubelet to '.length)] : [],
    );

/** The settings of a cluster, as `cdk deploy` writes them. */
export async function settings(world: World, name: string, upgradeSettings: object, others = {}): Promise<void> {
  await world.ssm.send(
    new PutParameterCommand({
      Name: `/kubeadm-autopilot/clusters/${name}`,
      Value: JSON.stringify({ cluster: name, upgrade: upgradeSettings, ...others }),
      Type: 'String',
    }),
  );
}

/** What had been drained has been uncordoned, and the lock given back. */
export const unlocked = (world: World, of: ScriptedCluster) =>
  world.passUntil(async () => (await world.lockHolder(of.name)) === undefined);

/** A pod that a disruption budget holds on worker-1. */
export async function stuck(world: World, name: string, stuckDrain: string): Promise<ScriptedCluster> {
  const held = cluster(world, name, { workers: 2, loadBalancer: false });
  await settings(world, name, { stuckDrain, drainMinutes: 1 });
  held.kubernetes.budgets.set('shop/cart', 0);
  held.kubernetes.pods.push({ name: 'shop/cart-7d', node: 'worker-1', budget: 'shop/cart' });
  return held;
}
