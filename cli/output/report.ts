import type { OperationDetails } from '../../lambdas/contracts/api/operations';
import type { OperationReport } from '../../lambdas/contracts/operation-report';
import type { Context } from '../context';
import { progressTree } from './operations';
import { decisionOf, planText } from './plan';
import { plain, shortArn, table } from './text';
import { formatTime } from './times';

/** What an operation did, for a terminal; the page has the same. */
export function reportText(
  report: OperationReport,
  details: OperationDetails,
  zone: string,
  { io, colors }: Context,
): string {
  const { startedAt, endedAt, input, plan, approval, changes, evictions, cost, executionArn } = report;
  const { text } = (details.output ?? {}) as { text?: unknown };
  return [
    progressTree({ operation: details, steps: report.steps }, io.now(), colors),
    `Started ${formatTime(startedAt, zone)}${endedAt ? `, ended ${formatTime(endedAt, zone)}` : ''}.`,
    `Input: ${JSON.stringify(input)}`,
    ...(plan ? [`Plan ${plan.digest.slice(0, 12)}: ${plain(plan.summary)}`] : []),
    ...(approval?.approvers ?? []).map(
      ({ person, who, at }) => `Approved by ${plain(person)} (${plain(shortArn(who))}), ${formatTime(at, zone)}.`,
    ),
    ...(decisionOf(details.output) !== undefined && report.planOnly ? [planText(details.output, colors)] : []),
    ...(typeof text === 'string'
      ? ['', ...text.split('\n').map(plain)]
      : report.summary
        ? [plain(report.summary)]
        : []),
    ...(changes.length > 0
      ? [
          '',
          table(
            ['node', 'what', 'before', 'after'],
            changes.map(({ node, what, before, after }) => [node, what, before, after]),
          ),
        ]
      : []),
    ...evictions
      .filter(({ pods }) => pods > 0)
      .map(({ node, pods }) => `Evicted from ${plain(node)}: ${pods} ${pods === 1 ? 'pod' : 'pods'}.`),
    ...(cost ? [costText(cost)] : []),
    `Execution: ${executionArn}`,
  ].join('\n');
}

/** At AWS list prices. */
function costText({
  planned,
  dollars,
  stateTransitions,
  lambdaInvocations,
  complete,
}: NonNullable<OperationReport['cost']>) {
  const predicted = planned ? `, at most $${planned.dollars.toFixed(4)} were planned` : '';
  const least = complete ? '' : 'at least ';
  return `Cost: ${least}$${dollars.toFixed(4)} (${stateTransitions} state transitions, ${lambdaInvocations} Lambda calls)${predicted}.`;
}
