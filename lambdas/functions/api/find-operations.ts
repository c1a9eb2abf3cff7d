import type { OperationName } from '../../contracts/operation';
import { OPERATIONS } from '../../contracts/operation';
import type { OperationSummary } from '../../contracts/api/operations';
import { stepFunctions } from '../../aws/clients';
import {
  describeOperation,
  listExecutions,
  type DescribedExecution,
  type ListedExecution,
} from '../../aws/operation-executions';
import { clusterOfExecution } from '../../domain/operation-ids';
import { clusterOfInput } from '../../domain/operations';
import { stateMachines } from '../../runtime/lambda';

export interface Wanted {
  cluster?: string | undefined;
  operation?: OperationName | undefined;
  status?: OperationSummary['status'] | undefined;
  limit: number;
}

/** A page of ListExecutions. */
const LOOKED_THROUGH = 1000;
/** DescribeExecution has a quota of its own: 15 a second after a burst of 300. */
const MOST_DESCRIBED = 150;
const AT_ONCE = 10;

/**
 * The latest executions that are wanted, the latest first. Of each operation the latest 1,000 are looked through; one whose name does not
 * tell its cluster, because a person started it in Step Functions, is asked for its input.
 */
export async function findOperations({
  cluster,
  operation,
  status,
  limit,
}: Wanted): Promise<{ found: DescribedExecution[]; complete: boolean }> {
  const lists = await Promise.all(
    (operation ? [operation] : OPERATIONS).map((one) =>
      listExecutions(stepFunctions(), stateMachines(), one, {
        status,
        most: cluster === undefined ? limit : LOOKED_THROUGH,
      }),
    ),
  );
  const candidates = lists
    .flatMap(({ executions }) => executions)
    .filter((execution) => cluster === undefined || [cluster, undefined].includes(clusterOfExecution(execution)))
    .sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
  const found: DescribedExecution[] = [];
  let next = 0;
  while (next < Math.min(candidates.length, MOST_DESCRIBED) && found.length < limit) {
    const some = candidates.slice(next, (next += Math.min(AT_ONCE, limit - found.length)));
    found.push(...(await describeAll(some)).filter(({ input }) => isOf(cluster, input)));
  }
  return { found, complete: next >= candidates.length && lists.every(({ more }) => !more) };
}

async function describeAll(executions: ListedExecution[]): Promise<DescribedExecution[]> {
  const machines = stateMachines();
  const described = await Promise.all(executions.map((one) => describeOperation(stepFunctions(), machines, one)));
  return described.filter((one) => one !== undefined);
}

const isOf = (cluster: string | undefined, input: unknown) =>
  cluster === undefined || clusterOfInput(input) === cluster;
