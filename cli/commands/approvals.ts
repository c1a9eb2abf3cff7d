import type { Command } from 'commander';
import type { OperationProgress } from '../../lambdas/contracts/api/operations';
import type { Action, Context } from '../context';
import { CliError, EXIT } from '../exit';
import { approvalText } from '../output/operations';
import { planText } from '../output/plan';
import { plain } from '../output/text';
import { confirm } from './operations';

type Run = <Arguments extends unknown[]>(action: Action<Arguments>) => (...args: Arguments) => Promise<void>;

/** Commands for those who decide on a plan that waits. */
export function addApprovals(program: Command, run: Run): void {
  program
    .command('approve')
    .summary('Approve the plan of an operation that waits')
    .description('Shows the plan for which an operation waits, asks, and approves that plan.')
    .argument('<operation>', 'its id')
    .option('-d, --digest <digest>', 'approve only the plan with this digest')
    .option('-y, --yes', 'do not ask')
    .action(
      run(async (context, id: string, { digest, yes }: { digest?: string; yes?: boolean }) => {
        const { operation, approval, plan } = await waitingOperation(context, id);
        if (!context.json) context.io.note(describe(context, plan, approval.summary));
        await confirm(context, yes, `Approve ${operation.operation} of ${operation.cluster}?`);
        const body = { digest: digest ?? approval.digest };
        const status = await context.api.call('approveOperation', { parameters: { id }, body });
        await context.answer(status, () => (status.state === 'waiting' ? approvalText(status) : `${id} is approved.`));
      }),
    );
  program
    .command('reject')
    .summary('Reject the plan of an operation that waits')
    .description('Rejects the plan for which an operation waits, which ends the operation.')
    .argument('<operation>', 'its id')
    .requiredOption('-r, --reason <text>', 'why; kept with the operation')
    .option('-y, --yes', 'do not ask')
    .action(
      run(async (context, id: string, { reason, yes }: { reason: string; yes?: boolean }) => {
        const { operation } = await waitingOperation(context, id);
        await confirm(context, yes, `Reject ${operation.operation} of ${operation.cluster}?`);
        const status = await context.api.call('rejectOperation', { parameters: { id }, body: { reason } });
        await context.answer(status, () => `${id} is rejected.`);
      }),
    );
}

/** @throws CliError where it waits for nothing */
async function waitingOperation({ api }: Context, id: string) {
  const progress = await api.call('followOperation', { parameters: { id } });
  const { approval } = progress.operation;
  if (approval) return { ...progress, approval };
  throw new CliError(EXIT.refused, `${id} does not wait for approval.`, undefined, 'NoApprovalWanted');
}

/** The plan as the history has it; else what the record says of it. */
function describe({ colors }: Context, plan: OperationProgress['plan'], summary: string): string {
  if (!plan) return plain(summary);
  return planText(plan, colors);
}
