import Table from 'cli-table3';
import pc from 'picocolors';
import type { RenewalReport } from '../../lambdas/contracts/renewal';
import { DOLLARS } from '../../lambdas/domain/cost/prices';
import type { Usage } from '../usage';

const plain = { head: [], border: [] };

/** Before/after of every certificate that was renewed: days left, serial on disk, serial as a port serves it (client certificates: –). */
export function renewalTable(report: RenewalReport): string {
  const table = new Table({
    head: ['node', 'certificate', 'days left', 'serial on disk', 'as served'],
    style: plain,
    colAligns: ['left', 'left', 'right', 'left', 'left'],
  });
  const renewed = report.rows.filter(({ before, after }) => before.serial !== after.serial);
  for (const { node, certificate, before, after, servedSerial } of renewed) {
    table.push([
      node,
      certificate,
      `${days(before.daysLeft)} → ${pc.green(days(after.daysLeft))}`,
      `${serial(before.serial)} → ${serial(after.serial)}`,
      servedSerial === undefined
        ? '–'
        : servedSerial === after.serial
          ? pc.green(serial(servedSerial))
          : pc.red(serial(servedSerial)),
    ]);
  }
  return table.toString();
}

/** What a run cost in the units that AWS bills or limits. */
export function usageTable(usage: Usage): string {
  const calls = Object.entries(usage.apiCalls).sort(([, a], [, b]) => b - a);
  const total = calls.reduce((sum, [, count]) => sum + count, 0);
  const table = new Table({
    style: plain,
    colAligns: ['left', 'right', 'left'],
    wordWrap: true,
    colWidths: [22, 8, 70],
  });
  table.push(
    [
      'state transitions',
      usage.stateTransitions,
      `$${(usage.stateTransitions * DOLLARS.stateTransition).toFixed(4)} at list price`,
    ],
    [
      'Lambda invocations',
      usage.lambdaInvocations,
      `$${(usage.lambdaInvocations * DOLLARS.lambdaInvocation).toFixed(6)} at list price, without duration`,
    ],
    ['API calls', total, calls.map(([name, count]) => `${name} ${count}`).join(', ')],
  );
  return table.toString();
}

function days(value: number | undefined): string {
  return value === undefined ? '–' : value < 0 ? 'expired' : String(Math.floor(value));
}

/** The first eight digits tell two serials apart. */
function serial(value: string | undefined): string {
  return value === undefined ? '–' : value.slice(0, 8);
}
