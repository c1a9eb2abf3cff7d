import type { MistaggedNode } from '../../contracts/node';
import { isReadOnly } from '../../contracts/operation';
import { findNodesInput, type FoundNodes } from '../../contracts/find-nodes';
import { dynamoDb, ec2, ssm } from '../../aws/clients';
import { environment, logger, parsePayload } from '../../runtime/lambda';
import { chosenOptions, parseOperationInput } from '../../domain/operations';
import { readFreeze } from '../../aws/freezes';
import { findInstances, findRegistrations, readSettings, unknownCluster } from '../../aws/instances';
import { listNames } from '../../domain/text/plain-text';
import { UserError } from '../../runtime/user-error';
import { chooseNodes, isLookedUp } from './choose-nodes';
import { findFreezes, whyFrozen } from '../../domain/freezes';
import { classifyNodes } from '../../domain/nodes/cluster-nodes';
import { parseClusterConfig } from '../../domain/parse-cluster-config';

/** As many as a report names. */
const MOST_MISTAGGED = 50;

/** First state of every operation: checks its input, reads the cluster's settings and finds its nodes. Changes nothing. */
export async function handler(payload: unknown): Promise<FoundNodes> {
  const { operation, input: raw } = parsePayload(findNodesInput, payload);
  const input = parseOperationInput(operation, raw);
  const { cluster } = input;
  const config = parseClusterConfig(cluster, await readSettings(ssm(), cluster));

  const instances = await findInstances(ec2(), cluster);
  if (instances.length === 0) throw await unknownCluster(ec2(), cluster);
  const { nodes: all, mistagged } = classifyNodes(cluster, instances);
  if (!isReadOnly(operation)) refuseMistagged(mistagged);
  const registrations = await findRegistrations(
    ssm(),
    all.filter((node) => isLookedUp(operation, node)).map(({ instanceId }) => instanceId),
  );
  const choice = chooseNodes(operation, cluster, all, instances, registrations);

  const record = await readFreeze(dynamoDb(), environment('LOCK_TABLE'), cluster);
  const frozen = whyFrozen(findFreezes(config.frozen, instances, record));
  logger.info('Nodes found', { cluster, reachable: choice.reachable.length, unreachable: choice.unreachable.length });
  return {
    cluster,
    config: frozen === undefined ? config : { ...config, frozen },
    options: chosenOptions(operation, input, config),
    ...choice,
    ...(mistagged.length > 0 && { mistagged: mistagged.slice(0, MOST_MISTAGGED) }),
    ...(frozen === undefined ? {} : { frozen }),
  } as FoundNodes;
}

/** @throws UserError InvalidClusterConfig: one of them may be a control plane, without which nothing is safe */
function refuseMistagged(mistagged: MistaggedNode[]): void {
  const [first, ...others] = mistagged;
  if (!first) return;
  const rest = others.length > 0 ? ` So do ${listNames(others.map(({ name }) => name))}.` : '';
  throw new UserError('InvalidClusterConfig', `${first.problem}${rest}`);
}
