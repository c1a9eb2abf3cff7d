import { certificateReport, type CertificateReport } from '../../contracts/certificate-check';
import type { ApiAnswer, ApiRequest } from '../../contracts/api/routes';
import { dynamoDb, ec2, ssm } from '../../aws/clients';
import { readFreeze } from '../../aws/freezes';
import { findInstances, findRegistrations, readAllSettings } from '../../aws/instances';
import { readLock, readLockTable } from '../../aws/lock-table';
import { findFreezes } from '../../domain/freezes';
import { classifyNodes } from '../../domain/nodes/cluster-nodes';
import { executionOf, operationIdOf } from '../../domain/operation-ids';
import { environment, stateMachines } from '../../runtime/lambda';
import { notFound } from './api-failure';
import { withApproval } from './approvals';
import { describeNodes, summariseClusters } from './describe-clusters';
import { examine } from './examine';
import { findApiServerTargets } from './find-api-server-targets';
import { findAutoScalingGroups } from './find-auto-scaling-groups';
import { findOperations } from './find-operations';
import { summarise } from './operation-summary';
import { readCluster } from './read-cluster';

export async function listClusters(): Promise<ApiAnswer<'listClusters'>> {
  const [instances, settings, locks] = await Promise.all([
    findInstances(ec2()),
    readAllSettings(ssm()),
    readLockTable(dynamoDb(), environment('LOCK_TABLE')),
  ]);
  return { clusters: summariseClusters(instances, settings, locks, lockId) };
}

export async function describeCluster({
  parameters: { cluster },
}: ApiRequest<'describeCluster'>): Promise<ApiAnswer<'describeCluster'>> {
  const table = environment('LOCK_TABLE');
  const { config, configured, instances } = await readCluster(cluster);
  const [registrations, lock, record, running, last, check] = await Promise.all([
    findRegistrations(ssm(), idsOf(instances)),
    readLock(dynamoDb(), table, cluster),
    readFreeze(dynamoDb(), table, cluster),
    findOperations({ cluster, status: 'RUNNING', limit: 10 }),
    findOperations({ cluster, limit: 10 }),
    lastCheck(cluster),
  ]);
  return {
    cluster,
    configured,
    timeZone: config.certificates.timeZone,
    ...(configured && { schedule: config.certificates.schedule }),
    nodes: describeNodes(classifyNodes(cluster, instances).nodes, instances, registrations),
    ...(check?.versions && { versions: { ...check.versions, asOf: check.checkedAt } }),
    ...(lock && { lock: { id: lockId(lock.holder), operation: lock.operation, since: lock.since } }),
    freezes: findFreezes(config.frozen, instances, record),
    running: await Promise.all(running.found.map((one) => withApproval(one, summarise(one)))),
    lastOperations: last.found.map(summarise),
  };
}

export async function describeCertificates({
  parameters: { cluster },
}: ApiRequest<'describeCertificates'>): Promise<ApiAnswer<'describeCertificates'>> {
  await readCluster(cluster);
  const report = await lastCheck(cluster);
  if (report) return report;
  throw notFound(`No check of the certificates of ${cluster} has succeeded yet.`, 'Start check-certificates for it.');
}

/** The report of the last check that succeeded; others only asked for the plan. */
async function lastCheck(cluster: string): Promise<CertificateReport | undefined> {
  const { found } = await findOperations({ cluster, operation: 'check-certificates', status: 'SUCCEEDED', limit: 10 });
  return found.map(({ output }) => certificateReport.safeParse(output).data).find((report) => report !== undefined);
}

export async function examineCluster({
  parameters: { cluster },
}: ApiRequest<'examineCluster'>): Promise<ApiAnswer<'examineCluster'>> {
  const { config, configured, instances } = await readCluster(cluster);
  const [registrations, record, targets, check, autoScalingGroups] = await Promise.all([
    findRegistrations(ssm(), idsOf(instances)),
    readFreeze(dynamoDb(), environment('LOCK_TABLE'), cluster),
    findApiServerTargets(instances, config.loadBalancer.apiServerPort),
    lastCheck(cluster),
    findAutoScalingGroups(instances),
  ]);
  return examine({
    ...{ cluster, configured, instances, registrations, targets, autoScalingGroups },
    timeZone: config.certificates.timeZone,
    freezes: findFreezes(config.frozen, instances, record),
    check,
  });
}

const idsOf = (instances: { instanceId: string }[]) => instances.map(({ instanceId }) => instanceId);

/** What identifies the operation that holds a lock; its ARN where that is no operation's. */
function lockId(holder: string): string {
  const of = executionOf(holder, stateMachines());
  return of ? operationIdOf(of) : holder;
}
