import { paginateGetExecutionHistory } from '@aws-sdk/client-sfn';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { cluster, expectUpgraded, kubelets, settings, TARGET } from './helpers/upgrades';
import { World } from './helpers/world';
import type { Machine } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.startScripted();
});
afterAll(() => world?.stop());

const KIB = 1024;

/** The largest input or output of a state, in KiB, and the number of events, of an execution. */
async function sizeOf(arn: string): Promise<{ events: number; kib: number }> {
  const history: HistoryEvent[] = [];
  for await (const { events = [] } of paginateGetExecutionHistory({ client: world.sfn }, { executionArn: arn }))
    history.push(...events);
  const payloads = (event: HistoryEvent) =>
    Object.values(event).flatMap((detail) =>
      typeof detail === 'object' && detail !== null && !(detail instanceof Date)
        ? Object.values(detail as object).filter((text): text is string => typeof text === 'string')
        : [],
    );
  const bytes = history.flatMap(payloads).map((text) => Buffer.byteLength(text));
  return { events: history.length, kib: Math.ceil(Math.max(0, ...bytes) / KIB) };
}

/** The largest of the executions of each state machine since the beginning of the test. */
async function largest(machines: Machine[]): Promise<Record<string, { events: number; kib: number }>> {
  const of = async (machine: Machine) => {
    const sizes = await Promise.all((await world.executions(machine)).slice(0, 20).map(sizeOf));
    return { events: Math.max(...sizes.map((one) => one.events)), kib: Math.max(...sizes.map((one) => one.kib)) };
  };
  return Object.fromEntries(await Promise.all(machines.map(async (machine) => [machine, await of(machine)] as const)));
}

const MACHINES: Machine[] = ['upgrade', 'upgrade-workers', 'upgrade-worker', 'run-on-nodes'];

test.each([
  ['200 workers in four groups', 200, ['a', 'b', 'c', 'd'], 5],
  ['1,000 nodes', 997, ['a', 'b', 'c', 'd', 'e'], 40],
] as const)(
  '%s: no state comes near 256 KiB, and no history near 25,000 events',
  async (_what, workers, groups, maxUnavailable) => {
    const name = `of-${workers}`;
    const many = cluster(world, name, { controlPlanes: 3, workers, groups: [...groups] });
    await settings(world, name, { maxUnavailable });
    let atWork = 0;
    let most = 0;
    many.onStep = async (call, next) => {
      if (call.step === 'upgrade-kubeadm' && call.node.role === 'worker') most = Math.max(most, (atWork += 1));
      if (call.step === 'uncordon-node' && call.parameters['Node']?.startsWith('worker')) atWork -= 1;
      return next();
    };
    const transitions = world.aws.usage.stateTransitions;
    const since = world.calls.length;
    const began = Date.now();
    const { output } = await world.runWell('upgrade', { cluster: name, version: TARGET });
    const took = Math.round((Date.now() - began) / 1000);
    const used = world.aws.usage.stateTransitions - transitions;
    const sizes = await largest(MACHINES);
    console.log(
      `${name}: ${used} state transitions, up to ${output.plan.transitions} predicted; ${most} workers at once; ${took} s; ${JSON.stringify(sizes)}`,
    );

    await expectUpgraded(world, many);
    expect(output).toMatchObject({ outcome: 'upgraded' });
    expect(kubelets(world, since)).toHaveLength(3 + workers);
    expect(most).toBe(maxUnavailable);
    expect(used).toBeLessThanOrEqual(output.plan.transitions);
    for (const { events, kib } of Object.values(sizes)) {
      expect(events).toBeLessThan(12_500);
      expect(kib).toBeLessThan(200);
    }
  },
);
