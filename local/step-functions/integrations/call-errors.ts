import { randomUUID } from 'node:crypto';
import type { ApiModel } from '../../aws/api-model';
import { AwsError } from '../../aws/aws-call';
import { StatesError } from '../states-error';
import type { ServiceNames } from './service-names';

/** An error of a service as a task with an `aws-sdk` integration reports it: `Ssm.InvocationDoesNotExistException`. */
export function sdkError(thrown: unknown, names: ServiceNames, model: ApiModel): unknown {
  if (!(thrown instanceof AwsError)) return thrown;
  const kind = modelled(thrown, model) ? withException(thrown.code) : `${names.sdk}Exception`;
  const details = `(Service: ${names.sdk}, Status Code: ${thrown.status}, Request ID: ${randomUUID()}) (SDK Attempt Count: 1)`;
  return new StatesError(`${names.sdk}.${kind}`, `${thrown.message} ${details}`);
}

/** The same for an optimised integration: `DynamoDB.ConditionalCheckFailedException`, `Lambda.TooManyRequestsException`. */
export function optimisedError(thrown: unknown, names: ServiceNames, model: ApiModel): unknown {
  if (!(thrown instanceof AwsError)) return thrown;
  const { prefix, general, service } = names.optimised!;
  const kind = modelled(thrown, model) ? withException(thrown.code) : general;
  const details = [
    `Service: ${service}`,
    `Status Code: ${thrown.status}`,
    `Error Code: ${thrown.code}`,
    `Request ID: ${randomUUID()}`,
    'Proxy: null',
  ];
  return new StatesError(`${prefix}.${kind}`, `${thrown.message} (${details.join('; ')})`);
}

/**
 * Java's SDKs have an exception class for each error that the service's API lists, and a general one for all others. A refusal by
 * IAM comes before the service and is always the general one, even where the API lists that name for errors of its own.
 */
function modelled({ code }: AwsError, model: ApiModel): boolean {
  return (
    code !== 'AccessDeniedException' &&
    [...model.errors].some(([name, { queryCode }]) => name === code || queryCode === code)
  );
}

function withException(code: string): string {
  return code.endsWith('Exception') ? code : `${code}Exception`;
}
