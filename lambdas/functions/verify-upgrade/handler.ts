import { readNodeResults } from '../../aws/node-results';
import { verifyUpgradePayload, type ProvenUpgrade } from '../../contracts/upgrade-outcomes';
import { logger, parsePayload } from '../../runtime/lambda';
import { verifyUpgrade } from './verify-upgrade';

/** The end of an upgrade: what the cluster runs now. */
export async function handler(payload: unknown): Promise<ProvenUpgrade> {
  const asked = parsePayload(verifyUpgradePayload, payload);
  const report = verifyUpgrade({ ...asked, before: await readNodeResults(asked.before) });
  logger.info('Upgrade verified', { cluster: report.cluster, outcome: report.outcome, nodes: report.rows.length });
  return report;
}
