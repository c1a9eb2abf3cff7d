import { checkCommandInput, NO_NODE_ANSWERS, type CommandTargets } from '../../contracts/run-on-nodes';
import { ssm } from '../../aws/clients';
import { findRegistrations } from '../../aws/instances';
import { mayHoldLock } from '../../domain/operations';
import { logger, parsePayload } from '../../runtime/lambda';
import { NamedError } from '../../runtime/named-error';
import { UserError } from '../../runtime/user-error';
import { demandLock } from './demand-lock';

/**
 * Whether a command may be sent, and to which of its nodes: those that SSM reaches. One that changes nodes needs the cluster's lock, held by a
 * running operation of this app on this cluster, whose nodes they are.
 */
export async function handler(payload: unknown): Promise<CommandTargets> {
  const input = parsePayload(checkCommandInput, payload);
  const { document, changesNodes, nodes, tolerateFailures, lock } = input;
  if (changesNodes && !(lock && mayHoldLock(lock.holder, input.stateMachine)))
    throw new UserError(
      'InvalidInput',
      `${document} changes nodes, so it runs only for an operation of this app that holds the cluster's lock; it got no such lock, and nothing was sent: start the operation itself.`,
    );

  const registrations = await findRegistrations(
    ssm(),
    nodes.map(({ instanceId }) => instanceId),
  );
  const reached = new Set(registrations.flatMap(({ instanceId, ping }) => (ping === 'Online' ? [instanceId] : [])));
  const online = nodes.filter(({ instanceId }) => reached.has(instanceId));
  const offline = nodes.filter(({ instanceId }) => !reached.has(instanceId));
  const node = offline.map(({ name }) => name).join(', ');
  if (offline.length > 0 && !tolerateFailures) {
    const message = `Run Command does not reach ${node}: see that the instance runs and its SSM agent is online.`;
    throw new UserError('NodeUnreachable', JSON.stringify({ node, message }));
  }
  if (online.length === 0) throw new NamedError(NO_NODE_ANSWERS, `Run Command does not reach ${node}.`);

  if (changesNodes && lock) await demandLock(lock, online);
  logger.info('Command may be sent', { document, online: online.length, offline: offline.length });
  return { online, offline };
}
