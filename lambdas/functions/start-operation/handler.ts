import { ExecutionAlreadyExists, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { writeStart } from '../../aws/approvals';
import { dynamoDb, stepFunctions } from '../../aws/clients';
import { describeExecution, type Description } from '../../aws/executions';
import { isReadOnly, startOperationInput, type StartedOperation, type Trigger } from '../../contracts/operation';
import { canonicalJson, digest } from '../../domain/digest';
import { executionArn, executionName, parseRequestedOptions } from '../../domain/operations';
import { describeProblems } from '../../domain/text/describe-problem';
import { shorten } from '../../domain/text/plain-text';
import { environment, stateMachines, logger } from '../../runtime/lambda';
import { UserError } from '../../runtime/user-error';

/**
 * Starts an operation for a trigger; the same trigger delivered again gets the execution that there is.
 * @throws UserError InvalidInput, also when this trigger has started the operation with other options
 */
export async function handler(payload: unknown): Promise<StartedOperation> {
  const parsed = startOperationInput.safeParse(payload);
  if (!parsed.success) {
    const problems = describeProblems(parsed.error, payload);
    throw new UserError(
      'InvalidInput',
      `The trigger is not valid: ${problems}; expected {"operation", "cluster", "options", "trigger": {"source", "id"}}: correct what sends it.`,
    );
  }
  const { operation, cluster, trigger } = parsed.data;
  const options = parseRequestedOptions(operation, parsed.data.options);
  const stateMachineArn = stateMachines()[operation];
  if (!stateMachineArn) throw new Error(`STATE_MACHINES has no ${operation}: deploy the app again.`);
  const name = executionName(operation, cluster, trigger);
  // The same text for the same trigger: Step Functions compares it before it calls two starts the same.
  const input = canonicalJson({ ...options, cluster, trigger });
  if (!isReadOnly(operation) && options.planOnly !== true)
    await noteWhoAsked(executionArn(stateMachineArn, name), trigger, input);
  try {
    const started = await stepFunctions().send(new StartExecutionCommand({ stateMachineArn, name, input }));
    logger.info('Operation started', { operation, cluster, execution: name });
    return {
      executionArn: started.executionArn ?? executionArn(stateMachineArn, name),
      started: true,
      status: 'RUNNING',
    };
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
    const arn = executionArn(stateMachineArn, name);
    const existing = await describeExecution(stepFunctions(), arn);
    if (!hasInput(existing, input)) {
      const { source, id } = trigger;
      throw new UserError(
        'InvalidInput',
        `The trigger ${shorten(`${source}/${id}`, 100)} has already started ${operation} of ${cluster} with the input ${shorten(existing?.input ?? '', 200)}, and one trigger cannot start it with other options (${shorten(canonicalJson(options), 200)}): start it with another trigger id.`,
      );
    }
    const status = existing?.status ?? 'UNKNOWN';
    logger.info('Operation had been started by the same trigger', { operation, cluster, execution: name, status });
    return { executionArn: arn, started: false, status };
  }
}

/**
 * Before the start, so that the operation finds it. Where it cannot be written the operation's requester is unknown, which makes its
 * approval harder, never easier.
 */
async function noteWhoAsked(execution: string, { source, who }: Trigger, input: string): Promise<void> {
  const record = { execution, source, ...(who !== undefined && { who }), inputDigest: digest(JSON.parse(input)) };
  try {
    await writeStart(dynamoDb(), environment('APPROVALS_TABLE'), record);
  } catch (error) {
    logger.error('Who asked could not be written down', { execution, reason: String(error) });
  }
}

/** Step Functions compares texts; here it counts what they say. An execution that it has forgotten, or whose input it leaves out, counts as the same. */
function hasInput(existing: Description | undefined, input: string): boolean {
  if (existing?.input === undefined) return true;
  return canonicalJson(JSON.parse(existing.input)) === input;
}
