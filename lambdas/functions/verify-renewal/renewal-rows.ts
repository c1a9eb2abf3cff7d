import type { CertificateInventory } from '../../contracts/node-steps';
import type { RenewalReport } from '../../contracts/renewal-plan';
import { daysLeft, secondsUntil } from '../../domain/text/time-left';

type Row = RenewalReport['rows'][number];

/** Before and after of each leaf certificate of one node, by certificate. Rows of what renewal leaves alone show that it did. */
export function renewalRows(
  node: string,
  before: CertificateInventory | undefined,
  after: CertificateInventory | undefined,
  now: Date,
): Row[] {
  return (after?.certificates ?? [])
    .filter(({ isCa, missing }) => !isCa && !missing)
    .map(({ name, serial, notAfter }) => {
      const old = before?.certificates.find((certificate) => certificate.name === name);
      const served = after?.served.find(({ certificate }) => certificate === name)?.serial;
      return {
        node,
        certificate: name,
        before: side(old?.serial, old?.notAfter, now),
        after: side(serial, notAfter, now),
        ...(served === undefined ? {} : { servedSerial: served }),
      };
    })
    .sort((a, b) => (a.certificate < b.certificate ? -1 : 1));
}

function side(serial: string | undefined, notAfter: string | undefined, now: Date): Row['before'] {
  const seconds = secondsUntil(notAfter, now);
  return {
    ...(serial === undefined ? {} : { serial }),
    ...(notAfter === undefined ? {} : { notAfter }),
    ...(seconds === undefined ? {} : { daysLeft: daysLeft(seconds) }),
  };
}
