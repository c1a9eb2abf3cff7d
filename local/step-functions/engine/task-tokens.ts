import { randomBytes } from 'node:crypto';
import { AwsError } from '../../aws/aws-call';
import type { Json } from '../json';
import type { StatesError } from '../states-error';

/** What a task that waits for its token is told. */
export interface WaitingTask {
  stateMachineArn: string;
  succeed(output: Json): void;
  fail(failure: StatesError): void;
  heartbeat(): void;
}

const PREFIX = 'AQCgAAAAKgAAAAMAAAAA';

/** The tokens of all tasks with `.waitForTaskToken`, until they end. */
export class TaskTokens {
  private readonly waiting = new Map<string, WaitingTask>();
  /** The machine of each task that has ended. */
  private readonly closed = new Map<string, string>();

  /** A token like AWS's: opaque, and longer than other ids (SSM parameters and headers have to hold it). */
  issue(task: WaitingTask): string {
    const token = PREFIX + randomBytes(240).toString('base64');
    this.waiting.set(token, task);
    return token;
  }

  close(token: string): void {
    const task = this.waiting.get(token);
    if (!task) return;
    this.waiting.delete(token);
    this.closed.set(token, task.stateMachineArn);
  }

  /** ARN of the machine whose task has, or had, the token: who may complete its tasks hears of one that has ended, and is not denied. */
  stateMachineOf(token: string): string | undefined {
    return this.waiting.get(token)?.stateMachineArn ?? this.closed.get(token);
  }

  /** @throws AwsError InvalidToken, TaskTimedOut (the task has ended), TaskDoesNotExist */
  find(token: string): WaitingTask {
    const task = this.waiting.get(token);
    if (task) return task;
    if (this.closed.has(token))
      throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    if (!token.startsWith(PREFIX)) throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
    throw new AwsError('TaskDoesNotExist', 'Task does not exist: no task has this token');
  }
}
