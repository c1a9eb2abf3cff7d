import type { CertificateInventory } from '../../contracts/node-steps';
import { listNames, shorten } from '../text/plain-text';

/** What kubeadm's certificates are valid for unless the ClusterConfiguration says otherwise, in seconds. */
export const YEAR = 31_536_000;

/**
 * How long kubeadm's new certificates are valid, in seconds, by the rule of scripts/lib/renewal/gains.sh.
 * @param period certificateValidityPeriod, a Go duration as kubeadm writes it, such as "8760h0m0s"; a year where it is not set
 * @returns undefined where it cannot be read, so that nobody knows what a renewal would do
 */
export function validitySeconds(period: string | undefined): number | undefined {
  const text = period?.replace(/["']/g, '');
  if (!text) return YEAR;
  const parts = /^(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})(?:\.\d+)?s)?$/.exec(text);
  if (!parts) return undefined;
  const [hours, minutes, seconds] = [1, 2, 3].map((index) => Number(parts[index] ?? 0)) as [number, number, number];
  return hours * 3600 + minutes * 60 + seconds || undefined;
}

/** Whose ClusterConfiguration has a certificateValidityPeriod that cannot be read, as the beginning of a sentence; undefined where none has. */
export function withUnreadableValidity(
  nodes: { name: string; inventory?: Pick<CertificateInventory, 'certificateValidity'> | undefined }[],
): string | undefined {
  const unreadable = nodes.filter(({ inventory }) => validitySeconds(inventory?.certificateValidity) === undefined);
  if (unreadable.length === 0) return undefined;
  const said = shorten(unreadable[0]!.inventory?.certificateValidity ?? '', 60);
  return `certificateValidityPeriod of the ClusterConfiguration on ${listNames(unreadable.map(({ name }) => name))} is "${said}", which is no duration such as 8760h0m0s`;
}
