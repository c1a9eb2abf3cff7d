import { assessGateInput, type OpenGates } from '../../contracts/renewal';
import { logger, parsePayload } from '../../runtime/lambda';
import { assessGate } from './assess-gate';

/** Asked before each change to a control plane: may it be made now? */
export async function handler(payload: unknown): Promise<OpenGates> {
  const input = parsePayload(assessGateInput, payload);
  const open = assessGate(input);
  logger.info('Gates are open', {
    cluster: input.cluster,
    purpose: input.purpose,
    node: input.node.name,
  });
  return open;
}
