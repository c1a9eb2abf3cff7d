import { createHash, randomUUID } from 'node:crypto';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { ApiAnswer, ApiRequest } from '../../contracts/api/routes';
import { USER_ERRORS, type UserErrorName } from '../../contracts/failures';
import { startedOperation, type StartedOperation, type StartRequest, type Trigger } from '../../contracts/operation';
import { lambda } from '../../aws/clients';
import { executionOf, operationIdOf } from '../../domain/operation-ids';
import { executionName } from '../../domain/operations';
import { environment, stateMachines } from '../../runtime/lambda';
import { UserError } from '../../runtime/user-error';

export async function startOperation(request: ApiRequest<'startOperation'>): Promise<ApiAnswer<'startOperation'>> {
  return start(request, request.body);
}

export async function planOperation(request: ApiRequest<'planOperation'>): Promise<ApiAnswer<'planOperation'>> {
  return start(request, { ...request.body, planOnly: true });
}

/** The id that an operation is going to have; only for requests with an idempotency key. */
export function idOfStart(request: ApiRequest<'startOperation' | 'planOperation'>): string {
  const { operation, cluster } = request.parameters;
  return operationIdOf({ operation, name: executionName(operation, cluster, triggerOf(request)) });
}

async function start(
  request: ApiRequest<'startOperation' | 'planOperation'>,
  options: Record<string, unknown>,
): Promise<ApiAnswer<'startOperation'>> {
  const started = await invokeStartOperation({ ...request.parameters, options, trigger: triggerOf(request) });
  const of = executionOf(started.executionArn, stateMachines());
  if (!of) throw new Error(`start-operation answered an execution that is no operation's: ${started.executionArn}.`);
  return { id: operationIdOf(of), started: started.started, status: started.status };
}

function triggerOf({
  who,
  source = 'api',
  idempotencyKey = randomUUID(),
}: ApiRequest<'startOperation' | 'planOperation'>): Trigger {
  // Somebody else's key is another one.
  return { source, id: `${idempotencyKey}/${createHash('sha256').update(who).digest('hex').slice(0, 16)}`, who };
}

/** @throws UserError as `start-operation` does */
async function invokeStartOperation(request: StartRequest): Promise<StartedOperation> {
  const { FunctionError, Payload } = await lambda().send(
    new InvokeCommand({ FunctionName: environment('START_OPERATION'), Payload: JSON.stringify(request) }),
  );
  const answer: unknown = JSON.parse(Payload?.transformToString() ?? 'null');
  if (FunctionError === undefined) return startedOperation.parse(answer);
  const { errorType = '', errorMessage = '' } = answer as { errorType?: string; errorMessage?: string };
  if ((USER_ERRORS as readonly string[]).includes(errorType))
    throw new UserError(errorType as UserErrorName, errorMessage);
  throw new Error(`start-operation failed: ${errorType}: ${errorMessage}`);
}
