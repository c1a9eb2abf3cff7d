import { assessCertificatesInput, type CertificateReport } from '../../contracts/certificate-check';
import { EVENT } from '../../contracts/events';
import { cloudWatch, eventBridge } from '../../aws/clients';
import { environment, logger, parsePayload } from '../../runtime/lambda';
import { publishCertificateMetrics, putEvents } from '../../aws/publish';
import { assessCertificates } from './assess-certificates';

/** Judges the certificates that the nodes reported; puts one event for each finding, then the metrics. */
export async function handler(payload: unknown): Promise<CertificateReport> {
  const now = new Date();
  const input = parsePayload(assessCertificatesInput, payload);
  const { report, findings, metrics } = assessCertificates(input, now);
  logger.info('Certificates assessed', { cluster: report.cluster, findings: findings.length, next: report.next });
  const details = findings.map((finding) => ({ cluster: report.cluster, ...finding }));
  await putEvents(eventBridge(), environment('BUS_NAME'), EVENT.certificateFinding, details);
  await publishCertificateMetrics(cloudWatch(), metrics, now);
  return report;
}
