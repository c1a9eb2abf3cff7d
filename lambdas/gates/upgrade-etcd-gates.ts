import type { Gate } from '../contracts/plan';
import type { Hop } from '../contracts/upgrade';
import { describeMajority, majorityWithout } from '../domain/etcd/majority';
import { hazardsOnTheWay } from '../domain/hazards/on-the-way';
import { passed, refused, warned } from '../domain/plan';
import { listNames } from '../domain/text/plain-text';
import { tagOf } from '../domain/upgrade/core-dns';
import { withNewerEtcd } from '../domain/upgrade/certificates';
import type { UpgradeView } from '../domain/upgrade/view';
import { isOlder, parseVersion } from '../domain/versions/version';

/** All of them, not a majority: each restarts in its turn, and one more that is away is one too many. */
export function etcdHealthy({ etcd, controlPlanes }: UpgradeView): Gate {
  const name = 'etcd-healthy';
  if (etcd.topology === 'external') {
    const ill = controlPlanes.filter(({ value }) => !value.controlPlane.etcd.healthy).map((one) => one.name);
    if (ill.length === 0) return passed(name, 'The external etcd answers.');
    return refused(name, `The API server of ${listNames(ill)} does not reach its external etcd.`, 'Repair etcd first.');
  }
  const ill = etcd.members.filter(({ healthy }) => !healthy).map(({ node, name: own }) => node ?? own);
  const majority = majorityWithout(etcd);
  if (ill.length > 0 || etcd.members.length === 0) {
    return refused(
      name,
      `etcd members are not healthy: ${listNames(ill) || 'none answers'} (${describeMajority(majority)}).`,
      'Repair them first, or remove members that are gone for good (etcdctl member remove).',
    );
  }
  const learners = etcd.members.filter(({ learner }) => learner).map(({ node, name: own }) => node ?? own);
  if (learners.length > 0)
    return refused(
      name,
      `${listNames(learners)} ${learners.length === 1 ? 'is a learner' : 'are learners'} of etcd that never became a member.`,
      'Remove it (etcdctl member remove) and let the control plane join again.',
    );
  if (etcd.members.length !== controlPlanes.length)
    return refused(
      name,
      `etcd has ${etcd.members.length} members and the cluster ${controlPlanes.length} control planes.`,
      'Remove the members whose control plane is gone, or tag the control plane that is missing.',
    );
  if (majority.voters === 2)
    return refused(
      name,
      'etcd has 2 members and needs both of them at any time, so neither can be restarted.',
      'Add a control plane first (3 are enough), or remove one.',
    );
  return passed(name, `All ${etcd.members.length} etcd members are healthy.`);
}

export function etcdAlarms({ controlPlanes }: UpgradeView): Gate {
  const name = 'etcd-alarms';
  const alarms = [...new Set(controlPlanes.flatMap(({ value }) => value.controlPlane.etcd.alarms))];
  if (alarms.length === 0) return passed(name, 'etcd has no alarm.');
  return refused(
    name,
    `etcd has the alarm ${listNames(alarms)}.`,
    'Compact, defragment one member at a time, then disarm it (etcdctl alarm disarm).',
  );
}

