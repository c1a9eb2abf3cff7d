import type { ApiModel, Operation } from '../../aws/api-model';
import { apiModel } from '../../aws/api-model';
import type { Json } from '../json';
import { isObject } from '../json';
import { checkShape, fromApi, toApi } from './api-shapes';
import { sdkError } from './call-errors';
import type { CallContext, Integration, Pattern, Submitted } from './integration';
import type { ServiceNames } from './service-names';
import { SERVICE_IDS } from './service-names';

/** Members of type string that take any JSON: Step Functions writes it as text. Lower-case names as in the API. */
const JSON_TEXT_MEMBERS = new Set(['states:StartExecution:Input', 'states:SendTaskSuccess:Output']);

/** `arn:aws:states:::aws-sdk:<service>:<action>`. @param wrong hears why there is no such integration. */
export async function awsSdkIntegration(
  serviceId: string,
  action: string,
  pattern: Pattern,
  wrong: (message: string) => void,
): Promise<Integration | undefined> {
  const names = SERVICE_IDS[serviceId];
  if (!names) {
    wrong(`The local engine has no service 'aws-sdk:${serviceId}'; it has ${Object.keys(SERVICE_IDS).join(', ')}`);
    return undefined;
  }
  const model = await apiModel(names.iam);
  const operation = model.operations.get(action.charAt(0).toUpperCase() + action.slice(1));
  if (!operation || !/^[a-z]/.test(action)) {
    wrong(`The service 'aws-sdk:${serviceId}' has no action '${action}'`);
    return undefined;
  }
  return {
    resource: pattern === 'waitForTaskToken' ? `${action}.${pattern}` : action,
    resourceType: `aws-sdk:${serviceId}`,
    pattern,
    checkArguments: (literal, note) =>
      checkShape(operation.input, withJsonText(names.iam, operation.name, literal), note),
    prepare: (given, context) => prepare(names, model, operation, given, context),
  };
}

function prepare(names: ServiceNames, model: ApiModel, operation: Operation, given: Json, context: CallContext) {
  const input = toApi(operation.input, withJsonText(names.iam, operation.name, given)) as Record<string, unknown>;
  return async (): Promise<Submitted> => {
    try {
      const output = await context.door.call({
        service: names.iam,
        action: operation.name,
        input,
        caller: context.caller,
      });
      return { output: fromApi(operation.output, output, 'iso') };
    } catch (thrown) {
      throw sdkError(thrown, names, model);
    }
  };
}

function withJsonText(service: string, operation: string, given: Json): Json {
  if (!isObject(given)) return given;
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      const isText = typeof value === 'string' || !JSON_TEXT_MEMBERS.has(`${service}:${operation}:${key}`);
      return [key, isText ? value : JSON.stringify(value)];
    }),
  ) as Json;
}
