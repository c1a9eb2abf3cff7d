import { DescribeTagsCommand } from '@aws-sdk/client-ec2';
import { dynamoDb, ec2, stepFunctions } from '../../aws/clients';
import { describeExecution } from '../../aws/executions';
import { holdLock } from '../../aws/lock-table';
import { CLUSTER_TAG } from '../../contracts/cluster-config';
import type { NamedInstance } from '../../contracts/node';
import type { OperationLock } from '../../contracts/run-on-nodes';
import { clusterOfInput, fromJson, operationOfExecution } from '../../domain/operations';
import { environment } from '../../runtime/lambda';
import { UserError } from '../../runtime/user-error';

/**
 * Holds the lock for the operation, right before nodes are changed: an execution that was redriven may have lost it.
 * @throws UserError ClusterLocked, InvalidInput
 */
export async function demandLock(lock: OperationLock, nodes: NamedInstance[]): Promise<void> {
  const { cluster, holder, since } = lock;
  const names = nodes.map(({ name }) => name).join(', ');
  // Whoever may start RunOnNodes could name one that has ended, or that is at work on another cluster.
  if (!(await isAtWork(lock)))
    throw new UserError(
      'ClusterLocked',
      `Nothing was sent to ${names}, because ${holder} is not at work on ${cluster} now, and only a running operation may change nodes: start the operation again.`,
    );
  const strangers = await findStrangers(cluster, nodes);
  if (strangers.length > 0)
    throw new UserError(
      'InvalidInput',
      `Nothing was sent to ${names}, because the lock of ${cluster} is for its own nodes, and ${strangers.join(', ')} does not carry the tag ${CLUSTER_TAG}=${cluster}: correct the tag and start the operation again.`,
    );
  const operation = operationOfExecution(holder);
  if (!(await holdLock(dynamoDb(), environment('LOCK_TABLE'), { cluster, holder, operation, since })))
    throw new UserError(
      'ClusterLocked',
      `Cluster ${cluster} is locked by another operation, so nothing was sent to ${names}: start again when it has ended.`,
    );
}

async function isAtWork({ cluster, holder }: OperationLock): Promise<boolean> {
  const execution = await describeExecution(stepFunctions(), holder);
  return execution?.status === 'RUNNING' && clusterOfInput(fromJson(execution.input)) === cluster;
}

/** Ids of the instances that do not carry the cluster's tag. (DescribeInstances of fifty would answer with far more.) */
async function findStrangers(cluster: string, nodes: NamedInstance[]): Promise<string[]> {
  const ids = nodes.map(({ instanceId }) => instanceId);
  const { Tags: tags = [] } = await ec2().send(
    new DescribeTagsCommand({
      Filters: [
        { Name: 'key', Values: [CLUSTER_TAG] },
        { Name: 'resource-id', Values: ids },
      ],
    }),
  );
  const own = new Set(tags.filter(({ Value }) => Value === cluster).map(({ ResourceId }) => ResourceId));
  return ids.filter((id) => !own.has(id));
}
