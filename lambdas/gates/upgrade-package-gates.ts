import type { Gate } from '../contracts/plan';
import { passed, refused } from '../domain/plan';
import { listNames, shorten } from '../domain/text/plain-text';
import { dateUtc, secondsUntil } from '../domain/text/time-left';
import type { UpgradeView } from '../domain/upgrade/view';
import { minorOf } from '../domain/versions/version';

/** Each node was asked for itself, by the repository of each minor: one may have another mirror, or no way out. */
export function packagesAvailable({ machines }: UpgradeView, hops: string[]): Gate {
  const name = 'packages';
  const lacking = machines.flatMap(({ name: node, value }) =>
    hops.flatMap((version) => {
      const offered = value.machine.packages.offered?.find(({ minor }) => minor === `1.${minorOf(version)}`);
      if (offered?.versions.includes(version)) return [];
      const why = offered?.reason ?? 'its repository does not have it';
      return [{ node, version, why: shorten(why, 200) }];
    }),
  );
  if (lacking.length === 0) return passed(name, `Every node can install ${listNames(hops)}.`);
  const groups = [...Map.groupBy(lacking, ({ version, why }) => `${version} (${why})`)].map(
    ([what, rows]) =>
      `${listNames(
        rows.map(({ node }) => node),
        3,
      )} cannot install ${what}`,
  );
  return refused(
    name,
    `${listNames(groups, 3)}.`,
    'Check the way to the repository, the mirror, and that kubeadm, kubelet and kubectl of this version are in it.',
  );
}

/** @param seconds how long the upgrade takes, predicted */
export function signingKey({ machines, now }: UpgradeView, seconds: number): Gate {
  const name = 'signing-key';
  const ending = machines.flatMap(({ name: node, value }) =>
    (value.machine.packages.offered ?? [])
      .filter(({ keyEnds }) => (secondsUntil(keyEnds, now) ?? Infinity) < seconds)
      .map(({ minor, keyEnds }) => ({
        node,
        what: `the key of 1.${minor.replace(/^1\./, '')} (${dateUtc(keyEnds ?? '')})`,
      })),
  );
  if (ending.length === 0) return passed(name, 'The keys that sign the packages are valid.');
  const groups = [...Map.groupBy(ending, ({ what }) => what)].map(
    ([what, rows]) =>
      `${what} on ${listNames(
        rows.map(({ node }) => node),
        3,
      )}`,
  );
  return refused(
    name,
    `Keys that sign the packages have ended, or end meanwhile, although they were fetched anew: ${listNames(groups, 3)}.`,
    'Wait until the repository has a new one, or have your mirror follow it.',
  );
}

export function packageManager({ machines }: UpgradeView): Gate {
  const name = 'package-manager';
  const problems = machines.flatMap(({ name: node, value: { machine } }) => {
    const { manager, interrupted, locked } = machine.packages;
    if (manager !== 'apt')
      return [
        `${node} has ${manager === 'dnf' ? 'dnf' : 'no package manager that is known'}, and an upgrade needs apt`,
      ];
    if (interrupted !== undefined)
      return [`${node} has packages that are half installed (${shorten(interrupted, 120)})`];
    return locked ? [`another program has held the package manager of ${node} for five minutes`] : [];
  });
  if (problems.length === 0) return passed(name, 'The package manager of every node is ready.');
  return refused(
    name,
    `${listNames(problems, 4)}.`,
    'Finish it there ("dpkg --configure -a"), or wait until the other program has ended.',
  );
}
