import { hazardsOf } from '../hazards/hazards';
import { compareVersions, isOlder, minorOf, newest } from '../versions/version';
import type { UpgradeView } from './view';

/** What kubeadm of a hop will not take of this cluster's CoreDNS. */
export interface CoreDnsProblems {
  /** Its image's tag, or digest, as found, when kubeadm does not know it. */
  version?: string;
  /** Plugins of the Corefile that kubeadm does not know. */
  plugins: string[];
}

/** @param before the versions of the hops before, which bring CoreDNS to theirs unless the ClusterConfiguration has a tag */
export function coreDnsProblems({ facts }: UpgradeView, before: string[], version: string): CoreDnsProblems {
  const hazards = hazardsOf(minorOf(version))?.coreDns;
  const [deployment] = facts?.coreDns.deployments ?? [];
  if (!hazards || !facts || !deployment || facts.configuration.dnsDisabled) return { plugins: [] };
  const found = tagOf(deployment.image);
  const pins = before.map((one) => hazardsOf(minorOf(one))?.coreDns.pin);
  const stays = facts.configuration.dnsImageTag !== undefined || !isPlain(found);
  const start = stays ? found : (newest([found, ...pins]) ?? found);
  const known =
    isPlain(start) &&
    (hazards.accepted.some((one) => compareVersions(one, start) === 0) || isOlder(start, hazards.accepted[0]));
  return {
    ...(!known && { version: found }),
    plugins: facts.coreDns.plugins.filter((one) => !hazards.plugins.includes(one)),
  };
}

/** kubeadm compares the tag as a whole: v1.12.1-hotfix.3 is none that it knows. */
const isPlain = (tag: string) => /^v?\d+\.\d+\.\d+$/.test(tag);

/** What follows the last colon of an image's name, or its digest. */
export function tagOf(image: string): string {
  const digest = /@(.+)$/.exec(image)?.[1];
  return digest ?? /:([^:/]+)$/.exec(image)?.[1] ?? 'no tag';
}
