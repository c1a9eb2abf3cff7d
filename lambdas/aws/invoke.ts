import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';

/** Lets a function run without waiting for it. */
export async function invokeLater(client: LambdaClient, name: string, payload: unknown): Promise<void> {
  await client.send(
    new InvokeCommand({ FunctionName: name, InvocationType: 'Event', Payload: JSON.stringify(payload) }),
  );
}

/** @throws Error when the function failed */
export async function invokeNow(client: LambdaClient, name: string, payload: unknown): Promise<unknown> {
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(payload) }),
  );
  const text = Payload?.transformToString() ?? 'null';
  if (FunctionError !== undefined) throw new Error(`${name} failed.`);
  return JSON.parse(text) as unknown;
}
