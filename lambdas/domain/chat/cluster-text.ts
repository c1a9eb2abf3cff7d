import type { CertificateReport } from '../../contracts/certificate-check';
import type { ClusterStatus, Freeze } from '../../contracts/api/clusters';
import type { ApprovalStatus, OperationDetails, OperationSummary } from '../../contracts/api/operations';
import { count } from '../text/plain-text';
import { dateIn, duration } from '../text/time-left';
import { nameOf } from '../freezes';
import { code, escape, took } from './mrkdwn';
import { planIn } from './plan-message';

const MOST = 10;
const ROLE = { 'control-plane': 'control plane', worker: 'worker', etcd: 'etcd node' };

export function statusText({
  cluster,
  timeZone,
  nodes,
  lock,
  freezes,
  running,
  lastOperations,
}: ClusterStatus): string {
  const lost = nodes.filter(({ unreachable }) => unreachable !== undefined);
  const roles = Map.groupBy(nodes, ({ role }) => role);
  return [
    `*${escape(cluster)}*: ${[...roles].map(([role, of]) => count(of.length, ROLE[role])).join(', ')}`,
    ...(lost.length === 0 ? ['Run Command reaches every node.'] : []),
    ...lost.slice(0, MOST).map(({ name, unreachable = '' }) => `:warning: ${escape(name)}: ${escape(unreachable)}`),
    ...(lost.length > MOST ? [`and ${count(lost.length - MOST, 'more node')}`] : []),
    ...freezes.map(freezeText),
    ...(lock
      ? [`:lock: ${code(lock.id)}${lock.since === undefined ? '' : ` since ${dateIn(lock.since, timeZone)}`}`]
      : []),
    ...running.map(({ id, approval }) => `running: ${code(id)}${waitsFor(approval)}`),
    ...lastOperations.slice(0, 5).map((one) => operationLine(one, timeZone)),
  ].join('\n');
}

const waitsFor = (approval: ApprovalStatus | undefined): string =>
  approval?.state === 'waiting' ? ` waits for approval: ${escape(approval.because)}` : '';

export const freezeText = ({ by, reason, who }: Freeze): string =>
  `:snowflake: frozen (${by === 'api' ? escape(nameOf(who)) : by}): ${escape(reason)}`;

export function operationLine(
  { id, status, startedAt, endedAt, planOnly }: OperationSummary,
  timeZone: string,
): string {
  const lasted = endedAt === undefined ? '' : `, ${took((Date.parse(endedAt) - Date.parse(startedAt)) / 1000)}`;
  return `${dateIn(startedAt, timeZone)} ${code(id)}${planOnly ? ' (plan)' : ''}: ${status.toLowerCase()}${lasted}`;
}

/** The latest first, with who asked. */
export function historyText(
  cluster: string,
  { operations, complete }: { operations: OperationSummary[]; complete: boolean },
  timeZone: string,
) {
  if (operations.length === 0) return `No operation of *${escape(cluster)}* is known.`;
  const by = ({ requester: { who, source } }: OperationSummary) => escape(who === undefined ? source : nameOf(who));
  const lines = operations.map((one) => `${operationLine(one, timeZone)}, asked for by ${by(one)}`);
  return [...lines, ...(complete ? [] : ['There are older ones.'])].join('\n');
}

export function certificatesText(report: CertificateReport, timeZone: string): string {
  const { cluster, checkedAt, certificatesChecked, nodesChecked, smallest, findings, moreFindings } = report;
  return [
    `*${escape(cluster)}*, checked ${dateIn(checkedAt, timeZone)}: ${count(certificatesChecked, 'certificate')} on ${count(nodesChecked, 'node')}.`,
    ...(smallest
      ? [
          `The first to run out: ${escape(smallest.certificate)} on ${escape(smallest.node)}, in ${duration(smallest.secondsLeft)} (${dateIn(smallest.notAfter, timeZone)}).`,
        ]
      : []),
    ...findings.slice(0, MOST).map(({ node, message }) => `:warning: ${escape(node)}: ${escape(message)}`),
    ...(findings.length + moreFindings > MOST ? [`and ${findings.length + moreFindings - MOST} more findings`] : []),
    ...(findings.length === 0 ? ['No findings.'] : []),
  ].join('\n');
}

export function operationText(details: OperationDetails, timeZone: string): string {
  const { current, error, cause, output, approval } = details;
  const { summary } = (output ?? {}) as { summary?: unknown };
  const said = planIn(output)?.summary ?? (typeof summary === 'string' ? summary : undefined);
  return [
    operationLine(details, timeZone),
    ...(current.length > 0 ? [`now: ${escape(current.join(', '))}`] : []),
    ...(approval === undefined ? [] : [`approval: ${escape(approval.because)}`]),
    ...(said === undefined ? [] : [escape(said, 1_000)]),
    ...(cause === undefined ? [] : [`${escape(error ?? '')}: ${escape(cause, 1_000)}`]),
  ].join('\n');
}
