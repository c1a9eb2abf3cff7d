import { CLUSTER_TAG } from '../../contracts/cluster-config';
import type { MistaggedNode } from '../../contracts/node';
import { isReadOnly } from '../../contracts/operation';
import { findNodesInput, type FoundNodes } from '../../contracts/find-nodes';
import { ec2, ssm } from '../../aws/clients';
import { logger, parsePayload } from '../../runtime/lambda';
import { chosenOptions, parseOperationInput } from '../../domain/operations';
import { listNames } from '../../domain/text/plain-text';
import { UserError } from '../../runtime/user-error';
import { findInstances, findRegistrations, readSettings } from '../../aws/instances';
import { chooseNodes, isLookedUp } from './choose-nodes';
import { classifyNodes, findFrozen } from '../../domain/nodes/cluster-nodes';
import { parseClusterConfig } from './parse-cluster-config';

/** As many as a report names. */
const MOST_MISTAGGED = 50;

/** First state of every operation: checks its input, reads the cluster's settings and finds its nodes. Changes nothing. */
export async function handler(payload: unknown): Promise<FoundNodes> {
  const { operation, input: raw } = parsePayload(findNodesInput, payload);
  const input = parseOperationInput(operation, raw);
  const { cluster } = input;
  const config = parseClusterConfig(cluster, await readSettings(ssm(), cluster));

  const instances = await findInstances(ec2(), cluster);
  if (instances.length === 0) throw await unknownCluster(cluster);
  const { nodes: all, mistagged } = classifyNodes(cluster, instances);
  if (!isReadOnly(operation)) refuseMistagged(mistagged);
  const registrations = await findRegistrations(
    ssm(),
    all.filter((node) => isLookedUp(operation, node)).map(({ instanceId }) => instanceId),
  );
  const choice = chooseNodes(operation, cluster, all, instances, registrations);

  const frozen = findFrozen(config.frozen, instances);
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

async function unknownCluster(cluster: string): Promise<UserError> {
  const names = [...new Set((await findInstances(ec2())).map(({ tags }) => tags[CLUSTER_TAG] ?? ''))]
    .filter(Boolean)
    .sort();
  const known = names.length > 0 ? `there are ${listNames(names, 20)}` : 'no instance has that tag at all';
  return new UserError(
    'UnknownCluster',
    `No instance has the tag ${CLUSTER_TAG}=${cluster}, ${known}: check the name, or tag the cluster's instances.`,
  );
}
