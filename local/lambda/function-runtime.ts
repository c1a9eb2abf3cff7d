import { randomBytes, randomUUID } from 'node:crypto';
import type { AccessKeys } from '../aws/access-keys';
import { AwsError, REGION } from '../aws/aws-call';
import type { FunctionDefinition, InvocationOutcome } from './function-definition';
import { ExecutionEnvironment } from './execution-environment';

export interface RuntimeSurroundings {
  /** http://127.0.0.1:PORT of the local AWS. */
  endpoint: string;
  accessKeys: AccessKeys;
  /** What every function finds beside its own variables: where a stand-in of something outside AWS is. */
  functionEnvironment?: Record<string, string>;
  /** Each line that a function wrote to stdout or stderr. */
  onOutput(functionName: string, line: string): void;
}

/** All execution environments of one function: idle ones are used again, further ones started when all are busy. */
export class FunctionRuntime {
  private readonly idle: ExecutionEnvironment[] = [];
  private readonly all = new Set<ExecutionEnvironment>();
  private running = 0;
  private stopped = false;

  constructor(
    readonly definition: FunctionDefinition,
    private readonly surroundings: RuntimeSurroundings,
  ) {}

  /** @throws AwsError TooManyRequestsException above the function's reserved concurrency. */
  async invoke(payload: string): Promise<InvocationOutcome> {
    if (this.stopped)
      throw new AwsError('ServiceException', `The local AWS is stopping; ${this.definition.name} is not invoked.`, 500);
    if (this.running >= (this.definition.reservedConcurrency ?? Infinity)) {
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
    }
    this.running += 1;
    const environment = this.idle.pop() ?? this.start();
    try {
      return await environment.invoke(randomUUID(), payload);
    } finally {
      this.running -= 1;
      if (environment.isDead) this.all.delete(environment);
      else this.idle.push(environment);
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all([...this.all].map((environment) => environment.terminate()));
  }

  private start(): ExecutionEnvironment {
    const { name } = this.definition;
    const logStream = `$LATEST-${randomBytes(16).toString('hex')}`;
    const environment = new ExecutionEnvironment(
      this.definition,
      this.environmentVariables(logStream),
      logStream,
      (line) => this.surroundings.onOutput(name, line),
    );
    this.all.add(environment);
    return environment;
  }

  /** What the function sees: Lambda's own variables and those of the template. Of this process it inherits PATH alone. */
  private environmentVariables(logStream: string): Record<string, string> {
    const { name, roleArn, memoryMb, handler, codeFolder, runtime, environment } = this.definition;
    const key = this.surroundings.accessKeys.issue({ principal: roleArn, session: name });
    return {
      PATH: process.env['PATH'] ?? '',
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
      ...this.surroundings.functionEnvironment,
      ...environment,
      _HANDLER: handler,
      LAMBDA_TASK_ROOT: codeFolder,
      AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_ENDPOINT_URL: this.surroundings.endpoint,
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
      AWS_SESSION_TOKEN: key.sessionToken,
      // The SDK would otherwise read the configuration of whoever runs this process.
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: logStream,
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    };
  }
}
