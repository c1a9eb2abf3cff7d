import type { ProgressStep } from '../../contracts/api/operations';
import type { OperationCost } from '../../contracts/operation-cost';
import type { OperationReport } from '../../contracts/operation-report';
import { nameOf } from '../freezes';
import { dateIn } from '../text/time-left';
import { timeIn } from '../text/time-zone';
import { escapeHtml } from './escape';
import { STYLE } from './style';
import { drawTimeline } from './timeline';

/** The report as one page that needs nothing else: no script, no font, no picture from anywhere. */
export function renderHtml(report: OperationReport, now: Date): string {
  const {
    operation,
    cluster,
    status,
    startedAt,
    endedAt = now.toISOString(),
    steps,
    changes,
    evictions,
    cost,
    timeZone = 'UTC',
  } = report;
  const title = escapeHtml(`${operation}${cluster === undefined ? '' : ` of ${cluster}`}`);
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${title}</title><style>${STYLE}</style></head><body>`,
    `<h1>${title} <span class="badge ${status}">${status.toLowerCase().replace('_', ' ')}</span></h1>`,
    ...[report.summary ?? report.cause].map((text) => (text === undefined ? '' : `<p>${escapeHtml(text)}</p>`)),
    list(factsOf(report, endedAt, timeZone)),
    '<h2>Timeline</h2>',
    `<figure>${drawTimeline(steps, startedAt, endedAt)}</figure>`,
    ...(changes.length > 0
      ? [
          '<h2>Before and after</h2>',
          table(
            ['Node', 'What', 'Before', 'After'],
            changes.map(({ node, what, before, after }) => [node, what, before, after]),
            'wide pairs',
          ),
        ]
      : []),
    ...(evictions.length > 0
      ? [
          '<h2>Evicted pods</h2>',
          table(
            ['Node', 'Pods'],
            evictions.map(({ node, pods }) => [node, String(pods)]),
          ),
        ]
      : []),
    ...(cost ? ['<h2>Cost</h2>', table(['', 'State transitions', 'Lambda', 'US dollars'], costRows(cost))] : []),
    '<h2>Steps</h2>',
    table(
      ['Started', 'Step', 'Nodes', 'Took', 'State', 'Command'],
      steps.map((step) => stepRow(step, timeZone)),
    ),
    '</body></html>',
    '',
  ].join('\n');
}

function factsOf(report: OperationReport, endedAt: string, timeZone: string): [string, string][] {
  const { requester, approval, plan, startedAt, error, input, id, executionArn } = report;
  const who = approval?.requester.person ?? (requester.who === undefined ? requester.source : nameOf(requester.who));
  const approvers = approval?.approvers.map(
    ({ person, who: arn, at }) => `${person} (${nameOf(arn)}, ${dateIn(at, timeZone)})`,
  );
  const facts: [string, string | undefined][] = [
    ['Asked by', who],
    ['Approved by', approval && (approval.state === 'not-needed' ? 'nobody had to' : approvers?.join(', '))],
    ['Started', dateIn(startedAt, timeZone)],
    [report.endedAt === undefined ? 'As of' : 'Ended', dateIn(endedAt, timeZone)],
    ['Took', took(startedAt, endedAt)],
    ['Plan', plan?.summary],
    ['Digest', plan?.digest],
    ['Error', error],
    ['Input', JSON.stringify(input)],
    ['Id', id],
    ['Execution', executionArn],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
}

/** At AWS list prices, without free tiers. */
const costRows = ({ planned, complete, ...counted }: OperationCost): string[][] => [
  ...(planned ? [['planned, at most', String(planned.stateTransitions), '', planned.dollars.toFixed(4)]] : []),
  [
    complete ? 'counted' : 'counted, at least',
    String(counted.stateTransitions),
    `${counted.lambdaInvocations} calls, ${Math.round(counted.lambdaSeconds)} s`,
    counted.dollars.toFixed(4),
  ],
];

const stepRow = (
  { startedAt, endedAt, name, nodes, state, commandId = '' }: ProgressStep,
  timeZone: string,
): string[] => [
  timeIn(new Date(startedAt), timeZone, { seconds: true }).slice(11, 19),
  name,
  nodes.map((node) => (node.message === undefined ? node.name : `${node.name}: ${node.message}`)).join(', '),
  endedAt === undefined ? '' : took(startedAt, endedAt),
  state,
  commandId,
];

function took(from: string, to: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

const list = (facts: [string, string][]): string =>
  `<dl>${facts.map(([term, text]) => `<dt>${term}</dt><dd>${escapeHtml(text)}</dd>`).join('')}</dl>`;

function table(head: string[], rows: string[][], style = 'wide'): string {
  const cells = (row: string[], tag: string) => row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('');
  return `<div class="${style}"><table><thead><tr>${cells(head, 'th')}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('')}</tbody></table></div>`;
}
