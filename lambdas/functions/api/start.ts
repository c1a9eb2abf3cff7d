import { createHash, randomUUID } from 'node:crypto';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { ApiAnswer, ApiRequest } from '../../contracts/api/routes';
import { USER_ERRORS, type UserErrorName } from '../../contracts/failures';
import { startedOperation, type StartedOperation, type StartRequest } from '../../contracts/operation';
import { lambda } from '../../aws/clients';
import { executionOf, operationIdOf } from '../../domain/operation-ids';
import { environment, stateMachines } from '../../runtime/lambda';
import { UserError } from '../../runtime/user-error';

export async function startOperation(request: ApiRequest<'startOperation'>): Promise<ApiAnswer<'startOperation'>> {
  return start(request, request.body);
}

export async function planOperation(request: ApiRequest<'planOperation'>): Promise<ApiAnswer<'planOperation'>> {
  return start(request, { ...request.body, planOnly: true });
}

async function start(
  { parameters, who, idempotencyKey = randomUUID() }: ApiRequest<'startOperation' | 'planOperation'>,
  options: Record<string, unknown>,
): Promise<ApiAnswer<'startOperation'>> {
  // Somebody else's key is another one.
  const id = `${idempotencyKey}/${createHash('sha256').update(who).digest('hex').slice(0, 16)}`;
  const started = await invokeStartOperation({ ...parameters, options, trigger: { source: 'api', id, who } });
  const of = executionOf(started.executionArn, stateMachines());
  if (!of) throw new Error(`start-operation answered an execution that is no operation's: ${started.executionArn}.`);
  return { id: operationIdOf(of), started: started.started, status: started.status };
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
