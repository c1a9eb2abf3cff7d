import type { Gate } from '../contracts/plan';
import { badVersion, hazardsOf, knownMinors } from '../domain/hazards/hazards';
import { passed, refused } from '../domain/plan';
import { listNames } from '../domain/text/plain-text';
import { componentVersion, type UpgradeView } from '../domain/upgrade/view';
import type { Path } from '../domain/versions/path';
import { cloudControllerManagerLags, findSkew, newerThan } from '../domain/versions/skew';
import { minorOf } from '../domain/versions/version';

/** The target, and every minor on the way, is one that this version of the app has hazards of. */
export function knownMinor({ target }: UpgradeView): Gate {
  const name = 'known-minor';
  if (hazardsOf(minorOf(target))) return passed(name, `The dangers of ${target} are known.`);
  return refused(
    name,
    `${target} is no version of a minor that this release knows (${knownMinors()}), so its dangers are not known.`,
    'Choose one of these, or deploy a newer release of kubeadm-autopilot.',
  );
}

export function targetVersion({ target }: UpgradeView): Gate {
  const name = 'target-version';
  const bad = badVersion(target);
  if (!bad) return passed(name, `Nothing is known against ${target}.`);
  return refused(name, `${target} must not be installed: ${bad.why} (${bad.source}).`, `Take ${bad.instead} or newer.`);
}

/** kubeadm itself goes back by a patch without a word. */
export function noDowngrade({ machines, controlPlanes, facts, target }: UpgradeView): Gate {
  const name = 'no-downgrade';
  const found = [
    ...controlPlanes.map((node) => ({
      name: `the API server of ${node.name}`,
      version: componentVersion(node, 'kube-apiserver'),
    })),
    ...machines.flatMap(({ name: node, value: { machine } }) => [
      { name: `kubelet of ${node}`, version: machine.kubelet },
      { name: `kubeadm of ${node}`, version: machine.kubeadm },
      { name: `kubectl of ${node}`, version: machine.kubectl },
    ]),
    { name: 'kubeadm-config', version: facts?.configuration.kubernetesVersion },
  ];
  const newer = newerThan(target, found);
  if (newer.length === 0) return passed(name, `Nothing in the cluster is newer than ${target}.`);
  return refused(
    name,
    `The cluster has something newer than ${target} already: ${listNames(
      newer.map((one) => `${one.name} ${one.version}`),
      4,
    )}.`,
    'An upgrade never goes back, not by a patch either: choose the newest version that is there, or a newer one.',
  );
}

/** @param hops the versions on the way */
export function versionSkew(view: UpgradeView, hops: string[]): Gate {
  const name = 'version-skew';
  const versionsOf = (component: Parameters<typeof componentVersion>[1]) =>
    view.controlPlanes.flatMap((node) => componentVersion(node, component) ?? []);
  const cloud = view.facts?.addons.find(({ kind }) => kind === 'cloud-controller-manager')?.version;
  const problems = findSkew({
    apiServers: versionsOf('kube-apiserver'),
    controllerManagers: versionsOf('kube-controller-manager'),
    schedulers: versionsOf('kube-scheduler'),
    kubelets: view.machines.flatMap(({ name: node, value: { machine } }) =>
      machine.kubelet === undefined ? [] : { node, version: machine.kubelet },
    ),
    kubeProxy: view.facts?.kubeProxy.version,
    cloudControllerManager: cloud,
  });
  const late = hops.find((hop) => cloudControllerManagerLags(cloud, hop));
  if (late !== undefined)
    problems.push(`cloud-controller-manager ${cloud} would be more than one minor older than the API server ${late}`);
  if (problems.length === 0) return passed(name, 'The versions of all components go together, now and on the way.');
  return refused(
    name,
    `Versions are further apart than Kubernetes supports: ${listNames(problems, 4)}.`,
    late !== undefined && problems.length === 1
      ? `Upgrade the cluster to the minor before first, then the cloud controller manager, then go on.`
      : 'Bring what is named to the version of the others first.',
  );
}

export function upgradePath(path: Path): Gate {
  const name = 'upgrade-path';
  if ('hops' in path) return passed(name, `The way is ${path.hops.join(' → ')}, one minor at a time.`);
  return refused(
    name,
    `There is no way over 1.${path.minor}: ${path.reason}.`,
    `Look at the gate packages, or upgrade to a release of 1.${path.minor} first.`,
  );
}
