import { KUBELET_SKEW } from './path';
import { isOlder, minorOf, newest, oldest } from './version';

/** What runs in a cluster, by what it is. Versions that are not known are left out. */
export interface RunningVersions {
  apiServers: string[];
  controllerManagers: string[];
  schedulers: string[];
  kubelets: { node: string; version: string }[];
  kubeProxy?: string | undefined;
  cloudControllerManager?: string | undefined;
}

/**
 * Where the versions of a cluster are further apart than Kubernetes supports, in half a sentence each
 * (kubernetes.io/releases/version-skew-policy).
 */
export function findSkew(running: RunningVersions): string[] {
  const { apiServers, kubelets } = running;
  const [old, young] = [oldest(apiServers), newest(apiServers)];
  const [oldMinor, youngMinor] = [minorOf(old), minorOf(young)];
  if (oldMinor === undefined || youngMinor === undefined) return ['no API server tells its version'];
  const problems: string[] = [];
  if (youngMinor - oldMinor > 1) problems.push(`API servers of ${old} and ${young} run at the same time`);
  const clients: [string, string | undefined][] = [
    ['kube-controller-manager', newest(running.controllerManagers)],
    ['kube-scheduler', newest(running.schedulers)],
    ['cloud-controller-manager', running.cloudControllerManager],
  ];
  for (const [name, version] of clients) {
    const minor = minorOf(version);
    if (minor === undefined) continue;
    if (minor > youngMinor) problems.push(`${name} ${version} is newer than the API server ${young}`);
  }
  const oldestOf: [string, string | undefined][] = [
    ['kube-controller-manager', oldest(running.controllerManagers)],
    ['kube-scheduler', oldest(running.schedulers)],
  ];
  for (const [name, version] of oldestOf) {
    const minor = minorOf(version);
    if (minor !== undefined && youngMinor - minor > 1)
      problems.push(`${name} ${version} is more than one minor older than the API server ${young}`);
  }
  for (const { node, version } of kubelets) {
    const minor = minorOf(version);
    if (minor === undefined) continue;
    if (minor > youngMinor) problems.push(`the kubelet ${version} of ${node} is newer than the API server ${young}`);
    if (youngMinor - minor > KUBELET_SKEW)
      problems.push(`the kubelet ${version} of ${node} is more than three minors older than the API server ${young}`);
  }
  const proxy = minorOf(running.kubeProxy);
  if (proxy !== undefined && (proxy > youngMinor || youngMinor - proxy > KUBELET_SKEW))
    problems.push(`kube-proxy ${running.kubeProxy} does not go with the API server ${young}`);
  return problems;
}

/** A cloud controller manager may be one minor older than the API server, so it has to follow before the next but one. */
export function cloudControllerManagerLags(version: string | undefined, apiServer: string): boolean {
  const [own, server] = [minorOf(version), minorOf(apiServer)];
  return own !== undefined && server !== undefined && server - own > 1;
}

/** What is newer than the target, by name: an upgrade never goes back, not by a patch either. */
export function newerThan(target: string, found: { name: string; version: string | undefined }[]): typeof found {
  return found.filter(({ version }) => version !== undefined && isOlder(target, version));
}
