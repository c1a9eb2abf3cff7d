import type { ApiAnswer, ApiRequest } from '../../contracts/api/routes';
import { stepFunctions } from '../../aws/clients';
import {
  describeOperation as describe,
  readHistory,
  stopExecution,
  type DescribedExecution,
} from '../../aws/operation-executions';
import { nameOf } from '../../domain/freezes';
import { parseOperationId } from '../../domain/operation-ids';
import { logger, stateMachines } from '../../runtime/lambda';
import { ApiFailure, notFound } from './api-failure';
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
  const execution = await find(parameters.id);
  const runs = execution.status === 'RUNNING';
  return describeInFull(execution, runs ? currentStates(await readHistory(stepFunctions(), execution.arn, false)) : []);
}

export async function followOperation({
  parameters,
}: ApiRequest<'followOperation'>): Promise<ApiAnswer<'followOperation'>> {
  const execution = await find(parameters.id);
  return {
    operation: summarise(execution),
    ...readProgress(await readHistory(stepFunctions(), execution.arn, true)),
  };
}

export async function stopOperation({
  parameters,
  body,
  who,
}: ApiRequest<'stopOperation'>): Promise<ApiAnswer<'stopOperation'>> {
  const execution = await find(parameters.id);
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
  return summarise(await find(parameters.id));
}

async function find(id: string): Promise<DescribedExecution> {
  const of = parseOperationId(id);
  const found = of && (await describe(stepFunctions(), stateMachines(), of));
  if (!found)
    throw notFound(
      `There is no operation ${id}.`,
      'List those that there are with GET /operations; Step Functions keeps them for 90 days.',
    );
  return found;
}
