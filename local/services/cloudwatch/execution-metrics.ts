import type { BusEvent } from '../../eventbridge/bus-event';
import type { MetricId } from './metric-store';

const BY_STATUS: Record<string, string> = {
  SUCCEEDED: 'ExecutionsSucceeded',
  FAILED: 'ExecutionsFailed',
  TIMED_OUT: 'ExecutionsTimedOut',
  ABORTED: 'ExecutionsAborted',
};

/** The AWS/States metrics of an execution's end, from its status-change event: 1 for how it ended, 0 for the other ways. */
export function executionMetrics(event: BusEvent): { id: MetricId; value: number }[] {
  if (event.source !== 'aws.states' || event['detail-type'] !== 'Step Functions Execution Status Change') return [];
  const { status, stateMachineArn } = event.detail as { status: string; stateMachineArn: string };
  if (!BY_STATUS[status]) return [];
  return Object.entries(BY_STATUS).map(([end, name]) => ({
    id: { namespace: 'AWS/States', name, dimensions: { StateMachineArn: stateMachineArn } },
    value: end === status ? 1 : 0,
  }));
}
