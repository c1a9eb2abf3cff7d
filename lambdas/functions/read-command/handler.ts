import { readCommandInput, type CommandResults } from '../../contracts/read-command';
import { hasEnded } from '../../domain/commands/status';
import { ssm } from '../../aws/clients';
import { logger } from '../../runtime/logger';
import { parsePayload } from '../../runtime/parse-payload';
import { readInvocation, readStatuses } from './ask-ssm';
import { fitIntoState } from './fit-into-state';
import { judgeInvocation } from './judge-invocation';

/** How many nodes are read at once: SSM throttles, and publishes no figure. */
const AT_ONCE = 10;

/** Reads what a command left on each node. Asked again until `finished`. */
export async function handler(payload: unknown): Promise<CommandResults> {
  const { commandId, document, nodes } = parsePayload(readCommandInput, payload);
  const step = document.replace(/^kubeadm-autopilot-/, '');
  const statuses = await readStatuses(ssm(), commandId);
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
