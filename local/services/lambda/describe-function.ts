import type { AwsOutput } from '../../aws/aws-call';
import type { FunctionDefinition } from '../../lambda/function-definition';

/** A function as FunctionConfiguration of the API. */
export function describeFunction(fn: FunctionDefinition): AwsOutput {
  return {
    FunctionName: fn.name,
    FunctionArn: fn.arn,
    Runtime: fn.runtime,
    Role: fn.roleArn,
    Handler: fn.handler,
    Description: fn.description,
    Timeout: fn.timeoutSeconds,
    MemorySize: fn.memoryMb,
    Version: '$LATEST',
    PackageType: 'Zip',
    State: 'Active',
    LastUpdateStatus: 'Successful',
    Environment: { Variables: fn.environment },
  };
}
