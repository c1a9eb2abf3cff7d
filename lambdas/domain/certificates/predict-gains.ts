import type { CertificateInventory, CertificateOnDisk } from '../../contracts/node-steps';
import type { PlannedCertificates } from '../../contracts/renewal';
import { isKubeadms, isRenewed } from './is-renewed';
import { validitySeconds, YEAR } from './validity';

/**
 * What a renewal that begins now does with each certificate of a control plane, by the rule of scripts/lib/renewal/gains.sh: a new one ends
 * after its validity period, or with its CA, and is not made where it would end earlier than the one that is there. Forced, it is. What
 * its CA did not sign is never replaced.
 */
export function predictGains(
  { certificates, certificateValidity }: Pick<CertificateInventory, 'certificates' | 'certificateValidity'>,
  force: boolean,
  now: Date,
): PlannedCertificates {
  const caEnds = new Map(certificates.filter(({ isCa }) => isCa).map(({ name, notAfter }) => [name, notAfter]));
  // One that cannot be read is refused (validityIsReadable in lambdas/gates/renewal-gates.ts), so that nothing comes of this guess.
  const newEnd = now.getTime() + (validitySeconds(certificateValidity) ?? YEAR) * 1000;
  const predicted = certificates
    .filter(({ isCa, missing }) => !isCa && !missing)
    .map((certificate) => {
      const caEnd = Date.parse(caEnds.get(certificate.ca ?? '') ?? '');
      return predict(certificate, Number.isNaN(caEnd) ? newEnd : Math.min(newEnd, caEnd), force);
    });
  const renewed = predicted.flatMap((one) => ('until' in one ? one : []));
  const until = renewed.map((one) => one.until).sort()[0];
  return {
    renewed: renewed.map(({ name }) => name),
    ...(until !== undefined && { until }),
    leftAlone: predicted.flatMap((one) => ('reason' in one ? one : [])),
  };
}

function predict(
  certificate: CertificateOnDisk,
  end: number,
  force: boolean,
): { name: string; until: string } | { name: string; reason: string } {
  const { name, notAfter, external, issuer } = certificate;
  if (isKubeadms(name) && issuer !== undefined) {
    return { name, reason: `signed by ${issuer}, not by its CA on this node` };
  }
  if (external) return { name, reason: 'external: it is renewed where the key of its CA is' };
  if (!isRenewed(certificate)) return { name, reason: 'kubeadm does not renew it' };
  // To the day: a plan reads the same from hour to hour.
  const until = new Date(end).toISOString().slice(0, 10);
  if (!force && notAfter !== undefined && end < Date.parse(notAfter)) {
    return { name, reason: `it ends on ${notAfter.slice(0, 10)}, a new one would on ${until}` };
  }
  return { name, until };
}
