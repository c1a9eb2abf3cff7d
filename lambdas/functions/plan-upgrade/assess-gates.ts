import type { Gate } from '../../contracts/plan';
import type { DrainForecast, Hop } from '../../contracts/upgrade';
import { warned } from '../../domain/plan';
import type { UpgradeView } from '../../domain/upgrade/view';
import type { Path } from '../../domain/versions/path';
import { coreDnsDeployments, coreDnsPlugins, coreDnsVersion, kubeProxy } from '../../gates/upgrade-addon-gates';
import {
  certificateRenewal,
  certificateValidity,
  cgroupV1,
  cgroupV1Allowed,
  crioMinor,
  featureGates,
  instanceConfig,
  kubeadmConfiguration,
  kubeletFlags,
} from '../../gates/upgrade-configuration-gates';
import {
  apiReached,
  apiServerImages,
  bucketReached,
  controlPlanesHealthy,
  leasesFresh,
  manifestsComplete,
  oneControlPlane,
  strayPods,
} from '../../gates/upgrade-control-plane-gates';
import { diskSpace, etcdDisk, snapshotSize } from '../../gates/upgrade-disk-gates';
import { etcdAlarms, etcdFlags, etcdHealthy, etcdImage, etcdVersion } from '../../gates/upgrade-etcd-gates';
import {
  certificatesLast,
  cordonedNodes,
  foreignNodes,
  nodeMaintenance,
  nodesAnswer,
  nodesAtRest,
  nodesReady,
} from '../../gates/upgrade-node-gates';
import { packageManager, packagesAvailable, signingKey } from '../../gates/upgrade-package-gates';
import { knownMinor, noDowngrade, targetVersion, upgradePath, versionSkew } from '../../gates/upgrade-version-gates';
import { createJob, disruptionBudgets, drains, unmanagedPods } from '../../gates/upgrade-workload-gates';
import { notFrozen } from '../../gates/renewal-gates';

export interface Wanted {
  path: Path;
  /** Versions on the way; those that are there already too. */
  versions: string[];
  hops: Hop[];
  forecast: DrainForecast;
  seconds: number;
}

/** Every gate of an upgrade, in the order in which a person would ask. One that its owner excepts says so and passes. */
export function assessGates(view: UpgradeView, { path, versions, hops, forecast, seconds }: Wanted): Gate[] {
  const gates = [
    notFrozen(view.config),
    ...[nodesAnswer(view), nodesReady(view), foreignNodes(view), nodesAtRest(view)],
    ...[nodeMaintenance(view), cordonedNodes(view)],
    ...[knownMinor(view), targetVersion(view), noDowngrade(view), upgradePath(path), versionSkew(view, versions)],
    ...[packagesAvailable(view, versions), signingKey(view, seconds), packageManager(view)],
    ...[controlPlanesHealthy(view), oneControlPlane(view), leasesFresh(view), manifestsComplete(view)],
    ...[strayPods(view), apiServerImages(view)],
    ...[
      etcdHealthy(view),
      etcdAlarms(view),
      etcdVersion(view, hops),
      etcdImage(view, versions),
      etcdFlags(view, versions),
    ],
    ...[diskSpace(view, versions.length), etcdDisk(view), snapshotSize(view)],
    ...[apiReached(view), bucketReached(view)],
    ...[certificatesLast(view, seconds), certificateValidity(view), certificateRenewal(view)],
    ...[kubeadmConfiguration(view), featureGates(view, versions), kubeletFlags(view, versions)],
    ...[instanceConfig(view, versions), cgroupV1(view, versions), cgroupV1Allowed(view, versions), ...crioMinor(view)],
    ...[coreDnsVersion(view, versions), coreDnsPlugins(view, versions), coreDnsDeployments(view), kubeProxy(view)],
    ...[createJob(view), disruptionBudgets(view, forecast), unmanagedPods(view, forecast), drains(view, forecast)],
  ];
  const exceptions: readonly string[] = view.config.upgrade.exceptions;
  return gates.map((gate) =>
    !gate.passed && exceptions.includes(gate.name)
      ? warned(gate.name, `${gate.reason} The cluster's settings except this.`)
      : gate,
  );
}
