import {
  leaveLoadBalancerInput,
  type LeaveLoadBalancerInput,
  type LoadBalancerRecord,
  type LoadBalancerTurn,
  type Target,
} from '../../contracts/load-balancer';
import { dynamoDb, loadBalancing, stepFunctions } from '../../aws/clients';
import { executionStatus, isRunning } from '../../aws/executions';
import { environment, logger, parsePayload } from '../../runtime/lambda';
import { deleteRecord, readRecord, writeRecord, holdLock, releaseLock } from '../../aws/lock-table';
import { secondsBetween, decideLeaving, type ObservedTarget } from '../../domain/load-balancer-turns';
import { putBack } from '../../after-failure/put-back';
import { deregisterTarget, describeTargets } from '../../aws/target-groups';
import { tellFailure } from '../../after-failure/tell-failure';
import { UserError } from '../../runtime/user-error';
import { findTargets } from '../../aws/find-targets';

/**
 * Takes a control plane out of its load balancers before its turn, and tells when it has left: asked again and again. What it takes
 * out is written down before, so that whoever ends this execution can put it back.
 */
export async function handler(payload: unknown): Promise<LoadBalancerTurn> {
  const input = parsePayload(leaveLoadBalancerInput, payload);
  const { cluster, execution, node, config, at } = input;
  const { leave, apiServerPort, settleSeconds } = config.loadBalancer;
  const table = environment('LOCK_TABLE');

  const found = await readRecord(dynamoDb(), table, cluster);
  const own = found?.holder === execution && found.node.instanceId === node.instanceId ? found : undefined;
  const told = found && !own ? await putBackOfAnother(input, found) : [];
  if (!leave) return stays(`${node.name} was left in its load balancers, as the cluster's settings say`);

  const observed = own ? await observe(own.targets) : await findTargets(node.instanceId, apiServerPort);
  const outFor = own ? secondsBetween(own.since, at) : 0;
  const { deregister, turn } = decideLeaving(node.name, observed, outFor, { apiServerPort, settleSeconds });
  if (deregister.length > 0) await takeOut(input, turn.left, deregister);
  else if (own && turn.left.length === 0) await deleteRecord(dynamoDb(), table, cluster, execution);
  logger.info('Asked to leave the load balancer', { cluster, node: node.name, next: turn.next, said: turn.said });
  return { ...turn, said: [...told, turn.said].join(' ') };
}

const stays = (said: string): LoadBalancerTurn => ({ left: [], next: 'go', waitSeconds: 0, said });

async function observe(targets: Target[]): Promise<ObservedTarget[]> {
  return Promise.all(
    targets.map(async (target) => {
      const all = await describeTargets(loadBalancing(), target.targetGroupArn);
      return { target, ...(all && { targets: all }), isOut: true };
    }),
  );
}

/** What an execution left behind that could not put it back. A machine that is gone for good is told of, and holds nobody up. */
async function putBackOfAnother(input: LeaveLoadBalancerInput, record: LoadBalancerRecord): Promise<string[]> {
  await requireLock(input);
  const table = environment('LOCK_TABLE');
  const failures = await putBack(table, record);
  const other = failures.find(({ error }) => error.name !== 'InvalidTargetException');
  if (other) throw other.error;
  if (failures.length > 0) await deleteRecord(dynamoDb(), table, record.cluster, record.holder);
  return failures.map(({ said }) => said);
}

async function takeOut(input: LeaveLoadBalancerInput, left: Target[], deregister: Target[]): Promise<void> {
  const { cluster, execution, operation, node, at } = input;
  const table = environment('LOCK_TABLE');
  await requireLock(input);
  const record = { cluster, holder: execution, node, since: at, targets: left };
  if (!(await writeRecord(dynamoDb(), table, record))) throw lockedByAnother(input);
  for (const target of deregister) await deregisterTarget(loadBalancing(), target);
  // Stopped while this was under way: on-operation-ended may have looked before there was anything to put back.
  if (isRunning(await executionStatus(stepFunctions(), execution))) return;
  const notPutBack = await putBack(table, record);
  await releaseLock(dynamoDb(), table, cluster, execution);
  const outcome = notPutBack.length === 0 ? `${node.name} was put back.` : notPutBack.map(({ said }) => said).join(' ');
  const cause = `${operation} of ${cluster} had ended when ${node.name} left its load balancer: ${outcome}`;
  // Nobody hears an error of an execution that is over.
  if (notPutBack.length > 0) await tellFailure({ operation, cluster, execution, error: 'Aborted', cause });
  throw new Error(cause);
}

/** As RunOnNodes before it changes a node: an execution that was redriven may have lost the lock. */
async function requireLock(input: LeaveLoadBalancerInput): Promise<void> {
  const { cluster, execution: holder, operation, since } = input;
  const isHeld = await holdLock(dynamoDb(), environment('LOCK_TABLE'), { cluster, holder, operation, since });
  if (!isHeld) throw lockedByAnother(input);
}

const lockedByAnother = ({ cluster, node }: LeaveLoadBalancerInput): UserError =>
  new UserError(
    'ClusterLocked',
    `Cluster ${cluster} is locked by another operation, so ${node.name} was not taken out of its load balancer: start again when it has ended.`,
  );
