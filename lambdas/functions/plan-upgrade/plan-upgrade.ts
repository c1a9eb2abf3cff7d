import type * as z from 'zod';
import type { PlanStep } from '../../contracts/plan';
import type { Hop, planUpgradeInput, UpgradePlan } from '../../contracts/upgrade';
import { chooseMember } from '../../domain/etcd/choose-member';
import { badVersion } from '../../domain/hazards/hazards';
import { decideWithoutDigest, type Wanted } from '../../domain/plan';
import { count } from '../../domain/text/plain-text';
import { tagOf } from '../../domain/upgrade/core-dns';
import { componentVersion, etcdWitness, viewCluster, type UpgradeView } from '../../domain/upgrade/view';
import { findPath, type Path } from '../../domain/versions/path';
import { minorOf, oldest } from '../../domain/versions/version';
import { inMaintenanceWindow } from '../../gates/window-gate';
import { UserError } from '../../runtime/user-error';
import { assessGates } from './assess-gates';
import { forecastDrains } from './forecast-drains';
import { planHops } from './plan-hops';
import { controlPlaneSeconds, surroundings, upgradeSeconds, workerSeconds, type Surroundings } from './predict-upgrade';
import { upgradeCost } from './upgrade-cost';
import { upgradeDigest } from './upgrade-digest';

const MOST_STEPS = 250;

/**
 * Over which versions a cluster comes to its target, which nodes take their turn at each, in which order, and whether all gates let it happen.
 * What an earlier run has finished is not in it.
 * @param deregistrationSeconds of the target groups of its control planes; null where they are in none
 * @throws UserError NoControlPlane
 */
export function planUpgrade(
  input: z.output<typeof planUpgradeInput>,
  now: Date,
  deregistrationSeconds?: number | null,
): UpgradePlan {
  const view = viewCluster(input, now);
  if (!view.nodes.some(({ role }) => role === 'control-plane')) {
    throw new UserError(
      'NoControlPlane',
      `Cluster ${view.cluster} has no node with the tag kubeadm-autopilot:role=control-plane, at least one is needed: tag its control planes.`,
    );
  }
  const path = pathOf(view);
  const versions = 'hops' in path ? path.hops : [view.target];
  const hops = planHops(view, versions);
  const around = surroundings(input.config.loadBalancer, deregistrationSeconds);
  const forecast = forecastDrains(view);
  const seconds = upgradeSeconds(hops, around);
  const { gate, ...window } = inMaintenanceWindow({
    windows: input.config.maintenance.windows,
    timeZone: input.config.certificates.timeZone,
    now: new Date(input.at),
    waits: input.options.waitForWindow,
    longestNodeSeconds: Math.max(
      0,
      ...hops.flatMap((hop) => stepsOf(hop, around)).map((step) => step.predictedSeconds),
    ),
  });
  const gates = [gate, ...assessGates(view, { path, versions, hops, forecast, seconds })];
  const from = oldest(view.machines.map(({ value }) => value.machine.kubelet)) ?? 'unknown';
  const wanted: Wanted<UpgradePlan> = {
    operation: 'upgrade',
    ...{ cluster: view.cluster, kind: kindOf(versions, from), from, target: view.target },
    summary: summarise(view, hops),
    ...listed(hops.flatMap((hop) => stepsOf(hop, around))),
    ...{ gates, hops, forecast, predictedSeconds: seconds },
    ...{ window, versions: foundVersions(view) },
    skipped: view.skipped.map(({ name, unreachable }) => ({
      name,
      reason: unreachable ?? 'named in skipNodes',
    })),
    ...upgradeCost(hops, around),
  };
  const decided = decideWithoutDigest(wanted, {
    whatIsNotDone: `${view.cluster} is not upgraded to ${view.target}`,
    nothingToDo: hops.length === 0,
  });
  const plan = { ...decided, digest: upgradeDigest(view, decided) };
  return plan.decision === 'act' ? { ...plan, ...snapshotOf(view) } : { ...plan, hops: [], transitions: 0, dollars: 0 };
}

/** The first ones: what a thousand nodes need in two minors is in the same state of 256 KiB. */
function listed(steps: PlanStep[]): Pick<UpgradePlan, 'steps' | 'moreSteps'> {
  const more = steps.length - MOST_STEPS;
  return { steps: steps.slice(0, MOST_STEPS), ...(more > 0 && { moreSteps: more }) };
}

