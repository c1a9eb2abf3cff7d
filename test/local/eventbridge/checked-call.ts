import { apiModel } from '../../../local/aws/api-model';
import type { AwsService } from '../../../local/aws/aws-call';
import { JSON_FORMS } from '../../../local/aws/protocols/json';
import { writeShape } from '../../../local/aws/shapes';

/** Calls an action as a user, and checks its answer against the shape that the AWS SDK has for it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export async function checkedCall(service: AwsService, action: string, input: Record<string, unknown>): Promise<any> {
  const output = await service.actions[action]!.run(input, { principal: 'user' });
  const operation = (await apiModel(service.name)).operations.get(action);
  if (!operation) throw new Error(`The SDK has no ${service.name}:${action}.`);
  writeShape(operation.output, output, JSON_FORMS);
  return output;
}
