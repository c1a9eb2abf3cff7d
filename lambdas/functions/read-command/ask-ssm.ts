import {
  GetCommandInvocationCommand,
  InvocationDoesNotExist,
  paginateListCommandInvocations,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { Invocation } from './judge-invocation';

/** Status of the command on each instance that SSM shows so far: right after SendCommand it may not show all. */
export async function readStatuses(client: SSMClient, commandId: string): Promise<Map<string, string>> {
  const statuses = new Map<string, string>();
  for await (const page of paginateListCommandInvocations({ client, pageSize: 50 }, { CommandId: commandId })) {
    for (const { InstanceId, Status, StatusDetails } of page.CommandInvocations ?? []) {
      if (InstanceId) statuses.set(InstanceId, StatusDetails || Status || '');
    }
  }
  return statuses;
}

/** What the command left on one instance; undefined while SSM does not know it there yet. */
export async function readInvocation(
  client: SSMClient,
  commandId: string,
  instanceId: string,
): Promise<Invocation | undefined> {
  try {
    const answer = await client.send(new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instanceId }));
    return {
      status: answer.Status ?? '',
      statusDetails: answer.StatusDetails,
      responseCode: answer.ResponseCode,
      stdout: answer.StandardOutputContent ?? '',
      stderr: answer.StandardErrorContent ?? '',
    };
  } catch (error) {
    if (error instanceof InvocationDoesNotExist) return undefined;
    throw error;
  }
}
