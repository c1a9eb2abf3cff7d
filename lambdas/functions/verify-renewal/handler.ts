import { verifyRenewalInput, type ProvenRenewal } from '../../contracts/renewal';
import { cloudWatch } from '../../aws/clients';
import { logger, parsePayload } from '../../runtime/lambda';
import { publishMetrics } from '../../aws/publish';
import { verifyRenewal } from './verify-renewal';

/** Proves that the renewal worked, and puts the metrics anew, where they can be told, so that alarms end. */
export async function handler(payload: unknown): Promise<ProvenRenewal> {
  const now = new Date();
  const { renewal, metrics } = verifyRenewal(parsePayload(verifyRenewalInput, payload), now);
  logger.info('Renewal proven', { cluster: renewal.cluster, nodes: renewal.renewedNodes.length });
  await publishMetrics(cloudWatch(), metrics, now);
  return renewal;
}
