import { randomUUID } from 'node:crypto';
import type { ApiModel, Operation } from '../../aws/api-model';
import { apiModel } from '../../aws/api-model';
import type { AwsOutput } from '../../aws/aws-call';
import type { Json, JsonObject } from '../json';
import { isObject } from '../json';
import { checkShape, fromApi, toApi, unusable } from './api-shapes';
import { optimisedError } from './call-errors';
import type { CallContext, Integration, Pattern, Submitted } from './integration';
import { invokeArguments, invokeResult } from './lambda-invoke';
import { putEventsArguments, putEventsResult } from './put-events';
import type { ServiceNames } from './service-names';
import { SERVICE_IDS } from './service-names';
import { startExecutionArguments, startedExecution } from './start-execution';

/** What an optimised integration does beyond calling the API. */
interface Optimisation {
  serviceId: string;
  action: string;
  patterns: Pattern[];
  /** The fields of Arguments that it takes; absent: all of the API. */
  fields?: string[];
  /** Arguments as the API takes them: text where the state may give JSON. */
  adapt?(given: JsonObject, context: CallContext): JsonObject;
  /** The task's result; default: the API's answer with metadata of the HTTP call. */
  result?(answer: JsonObject, raw: AwsOutput): Json;
  /** What follows the call, for the `.sync` patterns. */
  follow?(answer: JsonObject, pattern: Pattern, context: CallContext): Pick<Submitted, 'completion' | 'cancel'>;
}

const CALLBACK: Pattern[] = ['request-response', 'waitForTaskToken'];

/** By the part of the ARN after `arn:aws:states:::`. */
const OPTIMISED: Record<string, Optimisation> = {
  'lambda:invoke': {
    serviceId: 'lambda',
    action: 'Invoke',
    patterns: CALLBACK,
    fields: ['FunctionName', 'InvocationType', 'Payload', 'Qualifier', 'ClientContext', 'LogType'],
    adapt: invokeArguments,
    result: (answer, raw) => withMetadata(invokeResult(answer, raw)),
  },
  'states:startExecution': {
    serviceId: 'sfn',
    action: 'StartExecution',
    patterns: ['request-response', 'sync', 'sync:2', 'waitForTaskToken'],
    fields: ['StateMachineArn', 'Input', 'Name', 'TraceHeader'],
    adapt: startExecutionArguments,
    follow: startedExecution,
  },
  'sns:publish': { serviceId: 'sns', action: 'Publish', patterns: CALLBACK, adapt: textOf('Message') },
  'sqs:sendMessage': { serviceId: 'sqs', action: 'SendMessage', patterns: CALLBACK, adapt: textOf('MessageBody') },
  'events:putEvents': {
    serviceId: 'eventbridge',
    action: 'PutEvents',
    patterns: CALLBACK,
    fields: ['Entries'],
    adapt: putEventsArguments,
    result: putEventsResult,
  },
  'dynamodb:getItem': { serviceId: 'dynamodb', action: 'GetItem', patterns: ['request-response'] },
  'dynamodb:putItem': { serviceId: 'dynamodb', action: 'PutItem', patterns: ['request-response'] },
  'dynamodb:updateItem': { serviceId: 'dynamodb', action: 'UpdateItem', patterns: ['request-response'] },
  'dynamodb:deleteItem': { serviceId: 'dynamodb', action: 'DeleteItem', patterns: ['request-response'] },
};

export const OPTIMISED_RESOURCES = Object.keys(OPTIMISED);

/** @param wrong hears why there is no such integration. */
export async function optimisedIntegration(
  name: string,
  pattern: Pattern,
  wrong: (message: string) => void,
): Promise<Integration | undefined> {
  const optimisation = OPTIMISED[name];
  if (!optimisation) {
    wrong(
      `The local engine has no integration '${name}'; it has ${OPTIMISED_RESOURCES.join(', ')} and aws-sdk:<service>:<action>`,
    );
    return undefined;
  }
  if (!optimisation.patterns.includes(pattern)) {
    wrong(`The integration '${name}' does not support '.${pattern}'`);
    return undefined;
  }
  const names = SERVICE_IDS[optimisation.serviceId]!;
  const model = await apiModel(names.iam);
  const operation = model.operations.get(optimisation.action)!;
  const [resourceType, action] = name.split(':') as [string, string];
  return {
    resource: pattern === 'request-response' ? action : `${action}.${pattern}`,
    resourceType,
    pattern,
    checkArguments: (literal, note) => check(optimisation, operation, literal, note),
    prepare: (given, context) => prepare(optimisation, { names, model, operation, pattern }, given, context),
  };
}

function check(
  optimisation: Optimisation,
  operation: Operation,
  literal: Json,
  note: (location: string, message: string) => void,
): void {
  if (!isObject(literal)) return note('', 'Arguments has to be an object or an expression');
  for (const field of unknownFields(optimisation, literal)) {
    note(
      `/${field}`,
      `The field '${field}' is not supported by Step Functions; there are ${optimisation.fields!.join(', ')}`,
    );
  }
  const known = Object.fromEntries(
    Object.entries(literal).filter(([key]) => optimisation.fields?.includes(key) ?? true),
  );
  checkShape(operation.input, known as Json, note);
}

function prepare(
  optimisation: Optimisation,
  {
    names,
    model,
    operation,
    pattern,
  }: { names: ServiceNames; model: ApiModel; operation: Operation; pattern: Pattern },
  given: Json,
  context: CallContext,
) {
  if (!isObject(given)) throw unusable('Arguments has to be an object');
  const [unknown] = unknownFields(optimisation, given);
  if (unknown !== undefined) throw unusable(`The field '${unknown}' is not supported by Step Functions`);
  const adapted = optimisation.adapt?.(given as JsonObject, context) ?? (given as JsonObject);
  const input = toApi(operation.input, adapted) as Record<string, unknown>;
  return async (): Promise<Submitted> => {
    let raw: AwsOutput;
    try {
      raw = await context.door.call({ service: names.iam, action: operation.name, input, caller: context.caller });
    } catch (thrown) {
      throw optimisedError(thrown, names, model);
    }
    const answer = fromApi(operation.output, raw, 'millis') as JsonObject;
    const output = optimisation.result?.(answer, raw) ?? withMetadata(answer);
    return { output, ...optimisation.follow?.(answer, pattern, context) };
  };
}

function unknownFields({ fields }: Optimisation, given: Record<string, unknown>): string[] {
  return fields ? Object.keys(given).filter((field) => !fields.includes(field)) : [];
}

/** For a text that the state may give as JSON. */
function textOf(field: string): (given: JsonObject) => JsonObject {
  return (given) => {
    const value = given[field];
    return value === undefined || typeof value === 'string' ? given : { ...given, [field]: JSON.stringify(value) };
  };
}

function withMetadata(answer: JsonObject): JsonObject {
  const requestId = randomUUID();
  const headers = { 'x-amzn-RequestId': requestId };
  return {
    ...answer,
    SdkHttpMetadata: { AllHttpHeaders: { 'x-amzn-RequestId': [requestId] }, HttpHeaders: headers, HttpStatusCode: 200 },
    SdkResponseMetadata: { RequestId: requestId },
  };
}
