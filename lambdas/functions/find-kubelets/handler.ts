import { findKubeletsInput, type FoundKubelets } from '../../contracts/find-kubelets';
import { findInstances, findRegistrations } from '../../aws/instances';
import { classifyNodes } from '../../domain/nodes/classify-nodes';
import { ec2, ssm } from '../../aws/clients';
import { logger } from '../../runtime/logger';
import { parsePayload } from '../../runtime/parse-payload';
import { groupWorkers } from './group-workers';

/** Finds the workers of a cluster, in groups for Run Command. Only a repair asks them; find-nodes leaves them out. */
export async function handler(payload: unknown): Promise<FoundKubelets> {
  const { cluster } = parsePayload(findKubeletsInput, payload);
  const instances = await findInstances(ec2(), cluster);
  const workers = classifyNodes(cluster, instances).filter(({ role }) => role === 'worker');
  const registrations = await findRegistrations(
    ssm(),
    workers.map(({ instanceId }) => instanceId),
  );
  const found = groupWorkers(workers, instances, registrations);
  logger.info('Workers found', { cluster, groups: found.groups.length, unreachable: found.unreachable.length });
  return found;
}
