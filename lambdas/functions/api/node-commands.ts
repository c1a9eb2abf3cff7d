import {
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  type CommandInvocation,
} from '@aws-sdk/client-ssm';
import type { NodeCommand } from '../../contracts/api/clusters';
import type { ApiAnswer, ApiRequest } from '../../contracts/api/routes';
import { CLUSTER_TAG } from '../../contracts/cluster-config';
import { ec2, ssm } from '../../aws/clients';
import { findInstances } from '../../aws/instances';
import { didYouMean } from '../../domain/text/nearest';
import { listNames, redact } from '../../domain/text/plain-text';
import { ApiFailure, notFound } from './api-failure';
import type { Instance } from '../../domain/nodes/cluster-nodes';

const OUR_DOCUMENTS = 'kubeadm-autopilot-';
/** Where every script keeps its last 20 logs: docs/node-steps.md. */
const LOG_FOLDER = '/var/lib/kubeadm-autopilot/logs';

export async function describeNodeCommands({
  parameters: { node },
  query: { cluster, limit },
}: ApiRequest<'describeNodeCommands'>): Promise<ApiAnswer<'describeNodeCommands'>> {
  const instance = chooseNode(node, await findInstances(ec2(), cluster));
  const { CommandInvocations = [] } = await ssm().send(
    new ListCommandInvocationsCommand({ InstanceId: instance.instanceId, Details: true, MaxResults: 50 }),
  );
  const latest = CommandInvocations.filter(({ DocumentName = '' }) => DocumentName.startsWith(OUR_DOCUMENTS))
    .sort((a, b) => Number(b.RequestedDateTime) - Number(a.RequestedDateTime))
    .slice(0, limit);
  const commands = await Promise.all(latest.map(describe));
  return {
    cluster: instance.tags[CLUSTER_TAG] ?? '',
    instanceId: instance.instanceId,
    node: nameOf(instance),
    commands,
    logFolder: LOG_FOLDER,
  };
}

async function describe({
  CommandId = '',
  InstanceId = '',
  DocumentName = '',
  RequestedDateTime,
  StatusDetails = '',
  CommandPlugins = [],
}: CommandInvocation): Promise<NodeCommand> {
  const [plugin] = CommandPlugins;
  const code = plugin?.ResponseCode ?? -1;
  // Scripts answer on stdout and log on stderr, and the list has 2,500 characters of both together.
  const { StandardErrorContent = '' } = await ssm().send(new GetCommandInvocationCommand({ CommandId, InstanceId }));
  return {
    commandId: CommandId,
    step: DocumentName.slice(OUR_DOCUMENTS.length),
    requestedAt: (RequestedDateTime ?? new Date(0)).toISOString(),
    status: StatusDetails,
    ...(code >= 0 && { exitCode: code }),
    output: redact(plugin?.Output ?? ''),
    log: redact(StandardErrorContent),
  };
}

const nameOf = ({ instanceId, tags }: Instance) => tags.Name ?? instanceId;

function chooseNode(node: string, instances: Instance[]): Instance {
  const found = instances.filter(({ instanceId, tags }) => instanceId === node || tags.Name === node);
  if (found.length === 1) return found[0]!;
  if (found.length === 0)
    throw notFound(
      `No node of a cluster is called ${node}.${didYouMean(node, instances.map(nameOf))}`,
      'Name it by its instance id or its tag Name.',
    );
  const places = found.map(({ instanceId, tags }) => `${instanceId} (${tags[CLUSTER_TAG]})`);
  throw new ApiFailure(
    409,
    'Ambiguous',
    `${found.length} nodes are called ${node}: ${listNames(places)}.`,
    'Name it by its instance id.',
  );
}
