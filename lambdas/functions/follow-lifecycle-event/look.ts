import { dynamoDb, ec2, ssm, stepFunctions } from '../../aws/clients';
import { describeFailedExecution, executionStatus, isRunning } from '../../aws/executions';
import { findInstance, findRegistrations, readSettings } from '../../aws/instances';
import { readLock, takeLock } from '../../aws/lock-table';
import { CLUSTER_TAG, clusterName, ROLE_TAG } from '../../contracts/cluster-config';
import type { LifecycleProgress } from '../../contracts/lifecycle';
import { nodeRole } from '../../contracts/node';
import type { LifecycleView } from '../../domain/lifecycle/decide';
import type { LifecycleEvent } from '../../domain/lifecycle/read-event';
import { parseClusterConfig } from '../../domain/parse-cluster-config';
import { environment } from '../../runtime/lambda';

/** Beside the cluster's lock: which event's turn it is. Without it, instances that are launched together would refuse each other. */
export const turnKey = (cluster: string): string => `${cluster}/lifecycle`;

const GONE = ['shutting-down', 'terminated'];

/** All that is decided from: what EC2, SSM and Step Functions say now. */
export async function look(
  event: LifecycleEvent,
  progress: LifecycleProgress,
  execution: string,
): Promise<{ view: LifecycleView; instanceId: string }> {
  const instanceId = event.instanceIds[progress.index] ?? '';
  const account = execution.split(':')[4]!;
  const found = event.account === account && instanceId ? await findInstance(ec2(), instanceId) : undefined;
  const tags = found?.tags ?? {};
  const cluster = clusterName.safeParse(tags[CLUSTER_TAG]).data ?? progress.cluster;
  const role = nodeRole.safeParse(tags[ROLE_TAG]).data ?? progress.role;
  const isThere = found !== undefined && !GONE.includes(found.state);
  const name = isThere ? tags.Name || found.privateDnsName || instanceId : progress.name;
  const config = cluster === undefined ? undefined : parseClusterConfig(cluster, await readSettings(ssm(), cluster));
  const operation = progress.execution && (await describeFailedExecution(stepFunctions(), progress.execution));
  const joins = event.kind === 'launched';
  const isReached = joins && isThere && (await isOnline(instanceId));
  const allowed = config?.lifecycle ?? { join: false, remove: false };
  // Whoever could not begin now leaves the turn to others.
  const couldBegin = joins ? allowed.join && isReached && !progress.hookIsOver : allowed.remove;
  const view: LifecycleView = {
    ...{ event, account },
    progress: { ...progress, ...(name && { name }), ...(cluster && { cluster }), ...(role && { role }) },
    ...(isThere && {
      instance: {
        name: name ?? instanceId,
        state: found.state,
        isOnline: isReached,
      },
    }),
    ...(cluster !== undefined && { cluster }),
    ...(role !== undefined && { role }),
    allowed,
    ...(operation && { operation }),
    isBusy:
      couldBegin && cluster !== undefined && role !== undefined && !progress.execution
        ? await isBusy(cluster, execution)
        : false,
  };
  return { view, instanceId };
}

const isOnline = async (instanceId: string): Promise<boolean> =>
  (await findRegistrations(ssm(), [instanceId])).some(({ ping }) => ping === 'Online');

/** Takes the turn of this event where nobody is at work. */
async function isBusy(cluster: string, execution: string): Promise<boolean> {
  const table = environment('LOCK_TABLE');
  const lock = await readLock(dynamoDb(), table, cluster);
  if (lock && isRunning(await executionStatus(stepFunctions(), lock.holder))) return true;
  const turn = await readLock(dynamoDb(), table, turnKey(cluster));
  if (turn?.holder === execution) return false;
  if (turn && isRunning(await executionStatus(stepFunctions(), turn.holder))) return true;
  const mine = {
    cluster: turnKey(cluster),
    holder: execution,
    operation: 'lifecycle',
    since: new Date().toISOString(),
  };
  return !(await takeLock(dynamoDb(), table, mine, turn?.holder));
}
