import type { Command } from 'commander';
import * as z from 'zod';
import { createPlan } from '../../lambdas/contracts/create';
import type { Action } from '../context';
import { EXIT } from '../exit';
import { plain, table } from '../output/text';
import { planOf } from './operations';

type Run = <Arguments extends unknown[]>(action: Action<Arguments>) => (...args: Arguments) => Promise<void>;

const planned = z.object({ plan: createPlan.pick({ prerequisites: true, gates: true, decision: true }) });

/** The part of create-cluster's plan that is about the machines, as a table. */
export function addPreflight(program: Command, run: Run): void {
  program
    .command('preflight')
    .summary('Do the machines have what Kubernetes needs?')
    .description('Looks at the machines that are no nodes of the cluster yet, and changes nothing.')
    .argument('<cluster>', 'its name')
    .action(
      run(async (context, cluster: string) => {
        const { output } = await planOf(context, 'create-cluster', cluster, {});
        const { prerequisites, gates, decision } = planned.parse(output).plan;
        await context.answer({ prerequisites, gates }, () => describe(cluster, { prerequisites, gates }));
        return decision === 'refuse' ? EXIT.no : EXIT.done;
      }),
    );
}

function describe(
  cluster: string,
  { prerequisites, gates }: Pick<z.infer<typeof planned>['plan'], 'prerequisites' | 'gates'>,
) {
  const inTable = new Set(prerequisites.map(({ check }) => check.replaceAll(' ', '-')));
  const rows = prerequisites.map(({ node, check, found, wanted, whatToDo, warning }) => [
    ...[warning ? 'warning' : 'refused', node, check, found, wanted, whatToDo].map(plain),
  ]);
  const others = gates.filter(({ name, passed }) => !passed && !inTable.has(name));
  const said = others.map((gate) => plain(gate.passed ? '' : `${gate.reason} ${gate.whatToDo}`));
  if (rows.length > 0) said.push(table(['', 'node', 'check', 'found', 'wanted', 'what to do'], rows));
  return said.join('\n') || `The machines of ${cluster} have what Kubernetes needs.`;
}
