import type { Finding } from '../../contracts/certificate-check';
import type { ClusterConfig } from '../../contracts/cluster-config';
import { DAY } from '../../domain/text/time-left';

/** By the cluster's own settings, whatever a check was asked to report. */
export function isDue({ kind, secondsLeft }: Finding, { certificates }: ClusterConfig): boolean {
  return kind !== 'expiring' || secondsLeft === undefined || secondsLeft < certificates.thresholdDays * DAY;
}
