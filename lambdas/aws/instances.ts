import { paginateDescribeInstances, type EC2Client, type Instance as DescribedInstance } from '@aws-sdk/client-ec2';
import {
  GetParameterCommand,
  paginateDescribeInstanceInformation,
  paginateGetParametersByPath,
  ParameterNotFound,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { CLUSTER_TAG, clusterParameterName } from '../contracts/cluster-config';
import type { Instance, Registration } from '../domain/nodes/cluster-nodes';
import { didYouMean } from '../domain/text/nearest';
import { listNames } from '../domain/text/plain-text';
import { UserError } from '../runtime/user-error';

/** A page of DescribeInstanceInformation, and so of the ids asked for. */
const PAGE = 50;
const GONE = new Set(['shutting-down', 'terminated']);

/** Text of the cluster's settings in Parameter Store; undefined when it has none. */
export async function readSettings(client: SSMClient, cluster: string): Promise<string | undefined> {
  try {
    const { Parameter: parameter } = await client.send(
      new GetParameterCommand({ Name: clusterParameterName(cluster) }),
    );
    return parameter?.Value;
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}

/** Text of the settings of every cluster that has some, by the cluster's name. */
export async function readAllSettings(client: SSMClient): Promise<Map<string, string>> {
  const folder = clusterParameterName('');
  const settings = new Map<string, string>();
  for await (const page of paginateGetParametersByPath({ client }, { Path: folder.slice(0, -1) })) {
    for (const { Name = '', Value = '' } of page.Parameters ?? []) settings.set(Name.slice(folder.length), Value);
  }
  return settings;
}

/** Instances that carry the tag with this value, or with any value when none is given. Those that are gone are left out. */
export async function findInstances(client: EC2Client, cluster?: string): Promise<Instance[]> {
  const filter =
    cluster === undefined
      ? { Name: 'tag-key', Values: [CLUSTER_TAG] }
      : { Name: `tag:${CLUSTER_TAG}`, Values: [cluster] };
  const instances: Instance[] = [];
  for await (const page of paginateDescribeInstances({ client }, { Filters: [filter] })) {
    for (const instance of page.Reservations?.flatMap((reservation) => reservation.Instances ?? []) ?? []) {
      const state = instance.State?.Name ?? 'unknown';
      if (!instance.InstanceId || GONE.has(state)) continue;
      instances.push(described(instance, state));
    }
  }
  return instances;
}

/** Also of one that is gone, for as long as EC2 knows it. Undefined where EC2 knows no such instance. */
export async function findInstance(client: EC2Client, instanceId: string): Promise<Instance | undefined> {
  const byId = { Name: 'instance-id', Values: [instanceId] };
  for await (const page of paginateDescribeInstances({ client }, { Filters: [byId] })) {
    const [instance] = page.Reservations?.flatMap((reservation) => reservation.Instances ?? []) ?? [];
    if (instance) return described(instance, instance.State?.Name ?? 'unknown');
  }
  return undefined;
}

function described(instance: DescribedInstance, state: string): Instance {
  return {
    instanceId: instance.InstanceId ?? '',
    state,
    privateIp: instance.PrivateIpAddress,
    privateDnsName: instance.PrivateDnsName,
    instanceProfile: instance.IamInstanceProfile?.Arn,
    metadata: instance.MetadataOptions?.HttpEndpoint,
    metadataHopLimit: instance.MetadataOptions?.HttpPutResponseHopLimit,
    tags: Object.fromEntries((instance.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
  };
}

export async function findRegistrations(client: SSMClient, instanceIds: string[]): Promise<Registration[]> {
  const registrations: Registration[] = [];
  for (let start = 0; start < instanceIds.length; start += PAGE) {
    const filter = { Key: 'InstanceIds', Values: instanceIds.slice(start, start + PAGE) };
    for await (const page of paginateDescribeInstanceInformation({ client, pageSize: PAGE }, { Filters: [filter] })) {
      for (const info of page.InstanceInformationList ?? []) {
        registrations.push({
          instanceId: info.InstanceId ?? '',
          ping: info.PingStatus ?? 'unknown',
          lastPing: info.LastPingDateTime?.toISOString(),
          agentVersion: info.AgentVersion ?? '',
          platform: info.PlatformType,
        });
      }
    }
  }
  return registrations;
}

/** What to tell of a cluster that no instance belongs to, with the names that there are. */
export async function unknownCluster(client: EC2Client, cluster: string): Promise<UserError> {
  const names = [...new Set((await findInstances(client)).map(({ tags }) => tags[CLUSTER_TAG] ?? ''))]
    .filter(Boolean)
    .sort();
  const known = names.length > 0 ? `there are ${listNames(names, 20)}` : 'no instance has that tag at all';
  return new UserError(
    'UnknownCluster',
    `No instance has the tag ${CLUSTER_TAG}=${cluster}, ${known}: check the name, or tag the cluster's instances.${didYouMean(cluster, names)}`,
  );
}