/** Asked of the members that run, not of their tags: a tag may name another binary. */
export function etcdVersion({ etcd, controlPlanes, facts }: UpgradeView, hops: Hop[]): Gate {
  const name = 'etcd-version';
  const hazards = hazardsOnTheWay(hops.map(({ version }) => version));
  const unknown = controlPlanes
    .filter(({ value }) => !parseVersion(value.controlPlane.etcd.version))
    .map((one) => one.name);
  if (etcd.topology === 'external') {
    const last = hazards.at(-1);
    const brings = last
      ? ` kubeadm ${last.minor} would bring etcd ${last.etcd.pin.split('-')[0]} on control planes${last.etcd.before ? `, after ${last.etcd.before.version} or newer` : ''}.`
      : '';
    return warned(
      name,
      `etcd is external, and this operation does not upgrade it.${brings} See which version yours has, and upgrade it by hand: "Upgrade an external etcd" in the runbook.`,
    );
  }
  if (unknown.length > 0)
    return refused(
      name,
      `The etcd member of ${listNames(unknown)} does not tell its version.`,
      'Look at "etcdctl endpoint status" there, then start again.',
    );
  const tag = facts?.configuration.etcdImageTag;
  const needed = hazards.flatMap(({ minor, etcd: { before } }) => (before ? [{ minor, ...before }] : []));
  const pinnedBelow = needed.find(({ version }) => tag !== undefined && isOlder(tag, version));
  if (pinnedBelow)
    return refused(
      name,
      `etcd.local.imageTag of kubeadm-config keeps etcd at ${tag}, and before ${pinnedBelow.minor} every member has to be ${pinnedBelow.version} or newer (${pinnedBelow.source}).`,
      'Remove that tag from kubeadm-config, then start again.',
    );
  const raised = hops.filter(({ raiseEtcd }) => raiseEtcd);
  if (raised.length === 0) return passed(name, 'Every etcd member is new enough for the way.');
  return warned(
    name,
    `etcd is raised first: ${listNames(raised.map(({ version, raiseEtcd }) => `to ${raiseEtcd?.imageTag} on ${listNames(raiseEtcd?.nodes.map((one) => one.name) ?? [])} before ${version}`))}.`,
  );
}

/** kubeadm reads the version out of the image's tag, and a tag in the ClusterConfiguration stays through all minors. */
export function etcdImage({ controlPlanes, facts, etcd }: UpgradeView, hops: string[]): Gate {
  const name = 'etcd-image';
  if (etcd.topology === 'external') return passed(name, 'etcd is external.');
  const images = controlPlanes.flatMap(({ name: node, value }) =>
    value.controlPlane.components
      .filter((one) => one.name === 'etcd')
      .map(({ image }) => ({ node, tag: tagOf(image ?? '') })),
  );
  const odd = images.filter(({ tag }) => !parseVersion(tag));
  const pinned = facts?.configuration.etcdImageTag;
  if (odd.length > 0 || (pinned !== undefined && !parseVersion(pinned)))
    return refused(
      name,
      `kubeadm cannot read a version from the image of etcd: ${listNames(odd.map(({ node, tag }) => `${tag} on ${node}`)) || pinned}.`,
      'Give it a tag that begins with its version, such as 3.6.12-0, in etcd.yaml and kubeadm-config.',
    );
  if (pinned !== undefined)
    return refused(
      name,
      `etcd.local.imageTag of kubeadm-config is ${pinned}: etcd would stay at that version through the upgrade.`,
      'Remove that tag from kubeadm-config, or except this gate to keep it.',
    );
  const pin = hazardsOnTheWay(hops.slice(-1))[0]?.etcd.pin;
  const newer = withNewerEtcd(controlPlanes, pin);
  if (newer.length > 0)
    return warned(
      name,
      `etcd on ${listNames(newer.map((one) => one.name))} is newer than the ${pin} that kubeadm installs: kubeadm leaves it and its certificates alone. They are renewed by name in their control plane's turn.`,
    );
  return passed(name, 'kubeadm decides on the version of etcd.');
}

/** A flag that the new etcd does not know keeps it from starting. */
export function etcdFlags({ controlPlanes, facts }: UpgradeView, hops: string[]): Gate {
  const name = 'etcd-flags';
  const removed = hazardsOnTheWay(hops).flatMap(({ etcd }) => etcd.removedFlags ?? []);
  // In the manifests are also those that kubeadm itself writes, and stops to; only what somebody configured stays.
  const configured = facts?.configuration.arguments.etcd?.flags ?? [];
  const found = [...new Set(configured)].filter((flag) => removed.some((beginning) => flag.startsWith(beginning)));
  if (found.length === 0 || controlPlanes.length === 0)
    return passed(name, 'etcd has no flag that the new one does not know.');
  return refused(
    name,
    `etcd.local.extraArgs of kubeadm-config has flags that the new etcd does not know: ${listNames(found)}.`,
    'Rename them as etcd 3.6 does (most lost "experimental-"), or remove them.',
  );
}
