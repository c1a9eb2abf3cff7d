import type { ApiAnswer, ApiRequest } from '../../contracts/api/routes';
import { stepFunctions } from '../../aws/clients';
import { readHistory, stopExecution } from '../../aws/operation-executions';
import { nameOf } from '../../domain/freezes';
import { logger } from '../../runtime/lambda';
import { ApiFailure } from './api-failure';
import { withApproval } from './approvals';
import { findExecution } from './find-execution';
import { findOperations } from './find-operations';
import { describeInFull, summarise } from './operation-summary';
import { currentStates, readProgress } from './progress';

export async function listOperations({ query }: ApiRequest<'listOperations'>): Promise<ApiAnswer<'listOperations'>> {
  const { found, complete } = await findOperations(query);
  return { operations: found.map(summarise), complete };
}

export async function describeOperation({
  parameters,
}: ApiRequest<'describeOperation'>): Promise<ApiAnswer<'describeOperation'>> {
  const execution = await findExecution(parameters.id);
  const runs = execution.status === 'RUNNING';
  const current = runs ? currentStates(await readHistory(stepFunctions(), execution.arn, false)) : [];
  return withApproval(execution, describeInFull(execution, current));
}

export async function followOperation({
  parameters,
}: ApiRequest<'followOperation'>): Promise<ApiAnswer<'followOperation'>> {
  const execution = await findExecution(parameters.id);
  return {
    operation: await withApproval(execution, summarise(execution)),
    ...readProgress(await readHistory(stepFunctions(), execution.arn, true)),
  };
}

export async function stopOperation({
  parameters,
  body,
  who,
}: ApiRequest<'stopOperation'>): Promise<ApiAnswer<'stopOperation'>> {
  const execution = await findExecution(parameters.id);
  if (execution.status !== 'RUNNING') {
    throw new ApiFailure(
      409,
      'NotRunning',
      `The operation ${parameters.id} has ended already (${execution.status}).`,
      'Nothing has to be stopped.',
    );
  }
  await stopExecution(stepFunctions(), execution.arn, `Stopped by ${nameOf(who)}: ${body.reason}`);
  logger.info('Operation stopped', { id: parameters.id, who });
  return summarise(await findExecution(parameters.id));
}
