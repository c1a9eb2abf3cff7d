import type { Finding } from '../contracts/certificate-report';

/** The most urgent first. */
const URGENCY: Finding['kind'][] = [
  'ca-expired',
  'expired',
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

/** As many of the first as fit into `bytes` of JSON. */
export function firstThatFit(findings: Finding[], bytes: number): Finding[] {
  let left = bytes;
  const end = findings.findIndex((finding) => (left -= Buffer.byteLength(JSON.stringify(finding)) + 1) < 0);
  return end < 0 ? findings : findings.slice(0, end);
}
