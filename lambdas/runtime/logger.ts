import { Logger } from '@aws-lambda-powertools/logger';

/** One JSON line for each event of interest; never whole payloads, which may be large and hold what nodes printed. */
export const logger = new Logger({ serviceName: 'kubeadm-autopilot' });
