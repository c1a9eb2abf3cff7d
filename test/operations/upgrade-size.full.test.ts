import { paginateGetExecutionHistory, paginateListExecutions } from '@aws-sdk/client-sfn';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { ScriptedCluster } from '../../local/nodes/scripted/scripted-cluster';
import { cluster, expectUpgraded, kubelets, settings, TARGET } from './helpers/upgrades';
import { World } from './helpers/world';
import type { Machine } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.startScripted();
});
afterAll(() => world?.stop());

const KIB = 1024;

interface Size {
  events: number;
  kib: number;
}

/** The largest input or output of a state, in KiB, and the number of events, of an execution. */
async function sizeOf(arn: string): Promise<Size> {
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
  return { events: history.length, kib: Math.round((10 * Math.max(0, ...bytes)) / KIB) / 10 };
}

/** ARNs of all executions of a state machine, the latest first. */
async function executionsOf(machine: Machine): Promise<string[]> {
  const arns: string[] = [];
  const list = { stateMachineArn: world.machineArn(machine) };
  for await (const { executions = [] } of paginateListExecutions({ client: world.sfn, pageSize: 1000 }, list))
    arns.push(...executions.map(({ executionArn }) => executionArn!));
  return arns;
}

/** The largest of all executions of a state machine, each read whole. */
async function largest(machine: Machine): Promise<Size> {
  const most: Size = { events: 0, kib: 0 };
  const arns = await executionsOf(machine);
  while (arns.length > 0)
    for (const { events, kib } of await Promise.all(arns.splice(0, 20).map(sizeOf)))
      Object.assign(most, { events: Math.max(most.events, events), kib: Math.max(most.kib, kib) });
  return most;
}

/** As an earlier run has left it that was stopped: the control planes are done, and these workers. */
function finished(of: ScriptedCluster, workers: number): void {
  of.kubernetes.version = of.kubernetes.addonsVersion = TARGET;
  for (const { versions } of of.controlPlanes)
    Object.assign(versions, { kubeadm: TARGET, kubelet: TARGET, staticPods: TARGET });
  for (const node of of.controlPlanes) node.etcdVersion = '3.7.0';
  for (const { versions } of of.nodes.filter(({ role }) => role === 'worker').slice(0, workers))
    Object.assign(versions, { kubeadm: TARGET, kubelet: TARGET });
}

const NEAR: Size = { events: 20_000, kib: 220 };

function expectFarFromLimits(sizes: Record<string, Size>): void {
  for (const [machine, { events, kib }] of Object.entries(sizes)) {
    expect([machine, events > NEAR.events]).toEqual([machine, false]);
    expect([machine, kib > NEAR.kib]).toEqual([machine, false]);
  }
}

/** How many nodes of the thousand are left to upgrade. All of them take minutes: `npm run test:scale`. */
const WORKERS = 997;
const LEFT = Number(process.env.UPGRADE_WORKERS ?? 5);

test(`1,000 nodes: the plan, and an upgrade of ${LEFT} workers, come near no limit of a state`, async () => {
  const many = cluster(world, 'thousand', { controlPlanes: 3, workers: WORKERS, groups: ['a', 'b', 'c', 'd', 'e'] });
  const planned = await world.runWell('upgrade', { cluster: many.name, version: TARGET, planOnly: true });
  expect(planned.output.plan.decision).toBe('act');
  const sizes: Record<string, Size> = { plan: await sizeOf(planned.arn) };
  if (LEFT < WORKERS) finished(many, WORKERS - LEFT);
  const transitions = world.aws.usage.stateTransitions;
  const { arn, output } = await world.runWell('upgrade', { cluster: many.name, version: TARGET });
  const used = world.aws.usage.stateTransitions - transitions;
  sizes['upgrade'] = await sizeOf(arn);
  for (const machine of ['upgrade-workers', 'upgrade-worker', 'run-on-nodes'] as const)
    sizes[machine] = await largest(machine);
  console.log(
    `1,000 nodes: ${planned.output.plan.transitions} state transitions predicted for all of them ($${planned.output.plan.dollars}), ${used} for ${LEFT} workers${LEFT < WORKERS ? '' : ' and the control planes'}; ${JSON.stringify(sizes)}; ${Math.round(process.memoryUsage().rss / 1e6)} MB`,
  );
  expect(used).toBeLessThan(planned.output.plan.transitions);
  expect(output.outcome).toBe('upgraded');
  await expectUpgraded(world, many);
  expectFarFromLimits(sizes);
});

test('200 workers in groups, 40 of them left: windows of maxUnavailable, and what a group of 1,000 would take', async () => {
  // Of those that are left the first group has 32 and the other 8.
  const groups = [
    ...Array<string>(160).fill('done'),
    ...Array.from({ length: 40 }, (_, i) => (i % 5 === 0 ? 'b' : 'a')),
  ];
  const many = cluster(world, 'groups', { controlPlanes: 3, workers: 200, groups, loadBalancer: false });
  await settings(world, many.name, { maxUnavailable: 5 });
  finished(many, 160);
  let atWork = 0;
  let most = 0;
  many.onStep = async (call, next) => {
    if (call.step === 'upgrade-kubeadm') most = Math.max(most, (atWork += 1));
    if (call.step === 'uncordon-node') atWork -= 1;
    return next();
  };
  const begun = (await executionsOf('upgrade-workers')).length;
  const transitions = world.aws.usage.stateTransitions;
  const since = world.calls.length;
  const { output } = await world.runWell('upgrade', { cluster: many.name, version: TARGET });
  const used = world.aws.usage.stateTransitions - transitions;
  const both = await Promise.all((await executionsOf('upgrade-workers')).reverse().slice(begun).map(sizeOf));
  const [large, small] = both.sort((one, other) => other.events - one.events) as [Size, Size];
  const each: Size = { events: (large.events - small.events) / 24, kib: (large.kib - small.kib) / 24 };
  const ofThousand: Size = { events: large.events + each.events * 968, kib: large.kib + each.kib * 968 };
  console.log(
    `200 workers, 40 left: ${used} state transitions, up to ${output.plan.transitions} predicted; ${most} at once; upgrade-workers: ${JSON.stringify({ large, small, each, ofThousand })}`,
  );
  expect(kubelets(world, since)).toHaveLength(40);
  await expectUpgraded(world, many);
  expect(most).toBe(5);
  expect(used).toBeLessThanOrEqual(output.plan.transitions);
  expectFarFromLimits({ 'one group of 1,000 workers': ofThousand });
});
