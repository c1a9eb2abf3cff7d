import type { SFNClient } from '@aws-sdk/client-sfn';
import type { ListrTaskWrapper, ListrRenderer } from 'listr2';
import type { RenewalReport } from '../../lambdas/contracts/renewal';
import type { Node, OutputLine } from '../nodes/node';
import type { ExecutionEnd } from './watch-execution';
import { followExecution } from './watch-execution';

type Task = ListrTaskWrapper<unknown, typeof ListrRenderer, typeof ListrRenderer>;

/** Shows what an operation does, as it happens: the state machine's states, and each node's steps as its script tells them. */
export class OperationProgress {
  report: RenewalReport | undefined;
  private task: Task | undefined;

  /** @param onState hears the name of each state as it is entered */
  constructor(private readonly onState: (state: string) => void = () => undefined) {}

  /** Follows an execution under a task of the display. Rejects with the execution's cause when it does not succeed. */
  async follow(task: Task, sfn: SFNClient, executionArn: string): Promise<ExecutionEnd> {
    this.task = task;
    const end = await followExecution(sfn, executionArn, (state) => {
      task.output = state;
      this.onState(state);
    });
    if (end.status !== 'SUCCEEDED')
      throw new Error(`${task.title} ended with ${end.status}: ${end.error}: ${end.cause}`);
    return end;
  }

  nodeOutput(node: Node, { stream, line }: OutputLine): void {
    if (stream === 'stderr' && this.task) this.task.output = `${node.name}  ${line}`;
  }
}
