import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { OperationDetails, OperationProgress } from '../../lambdas/contracts/api/operations';
import { buildReport } from '../../lambdas/domain/report/build-report';
import { renderHtml } from '../../lambdas/domain/report/render-html';
import type { Action, Context } from '../context';
import { decisionOf, planText } from '../output/plan';
import { operationsTable, progressTree } from '../output/operations';
import { plain } from '../output/text';
import { formatTime } from '../output/times';

type Run = <Arguments extends unknown[]>(action: Action<Arguments>) => (...args: Arguments) => Promise<void>;

/** Commands that look back. */
export function addHistory(program: Command, run: Run): void {
  program
    .command('history')
    .summary('List the last operations of a cluster')
    .description('Lists the latest operations of a cluster. Step Functions keeps them for 90 days.')
    .argument('<cluster>', 'its name')
    .option('-n, --limit <number>', 'how many', Number)
    .action(
      run(async (context, cluster: string, { limit }: { limit?: number }) => {
        const found = await context.api.call('listOperations', { query: { cluster, limit } });
        const zone = context.json ? 'UTC' : await context.zoneOf(cluster);
        await context.answer(found, () =>
          [
            found.operations.length === 0
              ? `No operation of ${cluster} is known.`
              : operationsTable(found.operations, zone, context.io.now(), context.colors),
            ...(found.complete ? [] : ['There are older ones.']),
          ].join('\n'),
        );
      }),
    );
  program
    .command('report')
    .summary('Show what an operation did')
    .description('Shows who asked for an operation, its steps with their times, and what came out.')
    .argument('<operation>', 'its id')
    .option('--html <file>', 'write it to this file, as one page with a timeline')
    .action(
      run(async (context, id: string, { html }: { html?: string }) => {
        const { api } = context;
        const [details, progress] = await Promise.all([
          api.call('describeOperation', { parameters: { id } }),
          api.call('followOperation', { parameters: { id } }),
        ]);
        if (html !== undefined) {
          const report = buildReport(details, progress);
          writeFileSync(html, renderHtml(report, context.io.now()));
          await context.answer(report, () => `The report is in ${html}.`);
          return;
        }
        const zone = context.json ? 'UTC' : await context.zoneOf(details.cluster);
        await context.answer({ ...details, ...progress, operation: details.operation }, () =>
          reportText(details, progress, zone, context),
        );
      }),
    );
}

function reportText(
  details: OperationDetails,
  progress: OperationProgress,
  zone: string,
  { io, colors }: Context,
): string {
  const { startedAt, endedAt, output } = details;
  const { text, summary } = (output ?? {}) as { text?: string; summary?: string };
  return [
    progressTree(progress, io.now(), colors),
    `Started ${formatTime(startedAt, zone)}${endedAt ? `, ended ${formatTime(endedAt, zone)}` : ''}.`,
    `Input: ${JSON.stringify(details.input)}`,
    ...(decisionOf(output) !== undefined ? [planText(output, colors)] : []),
    ...(text ? ['', ...text.split('\n').map(plain)] : summary ? [plain(summary)] : []),
    `Execution: ${details.executionArn}`,
  ].join('\n');
}
