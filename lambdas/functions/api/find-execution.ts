import { stepFunctions } from '../../aws/clients';
import { describeOperation, type DescribedExecution } from '../../aws/operation-executions';
import { parseOperationId } from '../../domain/operation-ids';
import { stateMachines } from '../../runtime/lambda';
import { notFound } from './api-failure';

/** @throws ApiFailure NotFound */
export async function findExecution(id: string): Promise<DescribedExecution> {
  const of = parseOperationId(id);
  const found = of && (await describeOperation(stepFunctions(), stateMachines(), of));
  if (!found)
    throw notFound(
      `There is no operation ${id}.`,
      'List those that there are: autopilot history, or GET /operations; Step Functions keeps them for 90 days.',
    );
  return found;
}
