import {
  CompleteLifecycleActionCommand,
  RecordLifecycleActionHeartbeatCommand,
  type AutoScalingClient,
} from '@aws-sdk/client-auto-scaling';
import type { Hook } from '../domain/lifecycle/read-event';

const nameOf = ({ group, name, token }: Hook) => ({
  ...{ AutoScalingGroupName: group, LifecycleHookName: name, LifecycleActionToken: token },
});

/**
 * Lets the instance stay where it is for the hook's time once more.
 * @returns false when the hook waits no more
 */
export const beat = (client: AutoScalingClient, hook: Hook): Promise<boolean> =>
  ifItWaits(() => client.send(new RecordLifecycleActionHeartbeatCommand(nameOf(hook))));

/** @returns false when the hook waited no more: its time was over, or it has been completed already */
export const complete = (client: AutoScalingClient, hook: Hook, result: 'CONTINUE' | 'ABANDON'): Promise<boolean> =>
  ifItWaits(() => client.send(new CompleteLifecycleActionCommand({ ...nameOf(hook), LifecycleActionResult: result })));

/** "No active Lifecycle Action found with token …": there is no error of its own for it. */
async function ifItWaits(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ValidationError') return false;
    throw error;
  }
}
