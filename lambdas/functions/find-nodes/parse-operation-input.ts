import type { ClusterConfig } from '../../contracts/cluster-config';
import type { OperationOptions } from '../../contracts/find-nodes';
import { operationInput, type OperationInput } from '../../contracts/operation';
import { describeProblems } from '../../domain/text/describe-problem';
import { UserError } from '../../runtime/user-error';

/** @throws UserError InvalidInput in one sentence: what was got, what is expected */
export function parseOperationInput(input: unknown): OperationInput {
  const parsed = operationInput.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  const known = Object.keys(operationInput.shape).join(', ');
  throw new UserError(
    'InvalidInput',
    `The input is not valid: ${describeProblems(parsed.error, input ?? {})}; expected JSON such as {"cluster":"demo"} (fields: ${known}): start it again with that corrected.`,
  );
}

/** What was asked for, with the cluster's settings and defaults where nothing was. */
export function chosenOptions(input: OperationInput, config: ClusterConfig): OperationOptions {
  return {
    force: input.force ?? false,
    planOnly: input.planOnly ?? false,
    kubelets: input.kubelets ?? false,
    thresholdDays: input.thresholdDays ?? config.certificates.thresholdDays,
    renew: input.renew ?? true,
  };
}
