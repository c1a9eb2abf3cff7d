import type { CertificateReport, Finding } from '../../contracts/certificate-check';
import { mailText } from '../../domain/text/mail-text';
import { count, listNames } from '../../domain/text/plain-text';
import { dateIn, expiry } from '../../domain/text/time-left';
import type { HeadedFinding } from './assess-node';

/** An email of more lines than this is not read at 3 a.m.; the report and the events hold all. */
const MOST_LINES = 40;
/** A node whose findings have no date in common is told by its first ones. */
const MOST_OF_A_KIND = 4;

type Head = Pick<
  CertificateReport,
  'cluster' | 'checkedAt' | 'dead' | 'nodesChecked' | 'certificatesChecked' | 'because' | 'next' | 'notes'
>;

/** "demo: 2 expired, 31 run out soon, renewal starts". */
export function renderSubject(head: Head, findings: Finding[]): string {
  if (findings.length === 0) return `${head.cluster}: certificates are fine`;
  const number = (...kinds: Finding['kind'][]) => findings.filter(({ kind }) => kinds.includes(kind)).length;
  const expired = number('expired', 'ca-expired');
  const expiring = number('expiring', 'ca-expiring');
  const rest = findings.length - expired - expiring;
  const parts = [
    ...(expired ? [`${count(expired, 'certificate')} expired`] : []),
    ...(expiring ? [expired ? `${expiring} run out soon` : `${count(expiring, 'certificate')} to run out soon`] : []),
    ...(rest ? [`${count(rest, 'other finding')}`] : []),
  ];
  const state = head.dead ? 'DEAD, ' : '';
  return `${head.cluster}: ${state}${parts.join(', ')}${head.next === 'renew' ? '; renewal starts' : ''}`;
}

/** The notification: what, where, how long, what was started, what to do. Findings have to be ranked. */
export function renderText(head: Head, findings: HeadedFinding[], timeZone: string): string {
  const byHand = findings.filter(({ renewable }) => !renewable);
  const renewable = findings.filter((finding) => finding.renewable);
  const lines = [
    `Cluster ${head.cluster}, ${dateIn(head.checkedAt, timeZone)}: ${count(head.nodesChecked, 'node')} checked, ${count(head.certificatesChecked, 'certificate')} read.`,
    head.because,
    ...section(
      'A person has to see to:',
      byHand.map(({ message, heading }) => `${message} Runbook: "${heading}".`),
    ),
    ...section(
      head.next === 'renew' ? 'The renewal fixes:' : 'renew-certificates would fix:',
      summarise(renewable, timeZone),
    ),
    ...section('Also seen:', head.notes),
  ];
  return mailText(lines, [
    '',
    'The runbook is docs/operator-runbook.md; each finding is also an event "Certificate Finding" on the bus.',
  ]);
}

/** One line for each node and kind, instead of one for each of a dozen certificates with the same date. */
function summarise(findings: HeadedFinding[], timeZone: string): string[] {
  return [...Map.groupBy(findings, ({ kind, node }) => `${kind} ${node}`).values()].map((group) => {
    const [first, ...others] = group;
    if (!first) return '';
    if (others.length === 0 || first.secondsLeft === undefined || first.notAfter === undefined) {
      const rest = others.length + 1 - MOST_OF_A_KIND;
      const shown = group.slice(0, MOST_OF_A_KIND).map(({ message }) => message);
      return [...shown, ...(rest > 0 ? [`And ${rest} more on ${first.node}.`] : [])].join(' ');
    }
    const names = listNames(group.map(({ certificate }) => certificate ?? '?'));
    return `${first.node}: ${names}; the first ${expiry(first.secondsLeft, first.notAfter, timeZone)}.`;
  });
}

function section(title: string, lines: string[]): string[] {
  if (lines.length === 0) return [];
  const rest = lines.length - MOST_LINES;
  const shown = lines.slice(0, MOST_LINES).map((line) => `- ${line}`);
  return ['', title, ...shown, ...(rest > 0 ? [`- and ${rest} more`] : [])];
}

/** The most urgent first. */
const URGENCY: Finding['kind'][] = [
  'ca-expired',
  'expired',
  'mixed-clusters',
  'signed-by-another-ca',
  'wrong-role',
  'made-for-another-node',
  'names-missing',
  'not-yet-valid',
  'renewal-refused',
  'node-unreachable',
  'node-failed',
  'not-listening',
  'not-served',
  'unreadable',
  'missing',
  'expiring',
  'ca-expiring',
];

export function rankFindings<Ranked extends Finding>(findings: Ranked[]): Ranked[] {
  const key = (finding: Finding) => `${finding.node} ${finding.certificate ?? ''} ${finding.message}`;
  return [...findings].sort(
    (a, b) =>
      URGENCY.indexOf(a.kind) - URGENCY.indexOf(b.kind) ||
      (a.secondsLeft ?? 0) - (b.secondsLeft ?? 0) ||
      (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0),
  );
}
