import type { NamedInstance } from '../../contracts/node';
import { readCommandInput, type CommandResults } from '../../contracts/run-on-nodes';
import { hasEnded } from '../../domain/commands/status';
import { ssm } from '../../aws/clients';
import { logger, parsePayload } from '../../runtime/lambda';
import { fitIntoState } from './fit-into-state';
import { judgeInvocation, type Invocation } from './judge-invocation';
import {
  GetCommandInvocationCommand,
  InvocationDoesNotExist,
  paginateListCommandInvocations,
  type SSMClient,
} from '@aws-sdk/client-ssm';

/** How many nodes are read at once: SSM throttles, and publishes no figure. */
const AT_ONCE = 10;

/** Reads what a command left on each node. Asked again until `finished`. */
export async function handler(payload: unknown): Promise<CommandResults> {
  const { commandId, document, nodes, comment, about = '' } = parsePayload(readCommandInput, payload);
  const step = nameStep(document, about, nodes);
  const { statuses, comments } = await readStatuses(ssm(), commandId);
  if (comment !== undefined && comments.some((other) => other !== comment)) {
    logger.error('Another command than the one that was sent', { commandId, document });
    return { finished: false, nodes: [], pending: nodes.map(({ name }) => name), foreign: true };
  }
  const ended = nodes.filter(({ instanceId }) => hasEnded(statuses.get(instanceId)));

  const results: CommandResults['nodes'] = [];
  for (let start = 0; start < ended.length; start += AT_ONCE) {
    const read = ended.slice(start, start + AT_ONCE).map(async (node) => {
      const invocation = await readInvocation(ssm(), commandId, node.instanceId);
      return invocation && hasEnded(invocation.status) ? [judgeInvocation(node, step, invocation)] : [];
    });
    results.push(...(await Promise.all(read)).flat());
  }
  const pending = nodes
    .filter(({ instanceId }) => !results.some((result) => result.instanceId === instanceId))
    .map(({ name }) => name);
  logger.info('Command read', { commandId, ended: results.length, pending: pending.length });
  return { finished: pending.length === 0, nodes: fitIntoState(results), pending };
}

/** As sentences call it: a step that is about another node than the one on which it runs names that one, too. */
function nameStep(document: string, about: string, nodes: NamedInstance[]): string {
  const step = document.replace(/^kubeadm-autopilot-/, '');
  return about === '' || nodes.some(({ name }) => name === about) ? step : `${step} of ${about}`;
}

/** Status and comment of the command on each instance that SSM shows so far: right after SendCommand it may not show all. */
export async function readStatuses(
  client: SSMClient,
  commandId: string,
): Promise<{ statuses: Map<string, string>; comments: string[] }> {
  const statuses = new Map<string, string>();
  const comments: string[] = [];
  for await (const page of paginateListCommandInvocations({ client, pageSize: 50 }, { CommandId: commandId })) {
    for (const { InstanceId, Status, StatusDetails, Comment } of page.CommandInvocations ?? []) {
      comments.push(Comment ?? '');
      if (InstanceId) statuses.set(InstanceId, StatusDetails || Status || '');
    }
  }
  return { statuses, comments };
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
