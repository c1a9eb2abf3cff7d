import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { renderHtml } from '../../lambdas/domain/report/render-html';
import type { Action } from '../context';
import { CliError, EXIT } from '../exit';
import { wholeNumber } from '../number';
import { operationsTable } from '../output/operations';
import { reportText } from '../output/report';

type Run = <Arguments extends unknown[]>(action: Action<Arguments>) => (...args: Arguments) => Promise<void>;

/** Commands that look back. */
export function addHistory(program: Command, run: Run): void {
  program
    .command('history')
    .summary('List the last operations of a cluster')
    .description('Lists the latest operations of a cluster. Step Functions keeps them for 90 days.')
    .argument('<cluster>', 'its name')
    .option('-n, --limit <number>', 'how many', wholeNumber)
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
        const report = await api.call('reportOperation', { parameters: { id } });
        if (html !== undefined) {
          writePage(html, renderHtml(report, context.io.now()));
          await context.answer(report, () => `The report is in ${html}.`);
          return;
        }
        if (context.json) return context.answer(report, () => '');
        const details = await api.call('describeOperation', { parameters: { id } });
        const zone = await context.zoneOf(report.cluster);
        await context.answer(report, () => reportText(report, details, zone, context));
      }),
    );
}

/** @throws CliError in one sentence where the file cannot be written */
function writePage(file: string, page: string): void {
  try {
    writeFileSync(file, page);
  } catch (error) {
    throw new CliError(EXIT.usage, `The report cannot be written to ${file}: ${(error as Error).message}.`);
  }
}
