import type { ReportWrittenDetail } from '../../contracts/events';
import { count } from '../text/plain-text';
import { code, entities } from './mrkdwn';

/** What an operation cost and where its report is, for its thread. */
export function reportMessage({ id, execution, bucket, key, cost }: ReportWrittenDetail): string {
  const { dollars, stateTransitions, complete } = cost;
  const amount = `${complete ? '' : 'at least '}$${dollars.toFixed(4)}`;
  const page = consolePage(execution.split(':')[3]!, bucket, `${key}.html`);
  return [
    `Cost: ${amount} at AWS list prices (${count(stateTransitions, 'state transition')}).`,
    `Report: <${entities(page)}|open it in the S3 console>, or ${code(`autopilot report ${id} --html FILE`, 200)}.`,
  ].join('\n');
}

/** Whoever opens it signs in and may read the bucket: a presigned URL would be a secret in a channel. */
function consolePage(region: string, bucket: string, key: string): string {
  const query = `region=${encodeURIComponent(region)}&prefix=${encodeURIComponent(key)}`;
  return `https://${region}.console.aws.amazon.com/s3/object/${encodeURIComponent(bucket)}?${query}`;
}
