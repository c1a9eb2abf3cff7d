import type { Command } from 'commander';
import { OPERATIONS, type OperationName } from '../../lambdas/contracts/operation';
import type { Action, Context } from '../context';
import { CliError, EXIT, type ExitCode } from '../exit';
import { wordOf } from '../../lambdas/contracts/operation-fields';
import { addFields } from '../operation-commands';
import { decisionOf, planText } from '../output/plan';
import { waitForEnd, watch } from '../watch';

type Run = <Arguments extends unknown[]>(action: Action<Arguments>) => (...args: Arguments) => Promise<void>;

interface StartOptions {
  yes?: boolean;
  wait?: boolean;
}

/** A command for each operation of the app, and one under `plan`: both made from the operation's contract. */
export function addOperations(program: Command, run: Run): void {
  const plan = program
    .command('plan')
    .summary('Show what an operation would do')
    .description('Computes what an operation would do, and changes nothing.');
  for (const operation of OPERATIONS) {
    addPlan(plan, operation, run);
    addStart(program, operation, run);
  }
}

function addPlan(parent: Command, operation: OperationName, run: Run): void {
  const command = named(parent, operation)
    .summary(`What ${operation} would do`)
    .description(`Computes what ${operation} would do, and changes nothing.`)
    .argument('<cluster>', 'its name');
  const { read } = addFields(command, operation);
  command.action(
    run(async (context, cluster: string, ...rest: unknown[]) => {
      const { args, options } = split(rest);
      const planned = await planOf(context, operation, cluster, read(args, options));
      await context.answer(planned, () => planText(planned.output, context.colors));
      return decisionOf(planned.output) === 'refuse' ? EXIT.no : EXIT.done;
    }),
  );
}

function addStart(program: Command, operation: OperationName, run: Run): void {
  const command = named(program, operation)
    .summary(`Start ${operation}`)
    .description(`Shows the plan of ${operation}, asks, starts it, and shows it until it ends.`)
    .argument('<cluster>', 'its name');
  const { read } = addFields(command, operation);
  command
    .option('-y, --yes', 'start without showing the plan and asking')
    .option('--no-wait', 'do not wait for its end')
    .action(
      run(async (context, cluster: string, ...rest: unknown[]) => {
        const { args, options } = split<StartOptions>(rest);
        return start(context, operation, cluster, read(args, options as Record<string, unknown>), options);
      }),
    );
}

async function start(
  context: Context,
  operation: OperationName,
  cluster: string,
  body: Record<string, unknown>,
  { yes, wait }: StartOptions,
): Promise<ExitCode> {
  const { io, api } = context;
  if (!yes) {
    if (!io.ask)
      throw new CliError(
        EXIT.declined,
        `${operation} of ${cluster} was not started: there is no terminal to ask on.`,
        'Add --yes.',
        'NotConfirmed',
      );
    const { output } = await planOf(context, operation, cluster, body);
    io.note(planText(output, context.colors));
    const decision = decisionOf(output);
    if (decision === 'refuse') return EXIT.no;
    if (decision === 'nothing') return EXIT.done;
    if (!(await io.ask(`Start ${operation} of ${cluster}?`))) {
      io.note('Nothing was started.');
      return EXIT.declined;
    }
  }
  const started = await api.call('startOperation', { parameters: { cluster, operation }, body });
  if (wait === false) {
    await context.answer(started, () => `Started ${started.id}\nautopilot watch ${started.id}`);
    return EXIT.done;
  }
  io.note(`Started ${started.id}; Ctrl-C ends the watching, not the operation.`);
  const code = await watch(context, started.id);
  if (context.json) await context.answer(await waitForEnd(context, started.id), () => '');
  return code;
}

/** Its end, with the plan as the output. */
export async function planOf(
  context: Context,
  operation: OperationName,
  cluster: string,
  body: Record<string, unknown>,
) {
  const { id } = await context.api.call('planOperation', { parameters: { cluster, operation }, body });
  const ended = await waitForEnd(context, id);
  if (ended.status === 'SUCCEEDED') return ended;
  throw new CliError(EXIT.failed, ended.cause ?? `${id} ended with ${ended.status}.`, undefined, ended.error);
}

/** By the short word, and by the operation's own name. */
function named(parent: Command, operation: OperationName): Command {
  const command = parent.command(wordOf(operation));
  return wordOf(operation) === operation ? command : command.alias(operation);
}

/** Commander's arguments of an action after the first: the other arguments, the options, the command itself. */
function split<Options = Record<string, unknown>>(rest: unknown[]): { args: string[]; options: Options } {
  return { args: rest.slice(0, -2) as string[], options: rest.at(-2) as Options };
}

export function addRunning(program: Command, run: Run): void {
  program
    .command('watch')
    .summary('Show an operation while it runs')
    .description('Shows an operation until it ends; without an id the one that runs.')
    .argument('[operation]', 'its id')
    .option('-c, --cluster <cluster>', 'the one that runs on this cluster')
    .action(
      run(async (context, id: string | undefined, { cluster }: { cluster?: string }) => {
        const chosen = id ?? (await theOneThatRuns(context, cluster));
        if (chosen === undefined) {
          await context.answer({ operations: [] }, () => 'No operation runs.');
          return EXIT.done;
        }
        const code = await watch(context, chosen);
        if (context.json) await context.answer(await waitForEnd(context, chosen), () => '');
        return code;
      }),
    );
  program
    .command('stop')
    .summary('Stop an operation')
    .description('Stops an operation. A script that runs on a node ends by itself; the lock is given back.')
    .argument('<operation>', 'its id')
    .requiredOption('-r, --reason <text>', 'why; kept with the operation')
    .option('--after-node', 'let the node at which it is be finished, and begin no other')
    .option('-y, --yes', 'do not ask')
    .action(
      run(async (context, id: string, options: { reason: string; yes?: boolean; afterNode?: boolean }) => {
        const { reason, yes, afterNode } = options;
        const { operation, cluster } = await context.api.call('describeOperation', { parameters: { id } });
        await confirm(context, yes, `Stop ${operation} of ${cluster ?? 'an unknown cluster'} (${id})?`);
        const stopped = await context.api.call('stopOperation', { parameters: { id }, body: { reason, afterNode } });
        await context.answer(stopped, () =>
          afterNode ? `${id} ends after the node at which it is.` : `${id} is stopped.`,
        );
      }),
    );
}

async function theOneThatRuns({ api }: Context, cluster: string | undefined): Promise<string | undefined> {
  const { operations } = await api.call('listOperations', { query: { status: 'RUNNING', cluster } });
  if (operations.length < 2) return operations[0]?.id;
  const ids = operations.map(({ id }) => id).join(', ');
  throw new CliError(EXIT.usage, `${operations.length} operations run: ${ids}.`, 'Name one of them.', 'Ambiguous');
}

/** @throws CliError declined when the answer is no, or standard input is not a terminal */
export async function confirm({ io }: Context, yes: boolean | undefined, question: string): Promise<void> {
  if (yes) return;
  if (!io.ask) throw new CliError(EXIT.declined, 'There is no terminal to ask on.', 'Add --yes.', 'NotConfirmed');
  if (!(await io.ask(question))) throw new CliError(EXIT.declined, 'Nothing was changed.', undefined, 'NotConfirmed');
}
