import { apiModel } from '../../aws/api-model';
import type { Json, JsonObject } from '../json';
import { StatesError } from '../states-error';
import { fromApi } from './api-shapes';
import type { CallContext, Pattern, Submitted } from './integration';

/** Input may be any JSON; the started execution gets its text, `{}` where there is none. */
export function startExecutionArguments(given: JsonObject): JsonObject {
  const { Input: input } = given;
  return { ...given, Input: typeof input === 'string' ? input : JSON.stringify(input ?? {}) };
}

/** `.sync` and `.sync:2`: the task's result is what DescribeExecution tells of the ended execution. */
export function startedExecution(
  answer: JsonObject,
  pattern: Pattern,
  context: CallContext,
): Pick<Submitted, 'completion' | 'cancel'> {
  if (pattern !== 'sync' && pattern !== 'sync:2') return {};
  const executionArn = answer.ExecutionArn as string;
  return {
    completion: async () => {
      const described = await describe(await context.executionEnded(executionArn));
      if (described.Status !== 'SUCCEEDED') throw new StatesError('States.TaskFailed', JSON.stringify(described));
      return pattern === 'sync:2' ? parsed(described) : described;
    },
    cancel: async () => {
      await context.door.call({
        service: 'states',
        action: 'StopExecution',
        input: { executionArn },
        caller: context.caller,
      });
    },
  };
}

/** Members in alphabetical order, and without those of redriving, as the optimised integration tells them. */
async function describe(output: Record<string, unknown>): Promise<JsonObject> {
  const operation = (await apiModel('states')).operations.get('DescribeExecution')!;
  const all = fromApi(operation.output, output, 'millis') as JsonObject;
  const names = Object.keys(all).filter((name) => !name.startsWith('Redrive'));
  return Object.fromEntries(names.sort().map((name) => [name, all[name]!]));
}

/** `.sync:2`: Input and Output are JSON, not its text. */
function parsed(described: JsonObject): JsonObject {
  const json = (name: string) =>
    typeof described[name] === 'string' ? { [name]: JSON.parse(described[name]) as Json } : {};
  return { ...described, ...json('Input'), ...json('Output') };
}
