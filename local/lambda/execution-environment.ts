import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import type { FunctionDefinition, FunctionError, InvocationOutcome } from './function-definition';

/** What an execution environment answers at most (API "Lambda quotas": 6 MB). */
const MOST_RESPONSE_BYTES = 6_291_556;
/** Lambda allows 10 s; loading a bundle on a machine that is busy with simulated nodes may take longer. */
const INIT_LIMIT_MS = 60_000;

type Failure = { kind: 'error' | 'init-error'; error: FunctionError };
type WorkerMessage = { kind: 'ready' } | { kind: 'result'; payload: string } | Failure;

/** One warm copy of a function in a worker thread. Takes one invocation at a time. */
export class ExecutionEnvironment {
  private readonly worker: Worker;
  private settle: ((message: WorkerMessage | undefined) => void) | undefined;
  private early: WorkerMessage | undefined;
  private ready = false;
  /** Cannot be used again: it timed out, exited or failed to start. */
  isDead = false;

  constructor(
    private readonly fn: FunctionDefinition,
    environment: Record<string, string>,
    private readonly logStream: string,
    onOutput: (line: string) => void,
  ) {
    this.worker = new Worker(join(__dirname, 'function-worker.js'), {
      workerData: { taskRoot: fn.codeFolder, handler: fn.handler },
      env: environment,
      // Without those of this process: its TypeScript loader has no business in the function.
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: fn.memoryMb },
    });
    for (const stream of [this.worker.stdout, this.worker.stderr]) readLines(stream, onOutput);
    this.worker.on('message', (message: WorkerMessage) => this.arrived(message));
    this.worker.on('error', (error: Error & { code?: string }) => this.died(crash(error)));
    this.worker.on('exit', (code) =>
      this.died({ errorType: 'Runtime.ExitError', errorMessage: `Runtime exited with error: exit status ${code}` }),
    );
  }

  /** Runs the handler; every failure of it is an outcome, not an exception. */
  async invoke(requestId: string, payload: string): Promise<InvocationOutcome> {
    const broken = await this.start();
    if (broken) {
      await this.terminate();
      return failed(requestId, broken);
    }
    const limitMs = this.fn.timeoutSeconds * 1000;
    this.worker.postMessage({ payload, context: this.context(requestId, Date.now() + limitMs) });
    const ended = await this.next(limitMs);
    if (!ended) {
      await this.terminate();
      return failed(requestId, {
        errorType: 'Sandbox.Timedout',
        errorMessage: `RequestId: ${requestId} Error: Task timed out after ${this.fn.timeoutSeconds.toFixed(2)} seconds`,
      });
    }
    return ended.kind === 'result' ? succeeded(requestId, ended.payload) : failed(requestId, (ended as Failure).error);
  }

  async terminate(): Promise<void> {
    this.isDead = true;
    await this.worker.terminate();
  }

  /** Loads the bundle before the first invocation; answers what prevented that. */
  private async start(): Promise<FunctionError | undefined> {
    if (this.ready) return undefined;
    const started = await this.next(INIT_LIMIT_MS);
    if (!started)
      return { errorType: 'Sandbox.Timedout', errorMessage: `Init timed out after ${INIT_LIMIT_MS / 1000} seconds` };
    if (started.kind !== 'ready') return (started as Failure).error;
    this.ready = true;
    return undefined;
  }

  private context(awsRequestId: string, deadline: number) {
    return {
      awsRequestId,
      deadline,
      functionName: this.fn.name,
      functionVersion: '$LATEST',
      invokedFunctionArn: this.fn.arn,
      memoryLimitInMB: String(this.fn.memoryMb),
      logGroupName: `/aws/lambda/${this.fn.name}`,
      logStreamName: this.logStream,
    };
  }

  /** The next message; undefined when none came in time. */
  private next(limitMs: number): Promise<WorkerMessage | undefined> {
    const { early } = this;
    this.early = undefined;
    if (early) return Promise.resolve(early);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.settle?.(undefined), limitMs);
      this.settle = (message) => {
        clearTimeout(timer);
        this.settle = undefined;
        resolve(message);
      };
    });
  }

  private arrived(message: WorkerMessage): void {
    if (this.settle) this.settle(message);
    else this.early = message;
  }

  private died(error: FunctionError): void {
    this.isDead = true;
    this.arrived({ kind: 'error', error });
  }
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream }).on('line', onLine);
}

function crash(error: Error & { code?: string }): FunctionError {
  return error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? { errorType: 'Runtime.OutOfMemory', errorMessage: 'RequestId: Error: Runtime exited with error: signal: killed' }
    : { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

function succeeded(requestId: string, payload: string): InvocationOutcome {
  if (Buffer.byteLength(payload) <= MOST_RESPONSE_BYTES) return { requestId, payload };
  return failed(requestId, {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${MOST_RESPONSE_BYTES} bytes).`,
  });
}

const failed = (requestId: string, error: FunctionError): InvocationOutcome => ({
  requestId,
  payload: JSON.stringify(error),
  functionError: 'Unhandled',
});
