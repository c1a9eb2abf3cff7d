import type { CertificateInventory } from '../../contracts/node-steps';
import { type RenewalReport, type NodeReport, renewalAnswer, type verifyRenewalInput } from '../../contracts/renewal';
import { daysLeft, secondsUntil } from '../../domain/text/time-left';
import type * as z from 'zod';
import { shorten } from '../../domain/text/plain-text';

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

type Answers = z.output<typeof verifyRenewalInput>['answers'];

/**
 * What each node said of its renewal, by node; a repair asks each one several times. An answer in another form counts as none: what was
 * renewed is proven without it.
 */
export function nodeReports(answers: Answers): NodeReport[] {
  return [...Map.groupBy(answers, ({ name }) => name)].flatMap(([node, parts]) => {
    const told = parts.flatMap(({ answer }) => renewalAnswer.safeParse(answer).data ?? []);
    if (told.length === 0) return [];
    const backup = told.find((part) => part.backup !== undefined)?.backup;
    const kubeconfigs = told.flatMap((part) => part.kubeconfigs);
    return {
      node,
      ...(backup !== undefined && { backup }),
      restarted: [...new Set(told.flatMap(({ restarted }) => restarted))],
      kubeconfigs: kubeconfigs.map(({ path, refreshed, reason }) => ({
        ...{ path, refreshed },
        ...(reason && { reason: shorten(reason, 200) }),
      })),
    };
  });
}

/** Lines for the notification: copies of admin.conf that are not new, with the reason. */
export function staleCopies(nodes: NodeReport[]): string[] {
  return nodes.flatMap(({ node, kubeconfigs }) =>
    kubeconfigs
      .filter(({ refreshed }) => !refreshed)
      .map(({ path, reason }) => `- ${path} on ${node}: ${reason ?? 'no reason given'}`),
  );
}
