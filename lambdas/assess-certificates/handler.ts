import { assessCertificatesInput } from '../contracts/assess-certificates';
import type { CertificateReport } from '../contracts/certificate-report';
import { EVENT } from '../contracts/events';
import { cloudWatch, eventBridge } from '../shared/clients';
import { environment } from '../shared/environment';
import { logger } from '../shared/logger';
import { parsePayload } from '../shared/parse-payload';
import { publishCertificateMetrics } from '../shared/publish-certificate-metrics';
import { putEvents } from '../shared/put-events';
import { assessCertificates } from './assess-certificates';

/** Judges the certificates that the nodes reported; puts metrics and one event for each finding. */
export async function handler(payload: unknown): Promise<CertificateReport> {
  const now = new Date();
  const input = parsePayload(assessCertificatesInput, payload);
  const { report, findings, metrics } = assessCertificates(input, now);
  logger.info('Certificates assessed', { cluster: report.cluster, findings: findings.length, next: report.next });
  await publishCertificateMetrics(cloudWatch(), metrics, now);
  const details = findings.map((finding) => ({ cluster: report.cluster, ...finding }));
  await putEvents(eventBridge(), environment('BUS_NAME'), EVENT.certificateFinding, details);
  return report;
}
