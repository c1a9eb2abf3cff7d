import type { CertificateOnDisk } from '../../contracts/node-steps';
import { DAY, duration } from '../text/time-left';

/** What is left of a certificate's own lifetime when it is due at the latest. Kubelets rotate theirs when 30 to 10 % are left: until then by themselves. */
const SHARE = 0.3;
const SHARE_OF_KUBELETS = 0.1;
/** However short the lifetime, a check a day sees in time what has to be renewed. */
const LEAST_SECONDS = 26 * 3600;
const KUBELETS = new Set(['kubelet.conf', 'kubelet-client', 'kubelet-serving']);

/** Under which a certificate is due. */
export interface Threshold {
  seconds: number;
  /** Which one is in force: "its threshold of 9 days (30 % of its lifetime)". */
  words: string;
}

type Certificate = Pick<CertificateOnDisk, 'name'> & Partial<Pick<CertificateOnDisk, 'notBefore' | 'notAfter'>>;

/**
 * The threshold in force: that of the settings, or a share of the certificate's own lifetime where that is less. What is valid for 30 days
 * would else be renewed at every check.
 */
export function thresholdOf(certificate: Certificate, days: number): Threshold {
  const ofSettings = days * DAY;
  const words = (seconds: number, why = '') => ({ seconds, words: `its threshold of ${duration(seconds)}${why}` });
  const lifetime = lifetimeSeconds(certificate);
  if (lifetime === undefined) return words(ofSettings);
  const share = KUBELETS.has(certificate.name) ? SHARE_OF_KUBELETS : SHARE;
  const least = KUBELETS.has(certificate.name) ? 0 : LEAST_SECONDS;
  const ofLifetime = Math.max(lifetime * share, least);
  if (ofSettings <= ofLifetime) return words(ofSettings);
  return lifetime * share < least
    ? words(least, ' (longer than a day, as a check sees it once a day)')
    : words(ofLifetime, ` (${share * 100} % of its lifetime)`);
}

/** Undefined where one of the two dates is not known. */
export function lifetimeSeconds({ notBefore, notAfter }: Certificate): number | undefined {
  const seconds = (Date.parse(notAfter ?? '') - Date.parse(notBefore ?? '')) / 1000;
  return seconds > 0 ? seconds : undefined;
}
