import {
  GetCommandInvocationCommand,
  InvocationDoesNotExist,
  paginateListCommandInvocations,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type * as z from 'zod';
import type { NamedInstance } from '../../contracts/node';
import {
  COMMAND_IS_FOREIGN,
  COMMAND_RUNS,
  readCommandInput,
  type NodeFailure,
  type NodeResult,
  type RunOnNodesOutput,
} from '../../contracts/run-on-nodes';
import { hasEnded } from '../../domain/commands/status';
import { ssm } from '../../aws/clients';
import { listNames } from '../../domain/text/plain-text';
import { logger, parsePayload } from '../../runtime/lambda';
import { NamedError } from '../../runtime/named-error';
import { fitIntoState } from './fit-into-state';
import { judgeInvocation, type Invocation } from './judge-invocation';

/** How many nodes are read at once: SSM throttles, and publishes no figure. */
const AT_ONCE = 10;

/**
 * What a command left on each node. Fails with CommandRuns until it has ended on all of them, and is asked again; when the nodes have had their
 * time, those on which it has not ended have timed out.
 */
export async function handler(payload: unknown): Promise<RunOnNodesOutput> {
  const input = parsePayload(readCommandInput, payload);
  const { commandId, document, nodes, offline } = input;
  const results = await readResults(ssm(), input);
  const pending = nodes.filter(({ instanceId }) => !results.some((result) => result.instanceId === instanceId));
  logger.info('Command read', { commandId, ended: results.length, pending: pending.length });
  if (pending.length > 0 && !input.isLate)
    throw new NamedError(COMMAND_RUNS, `${document} runs on ${listNames(pending.map(({ name }) => name))}.`);

  if (!input.tolerateFailures) requireSuccess(document, results, pending);
  const silent = [
    ...pending.map((node) => withoutAnswer(node, 'NodeStepTimedOut', hasNotEnded(document, node.name))),
    ...offline.map((node) => withoutAnswer(node, 'NodeUnreachable', `Run Command does not reach ${node.name}.`)),
  ];
  return { commandId, nodes: fitIntoState([...results, ...silent]) };
}

/** @throws NamedError COMMAND_IS_FOREIGN when somebody told of another command than the one that was sent: none of its results is taken. */
async function readResults(client: SSMClient, input: z.output<typeof readCommandInput>): Promise<NodeResult[]> {
  const { commandId, document, nodes, comment, about = '' } = input;
  const step = nameStep(document, about, nodes);
  const { statuses, comments } = await readStatuses(client, commandId);
  if (comments.some((other) => other !== comment))
    throw new NamedError(COMMAND_IS_FOREIGN, `${commandId} is another command than the one that was sent.`);
  const ended = nodes.filter(({ instanceId }) => hasEnded(statuses.get(instanceId)));

  const results: NodeResult[] = [];
  for (let start = 0; start < ended.length; start += AT_ONCE) {
    const read = ended.slice(start, start + AT_ONCE).map(async (node) => {
      const invocation = await readInvocation(client, commandId, node.instanceId);
      return invocation && hasEnded(invocation.status) ? [judgeInvocation(node, step, invocation)] : [];
    });
    results.push(...(await Promise.all(read)).flat());
  }
  return results;
}

/** @throws NamedError under the name of the first failure; the message is JSON that names the node */
function requireSuccess(document: string, results: NodeResult[], pending: NamedInstance[]): void {
  if (pending.length > 0) {
    const node = pending.map(({ name }) => name).join(', ');
    const message = `${hasNotEnded(document, node).slice(0, -1)}; look at the node before you start again.`;
    throw new NamedError('NodeStepTimedOut', JSON.stringify({ node, message }));
  }
  for (const { name, failure } of results)
    if (failure) throw new NamedError(failure.error, JSON.stringify({ node: name, ...failure }));
}

const hasNotEnded = (document: string, node: string): string =>
  `${document} has not ended in time on ${node}: it may still run there.`;

const withoutAnswer = (
  { instanceId, name }: NamedInstance,
  error: NodeFailure['error'],
  message: string,
): NodeResult => ({
  ...{ instanceId, name },
  failure: { error, message },
});

/** As sentences call it: a step that is about another node than the one on which it runs names that one, too. */
function nameStep(document: string, about: string, nodes: NamedInstance[]): string {
  const step = document.replace(/^kubeadm-autopilot-/, '');
  return about === '' || nodes.some(({ name }) => name === about) ? step : `${step} of ${about}`;
}

/** Status and comment of the command on each instance that SSM shows so far: right after SendCommand it may not show all. */
async function readStatuses(
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
async function readInvocation(
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
