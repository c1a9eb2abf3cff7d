import type { UpgradeFacts } from '../../contracts/upgrade-facts';
import type { AssessMinorInput, AssessedMinor } from '../../contracts/upgrade-outcomes';
import type { Answer } from '../../domain/nodes/answers';
import { nextWait, secondsBetween } from '../../domain/load-balancer-turns';
import { readToldCluster, type ToldCluster } from '../../domain/upgrade/cluster-as-told';
import { isOlder } from '../../domain/versions/version';
import { UserError } from '../../runtime/user-error';

/** Rolling out kube-proxy to a thousand nodes takes minutes; after this something holds it up. */
const LONGEST_ROLL_OUT_S = 1200;

/**
 * Whether the control plane has a version as a whole: kubeadm ends well also where it has skipped the addons, and these follow only when
 * the last control plane is done. Workers are not drained before kube-proxy is ready everywhere.
 * @throws UserError UpgradeNotProven when something is still missing after 20 minutes
 */
export function assessMinor({ cluster, version, since, at, facts }: AssessMinorInput): AssessedMinor {
  const told = readToldCluster(facts);
  const missing = [
    ...told.noAnswers.map(({ message }) => message),
    ...told.controlPlanes.flatMap((node) => missingOn(node, version)),
    ...missingOf(told, version),
  ];
  if (missing.length === 0) return { next: 'go', waitSeconds: 0 };
  const waited = secondsBetween(since, at);
  if (waited < LONGEST_ROLL_OUT_S) return { next: 'wait', waitSeconds: nextWait(waited) };
  throw new UserError(
    'UpgradeNotProven',
    `The control plane of ${cluster} is not complete at ${version} after ${LONGEST_ROLL_OUT_S / 60} minutes (${missing.slice(0, 3).join('; ')}), so no worker was upgraded: correct that, then start the upgrade again, it goes on where it stopped.`,
  );
}

/** Static pods but etcd, which may be pinned: its member has to be healthy. */
function missingOn({ name, value }: Answer<UpgradeFacts>, version: string): string[] {
  const { components = [], etcd } = value.controlPlane ?? {};
  return [
    ...components.flatMap((one) => {
      if (!one.healthy.ok) return [`${one.name} of ${name} is not healthy: ${one.healthy.reason ?? 'no reason given'}`];
      return one.name === 'etcd' || !isOlder(one.version, version)
        ? []
        : [`${one.name} of ${name} is ${one.version ?? 'of no known version'}`];
    }),
    ...(etcd && !etcd.healthy ? [`etcd of ${name} is not healthy: ${etcd.reason ?? 'no reason given'}`] : []),
  ];
}

/** CoreDNS and kube-proxy really rolled out, or really absent where they were. */
function missingOf({ facts }: ToldCluster, version: string): string[] {
  if (!facts) return ['no control plane can tell how the cluster is'];
  const { kubeProxy, coreDns } = facts;
  const proxy = !kubeProxy.daemonSet
    ? []
    : isOlder(kubeProxy.version, version)
      ? [`kube-proxy is ${kubeProxy.version ?? 'of no known version'}`]
      : kubeProxy.ready !== kubeProxy.desired
        ? [`kube-proxy is ready on ${kubeProxy.ready ?? 0} of ${kubeProxy.desired ?? 0} nodes`]
        : [];
  return [
    ...proxy,
    ...coreDns.deployments
      .filter(({ desired, ready }) => ready < desired)
      .map(({ name, desired, ready }) => `${name} has ${ready} of ${desired} pods ready`),
  ];
}
