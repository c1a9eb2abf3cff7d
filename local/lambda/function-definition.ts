/** A Lambda function as the template declares it. */
export interface FunctionDefinition {
  name: string;
  arn: string;
  roleArn: `arn:${string}`;
  /** Folder with the code, as it would be unpacked on Lambda. */
  codeFolder: string;
  /** Such as `index.handler`. */
  handler: string;
  runtime: string;
  description: string;
  timeoutSeconds: number;
  memoryMb: number;
  environment: Record<string, string>;
  /** Concurrent executions that it may have at most; absent: no limit of its own. */
  reservedConcurrency?: number;
}

/** What an error of a function looks like to whoever invoked it. */
export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

export interface InvocationOutcome {
  requestId: string;
  /** JSON: the handler's result, or a FunctionError. */
  payload: string;
  /** `Unhandled` when the handler threw, timed out or died. */
  functionError?: 'Unhandled';
}
