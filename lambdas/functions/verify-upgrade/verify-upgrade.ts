import type * as z from 'zod';
import type { UpgradePlan, UpgradeTurn } from '../../contracts/upgrade';
import type { ClusterFacts } from '../../contracts/upgrade-facts';
import type {
  HopOutcome,
  ProvenUpgrade,
  TurnOutcome,
  UpgradeReport,
  verifyUpgradeInput,
} from '../../contracts/upgrade-outcomes';
import { count, listNames } from '../../domain/text/plain-text';
import { readToldCluster, stateOf } from '../../domain/upgrade/cluster-as-told';
import { isOlder } from '../../domain/versions/version';
import { UserError } from '../../runtime/user-error';
import { certificateRows, componentRows } from './before-and-after';
import { renderReport } from './render-report';

type Row = UpgradeReport['rows'][number];

/** So many lines of the table fit into a state with the plan. */
const MOST_ROWS = 100;

/**
 * What an upgrade has come to, by what the cluster says afterwards: exit codes of kubeadm and what the scripts say prove nothing.
 * @throws UserError UpgradeNotProven when a node that was upgraded has another version, or does not take pods
 */
export function verifyUpgrade({
  cluster,
  plan,
  before,
  after,
  hops,
}: z.output<typeof verifyUpgradeInput>): ProvenUpgrade {
  const [told, now] = [readToldCluster(before), readToldCluster(after)];
  const [was, is] = [told.facts, now.facts];
  if (!is) {
    const why = now.noAnswers[0]?.message ?? 'no control plane can tell';
    throw notProven(`it cannot be told what ${cluster} runs now (${why})`);
  }
  const rows = turnsOf(plan).map(({ turn, role }) => rowOf(turn, role, { was, is, plan, hops }));
  const unproven = rows.filter(({ outcome }) => outcome === 'upgraded').flatMap((row) => problemOf(row));
  if (unproven.length > 0) throw notProven(unproven.slice(0, 3).join('; '));

  const of = (wanted: Row['outcome']) => rows.filter(({ outcome }) => outcome === wanted).map(({ node }) => node);
  const [skipped, notBegun] = [of('skipped'), of('not-begun')];
  const outcome = notBegun.length > 0 ? 'stopped' : skipped.length > 0 ? 'partly' : 'upgraded';
  const summary = {
    stopped: `The upgrade of ${cluster} to ${plan.target} was stopped as asked, with ${count(notBegun.length, 'node')} left: started again, it goes on with ${listNames(notBegun)}.`,
    partly: `${cluster} is at ${plan.target}, but for ${listNames(skipped)}, whose drain was given up: start the upgrade again when they can be drained.`,
    upgraded: `${cluster} is at ${plan.target}: ${count(of('upgraded').length, 'node')} upgraded from ${plan.from}.`,
  }[outcome];
  const report: UpgradeReport = {
    ...{ cluster, plan: withoutTurns(plan), outcome, summary },
    rows: rows.slice(0, MOST_ROWS),
    moreNodes: Math.max(0, rows.length - MOST_ROWS),
    components: componentRows(told, now),
    certificates: certificateRows(told, now),
  };
  return { ...report, ...renderReport(report) };

  function problemOf({ node, after: version }: Row): string[] {
    const turn = turnsOf(plan).find((one) => one.turn.name === node)!.turn;
    const state = stateOf(is, turn.nodeName);
    // More nodes than the API server's answer has room for: its own turn has looked at it.
    if (!state) return is!.nodesLeftOut > 0 ? [] : [`${node} is not in the cluster any more`];
    if (isOlder(version, lastVersion(plan))) return [`the kubelet of ${node} is ${version ?? 'of no known version'}`];
    if (!state.ready) return [`${node} is not Ready`];
    return state.cordoned === 'us' ? [`${node} is still cordoned`] : [];
  }

  function notProven(why: string): UserError {
    return new UserError(
      'UpgradeNotProven',
      `The upgrade of ${cluster} to ${plan.target} is not proven: ${why}: see what these nodes run, then start the upgrade again, it goes on where it stopped.`,
    );
  }
}

const lastVersion = (plan: UpgradePlan) => plan.hops.at(-1)?.version ?? plan.target;

/** Of each node the turn of its last hop; control planes first. */
function turnsOf({ hops }: UpgradePlan): { turn: UpgradeTurn; role: Row['role'] }[] {
  const of = (role: Row['role'], turns: UpgradeTurn[]) => [
    ...new Map(turns.map((turn) => [turn.instanceId, { turn, role }])).values(),
  ];
  return [
    ...of(
      'control-plane',
      hops.flatMap(({ controlPlanes }) => controlPlanes),
    ),
    ...of(
      'worker',
      hops.flatMap(({ workers }) => workers.flatMap(({ nodes }) => nodes)),
    ),
  ];
}

interface Told {
  was: ClusterFacts | undefined;
  is: ClusterFacts;
  plan: UpgradePlan;
  hops: HopOutcome[];
}

function rowOf(turn: UpgradeTurn, role: Row['role'], { was, is, plan, hops }: Told): Row {
  const outcomes = hops.flatMap(({ controlPlanes, workers }) =>
    [...controlPlanes, ...workers.flatMap(({ turns }) => turns)].filter(({ node }) => node === turn.name),
  );
  const [before, after] = [stateOf(was, turn.nodeName)?.kubelet, stateOf(is, turn.nodeName)?.kubelet];
  const hasAll = !isOlder(after, lastVersion(plan));
  // The API server's answer had no room for it, and no hop was cut short.
  const isLeftOut = after === undefined && is.nodesLeftOut > 0 && hops.length === plan.hops.length;
  return {
    ...{ node: turn.name, role },
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
    // Of a large group not every outcome is kept; those that are not are of nodes that were upgraded.
    outcome: worst(outcomes) ?? (hasAll || isLeftOut ? 'upgraded' : 'not-begun'),
    seconds: sum(outcomes),
  };
}

function worst(outcomes: TurnOutcome[]): Row['outcome'] | undefined {
  return (['failed', 'not-begun', 'skipped', 'upgraded'] as const).find((wanted) =>
    outcomes.some(({ outcome }) => outcome === wanted),
  );
}

function sum(outcomes: TurnOutcome[]): Record<string, number> {
  const seconds: Record<string, number> = {};
  for (const [step, took] of outcomes.flatMap((one) => Object.entries(one.seconds)))
    seconds[step] = (seconds[step] ?? 0) + took;
  return seconds;
}

/** What the report does not need twice: who was to be upgraded stands in its table. */
const withoutTurns = (plan: UpgradePlan): UpgradePlan => ({ ...plan, steps: [], hops: [] });
