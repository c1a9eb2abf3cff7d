import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { AwsAction } from '../../aws/aws-call';
import { AwsError } from '../../aws/aws-call';
import { checkedAction } from '../../aws/checked-action';
import { Execution } from '../engine/execution';
import type { Surroundings } from '../engine/surroundings';
import { Payload } from '../json';
import { MAX_PAYLOAD_BYTES } from '../limits';
import { executionHistory, historyRequest } from './execution-history';
import { checkArn, checkName, stateMachineArn } from './names';
import { page, paging } from './pages';
import type { StateMachines } from './state-machines';
import { describe } from './state-machines';

const onExecution = z.strictObject({ executionArn: z.string() });
const onExecutionArn =
  (action: string) =>
  ({ executionArn: resource }: { executionArn: string }) => [{ action: `states:${action}`, resource }];

/** The executions and the actions on them. */
export class Executions {
  private readonly executions = new Map<string, Execution>();
  private readonly around: Surroundings;

  constructor(
    private readonly machines: StateMachines,
    around: Omit<Surroundings, 'executionEnded'>,
  ) {
    const executionEnded = async (arn: string) => {
      const execution = this.get(arn);
      await execution.ended();
      return describeExecution(execution);
    };
    this.around = { ...around, executionEnded };
  }

  /** @throws AwsError ExecutionDoesNotExist */
  get(arn: string): Execution {
    const execution = this.executions.get(checkArn(arn, 'execution'));
    if (!execution) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return execution;
  }

  async shutDown(): Promise<void> {
    await Promise.all([...this.executions.values()].map((execution) => execution.shutDown()));
  }

  readonly actions: Record<string, AwsAction> = {
    StartExecution: checkedAction(
      'StartExecution',
      z.strictObject({
        stateMachineArn: z.string(),
        name: z.string().optional(),
        input: z.string().optional(),
        traceHeader: z.string().optional(),
      }),
      {
        permissions: ({ stateMachineArn: resource }) => [{ action: 'states:StartExecution', resource }],
        run: ({ stateMachineArn: arn, name, input }) => {
          const { arn: executionArn, startDate } = this.start(arn, name ?? randomUUID(), input ?? '{}');
          return { executionArn, startDate };
        },
      },
    ),
    DescribeExecution: checkedAction('DescribeExecution', onExecution.extend({ includedData: z.string().optional() }), {
      permissions: onExecutionArn('DescribeExecution'),
      run: ({ executionArn }) => describeExecution(this.get(executionArn)),
    }),
    DescribeStateMachineForExecution: checkedAction(
      'DescribeStateMachineForExecution',
      onExecution.extend({ includedData: z.string().optional() }),
      {
        permissions: onExecutionArn('DescribeStateMachineForExecution'),
        run: ({ executionArn }) => {
          const { machine } = this.get(executionArn);
          return { ...describe(machine), updateDate: machine.updateDate };
        },
      },
    ),
    GetExecutionHistory: checkedAction('GetExecutionHistory', historyRequest, {
      permissions: onExecutionArn('GetExecutionHistory'),
      run: (input) => executionHistory(this.get(input.executionArn).history.events, input),
    }),
    ListExecutions: checkedAction(
      'ListExecutions',
      z.strictObject({
        stateMachineArn: z.string(),
        statusFilter: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE']).optional(),
        ...paging,
      }),
      {
        permissions: ({ stateMachineArn: resource }) => [{ action: 'states:ListExecutions', resource }],
        run: ({ stateMachineArn: arn, statusFilter, ...pageOf }) => {
          const { name } = this.machines.get(arn);
          const all = [...this.executions.values()].reverse().filter(({ machine, status }) => {
            return machine.arn === stateMachineArn(name) && (statusFilter === undefined || status === statusFilter);
          });
          const { items, next } = page(all, pageOf);
          return { executions: items.map(summary), ...next };
        },
      },
    ),
    StopExecution: checkedAction(
      'StopExecution',
      onExecution.extend({ error: z.string().max(256).optional(), cause: z.string().max(32_768).optional() }),
      {
        permissions: onExecutionArn('StopExecution'),
        run: ({ executionArn, error, cause }) => {
          const details = { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
          return { stopDate: this.get(executionArn).stop(details) };
        },
      },
    ),
    RedriveExecution: checkedAction('RedriveExecution', onExecution.extend({ clientToken: z.string().optional() }), {
      permissions: onExecutionArn('RedriveExecution'),
      run: ({ executionArn }) => {
        const execution = this.get(executionArn);
        const why = execution.notRedrivable;
        if (why !== undefined) throw new AwsError('ExecutionNotRedrivable', `Execution Not Redrivable: '${why}'`);
        return { redriveDate: execution.redrive() };
      },
    }),
  };

  /** Started twice with the same name and input while it runs, it is the same execution; otherwise the name is taken. */
  private start(arn: string, name: string, inputText: string): Execution {
    const machine = this.machines.get(arn);
    checkName(name, 'an execution');
    const input = readInput(inputText);
    const execution = new Execution({ ...machine }, name, input, this.around);
    const existing = this.executions.get(execution.arn);
    if (existing) {
      if (existing.status === 'RUNNING' && existing.input.text === inputText) return existing;
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${execution.arn}'`);
    }
    this.executions.set(execution.arn, execution);
    execution.start();
    return execution;
  }
}

function readInput(text: string): Payload {
  let input: Payload;
  try {
    input = Payload.parse(text);
  } catch (error) {
    throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${(error as Error).message}'`);
  }
  if (input.bytes <= MAX_PAYLOAD_BYTES) return input;
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${MAX_PAYLOAD_BYTES}`,
  );
}

function describeExecution(execution: Execution) {
  const { input, output, failure, notRedrivable } = execution;
  return {
    ...summary(execution),
    input: input.text,
    inputDetails: { included: true },
    ...(output && { output: output.text, outputDetails: { included: true } }),
    ...failure,
    redriveStatus: notRedrivable === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
    ...(notRedrivable !== undefined && { redriveStatusReason: notRedrivable }),
  };
}

/** Members that ListExecutions and DescribeExecution share. */
function summary({ arn, machine, name, status, startDate, stopDate, redriveCount, redriveDate }: Execution) {
  return {
    executionArn: arn,
    stateMachineArn: machine.arn,
    name,
    status,
    startDate,
    ...(stopDate && { stopDate }),
    redriveCount,
    ...(redriveDate && { redriveDate }),
  };
}
