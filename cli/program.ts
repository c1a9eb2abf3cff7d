import { Command, CommanderError } from 'commander';
import { addCompletion } from './completion';
import { makeContext, type Action } from './context';
import { addApprovals } from './commands/approvals';
import { addClusters } from './commands/clusters';
import { addHistory } from './commands/history';
import { addOperations, addRunning } from './commands/operations';
import { addPreflight } from './commands/preflight';
import { CliError, EXIT, type ExitCode } from './exit';
import type { Io } from './io';

/**
 * Runs the command line once.
 * @param argv without the program's own name
 */
export async function runCli(io: Io, argv: string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  const program = createProgram(io, (ended) => (code = ended));
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    return tellError(io, error, argv.includes('--json'));
  }
}

function createProgram(io: Io, end: (code: ExitCode) => void): Command {
  const program = new Command('autopilot')
    .description('Keeps kubeadm clusters alive: looks at them, starts operations and watches them.')
    .option('--json', 'answer with JSON, as docs/api.md describes it')
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.note(text.trimEnd()) })
    .exitOverride()
    .addHelpText('after', HELP);
  const run =
    <Arguments extends unknown[]>(action: Action<Arguments>) =>
    async (...args: Arguments): Promise<void> => {
      const context = await makeContext(io, program.opts<{ json?: boolean }>().json === true);
      end((await action(context, ...args)) ?? EXIT.done);
    };
  addClusters(program, run);
  addOperations(program, run);
  addPreflight(program, run);
  addRunning(program, run);
  addApprovals(program, run);
  addHistory(program, run);
  addCompletion(program, io);
  return program;
}

const HELP = `
It finds the API by AUTOPILOT_ENDPOINT, else by the deployment of your AWS credentials' account and region.
Exit codes: 0 done, 1 the operation failed, 2 wrong usage, 3 refused, 4 not allowed, 5 API out of reach,
            6 the plan or the doctor says no, 7 not confirmed (docs/cli.md).`;

function tellError(io: Io, error: unknown, json: boolean): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.done;
    // For people, Commander has told it already.
    if (json) io.out(JSON.stringify({ error: 'Usage', message: error.message.replace(/^error: /, '') }, null, 2));
    return EXIT.usage;
  }
  const known = error instanceof CliError ? error : new CliError(EXIT.failed, (error as Error).message);
  const { message, whatToDo, exitCode } = known;
  if (json) io.out(JSON.stringify({ error: known.error, message, ...(whatToDo && { whatToDo }) }, null, 2));
  else io.note([message, whatToDo].filter(Boolean).join(' '));
  return exitCode;
}