/** Which of them leads changes from minute to minute: this is no part of the digest. */
function snapshotOf({ etcd, controlPlanes }: UpgradeView): Pick<UpgradePlan, 'snapshot'> {
  const etcdOn = etcd.topology === 'stacked' ? chooseMember(controlPlanes.map(etcdWitness)) : undefined;
  if (!etcdOn) return {};
  return { snapshot: { etcdOn, nodes: controlPlanes.map(({ instanceId, name }) => ({ instanceId, name })) } };
}

function pathOf(view: UpgradeView): Path {
  const offers = view.machines.map(({ value }) => value.machine.packages.offered ?? []);
  return findPath({
    apiServers: view.controlPlanes.flatMap((node) => componentVersion(node, 'kube-apiserver') ?? []),
    kubelets: view.machines.flatMap(({ value }) => value.machine.kubelet ?? []),
    target: view.target,
    offered: (minor) => {
      const [first = [], ...others] = offers.map(
        (offered) => offered.find((one) => one.minor === `1.${minor}`)?.versions ?? [],
      );
      return first.filter((version) => !badVersion(version) && others.every((other) => other.includes(version)));
    },
  });
}

function kindOf(versions: string[], from: string): UpgradePlan['kind'] {
  if (versions.length > 1) return 'chain';
  return minorOf(versions[0]) === minorOf(from) ? 'patch' : 'minor';
}

function summarise({ cluster, target, nodes }: UpgradeView, hops: Hop[]): string {
  if (hops.length === 0) return `Every node of ${cluster} is at ${target}: there is nothing to do.`;
  const controlPlanes = Math.max(...hops.map((hop) => hop.controlPlanes.length));
  const workers = Math.max(...hops.map((hop) => hop.workers.reduce((sum, group) => sum + group.nodes.length, 0)));
  const whom = [
    ...(controlPlanes > 0 ? [`${count(controlPlanes, 'control plane')}, one at a time`] : []),
    ...(workers > 0 ? [count(workers, 'worker')] : []),
  ].join(', then ');
  const way =
    hops.length > 1
      ? ` by way of ${hops
          .slice(0, -1)
          .map(({ version }) => version)
          .join(', ')}`
      : '';
  const rest = controlPlanes + workers < nodes.length ? ' What an earlier run has finished is left alone.' : '';
  return `${cluster} will be upgraded to ${target}${way}: ${whom}.${rest}`;
}

function stepsOf(hop: Hop, around: Surroundings): PlanStep[] {
  const { version, raiseEtcd, controlPlanes, workers } = hop;
  const why = (done: string) =>
    done === 'nothing' ? `it is not at ${version}` : 'an earlier upgrade was cut off there';
  return [
    ...(raiseEtcd?.nodes ?? []).map(({ instanceId, name }) => ({
      ...{ instanceId, name, action: `raise etcd to ${raiseEtcd?.imageTag}` },
      why: `its etcd is too old for ${version}`,
      predictedSeconds: controlPlaneSeconds(hop, around) / 2,
    })),
    ...controlPlanes.map(({ instanceId, name, done }) => ({
      ...{ instanceId, name, action: `upgrade control plane to ${version}`, why: why(done) },
      predictedSeconds: controlPlaneSeconds(hop, around),
    })),
    ...workers.flatMap(({ nodes }) =>
      nodes.map(({ instanceId, name, done }) => ({
        ...{ instanceId, name, action: `upgrade worker to ${version}`, why: why(done) },
        predictedSeconds: workerSeconds(),
      })),
    ),
  ];
}

/** What runs beside Kubernetes' own parts, as found. */
function foundVersions({ controlPlanes, facts }: UpgradeView): UpgradePlan['versions'] {
  const etcd = oldest(controlPlanes.map(({ value }) => value.controlPlane.etcd.version));
  const [coreDns] = facts?.coreDns.deployments ?? [];
  return [
    ...(etcd === undefined ? [] : [{ name: 'etcd', version: etcd }]),
    ...(coreDns ? [{ name: 'CoreDNS', version: tagOf(coreDns.image) }] : []),
    ...(facts?.kubeProxy.version === undefined ? [] : [{ name: 'kube-proxy', version: facts.kubeProxy.version }]),
    ...(facts?.addons ?? []).map(({ name, version }) => ({ name, version })),
  ];
}
