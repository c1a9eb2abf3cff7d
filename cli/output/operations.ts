import type {
  ApprovalStatus,
  OperationProgress,
  OperationSummary,
  ProgressStep,
  StepState,
} from '../../lambdas/contracts/api/operations';
import type { Context } from '../context';
import { plain, shortArn, table } from './text';
import { formatTime, took } from './times';

type Colors = Context['colors'];

export function requesterText({ requester: { source, who } }: Pick<OperationSummary, 'requester'>): string {
  return who === undefined ? source : `${shortArn(who)} (${source})`;
}

export function statusText(status: OperationSummary['status'], colors: Colors): string {
  const text = status.toLowerCase().replace('_', ' ');
  if (status === 'SUCCEEDED') return colors.green(text);
  return status === 'RUNNING' ? colors.cyan(text) : colors.red(text);
}

export function operationsTable(operations: OperationSummary[], zone: string, now: Date, colors: Colors): string {
  return table(
    ['started', 'operation', 'status', 'took', 'asked by', 'id'],
    operations.map((one) => [
      formatTime(one.startedAt, zone),
      one.planOnly ? `${one.operation} (plan)` : one.operation,
      statusText(one.status, colors),
      took(one.startedAt, one.endedAt, now),
      requesterText(one),
      one.id,
    ]),
  );
}

/** For what an operation waits, and who can give it. */
export const approvalText = ({ id, state, because, mayApprove }: ApprovalStatus): string =>
  state === 'waiting'
    ? plain(`${id} waits for approval: ${because}, of ${mayApprove.join(', ')} (autopilot approve ${id})`)
    : plain(`${id}: ${because}`);

const MARKS: Record<StepState, string> = { running: '…', succeeded: '✔', failed: '✖', stopped: '■' };

const mark = (state: StepState, colors: Colors): string => {
  const text = MARKS[state];
  if (state === 'succeeded') return colors.green(text);
  return state === 'running' ? colors.cyan(text) : colors.red(text);
};

/** The operation as a tree: its steps in order, under each its nodes, at the end the nodes that are still to come. */
export function progressTree({ operation, plan, steps }: OperationProgress, now: Date, colors: Colors): string {
  const { startedAt, endedAt, status } = operation;
  const title = `${colors.bold(operation.operation)}${operation.cluster ? ` of ${operation.cluster}` : ''}`;
  return [
    `${title}  ${statusText(status, colors)}  ${took(startedAt, endedAt, now)}  asked by ${requesterText(operation)}`,
    ...(operation.approval ? [colors.yellow(`  ${approvalText(operation.approval)}`)] : []),
    ...steps.flatMap((step) => stepLines(step, now, colors)),
    ...(endedAt === undefined ? toCome(plan, steps) : []),
    ...(operation.cause === undefined ? [] : [colors.red(`${operation.error}: ${plain(operation.cause)}`)]),
  ].join('\n');
}

function stepLines(step: ProgressStep, now: Date, colors: Colors): string[] {
  const time = colors.dim(took(step.startedAt, step.endedAt, now));
  const nodes = step.nodes.map((node) => `${plain(node.name)} ${mark(node.state, colors)}`).join('  ');
  const failures = step.nodes.filter(({ message }) => message !== undefined);
  return [
    `  ${mark(step.state, colors)} ${step.name}${nodes && `  ${nodes}`}  ${time}`,
    ...failures.map(({ name, message = '' }) => `      ${plain(name)}: ${plain(message)}`),
  ];
}

function toCome(plan: OperationProgress['plan'], steps: ProgressStep[]): string[] {
  const begun = new Set(steps.filter(({ nodes }) => nodes.length === 1).flatMap(({ nodes }) => nodes[0]!.name));
  const left = (plan?.steps ?? []).filter(({ name }) => !begun.has(name));
  return left.length === 0 ? [] : [`  to come: ${left.map(({ name, action }) => `${name} (${action})`).join(', ')}`];
}

/** What has changed since the last look, a line each, for output that is no terminal. */
export function progressLines(
  before: OperationProgress | undefined,
  { steps }: OperationProgress,
  zone: string,
): string[] {
  return steps.flatMap((step, index) => {
    const known = before?.steps[index];
    const nodes = step.nodes.map(({ name }) => name).join(', ');
    const what = `${step.name}${nodes && ` (${plain(nodes)})`}`;
    return [
      ...(known ? [] : [`${formatTime(step.startedAt, zone)}  ${what} ...`]),
      ...(step.endedAt !== undefined && known?.endedAt === undefined
        ? [`${formatTime(step.endedAt, zone)}  ${what}: ${step.state}`]
        : []),
    ];
  });
}
