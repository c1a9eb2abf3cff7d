import type { PlannedCertificates } from '../../contracts/renewal';
import { listNames } from '../text/plain-text';
import { isKubeadms } from './is-renewed';

interface PlannedNode {
  name: string;
  certificates?: PlannedCertificates | undefined;
}

/**
 * What of kubeadm's certificates a renewal leaves alone, a phrase for each reason: "apiserver on cp-1 and cp-2 (signed by …)". That others,
 * such as a kubelet's, are none of its business goes without saying.
 */
export function describeLeftAlone(nodes: PlannedNode[]): string[] {
  const rows = nodes.flatMap(({ name: node, certificates }) =>
    (certificates?.leftAlone ?? [])
      .filter(({ name }) => isKubeadms(name))
      .map(({ name, reason }) => ({ node, name, reason })),
  );
  const ofNode = [...Map.groupBy(rows, ({ node, reason }) => `${node} ${reason}`).values()].map((group) => ({
    ...group[0]!,
    names: listNames(group.map(({ name }) => name)),
  }));
  return [...Map.groupBy(ofNode, ({ names, reason }) => `${names} (${reason})`).values()].map(
    (group) => `${group[0]!.names} on ${listNames(group.map(({ node }) => node))} (${group[0]!.reason})`,
  );
}

/** The same as a sentence, for a summary; empty where nothing is left alone. */
export function leftAloneSentence(nodes: PlannedNode[]): string {
  const phrases = describeLeftAlone(nodes);
  if (phrases.length === 0) return '';
  const more = phrases.length > MOST_PHRASES ? `; and ${phrases.length - MOST_PHRASES} more` : '';
  return ` Left alone: ${phrases.slice(0, MOST_PHRASES).join('; ')}${more}.`;
}
const MOST_PHRASES = 4;
