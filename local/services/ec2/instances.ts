import { createHash } from 'node:crypto';
import type { AwsOutput } from '../../aws/aws-call';
import { ACCOUNT, AwsError, REGION } from '../../aws/aws-call';
import { NODE_ROLE } from '../../instance-metadata/instance-role';
import { matchesWildcard } from '../../iam/wildcards';
import type { Node } from '../../nodes/node';

export type StateName = 'pending' | 'running' | 'stopping' | 'stopped';
export const STATE_CODES: Record<StateName, number> = { pending: 0, running: 16, stopping: 64, stopped: 80 };

/** A node as EC2 sees it. */
export interface Instance {
  node: Node;
  state: StateName;
  /** With Name. */
  tags: Record<string, string>;
}

/** The one network that all nodes are in. */
export const VPC = 'vpc-00000000000000000';

export const instanceArn = (instanceId: string) => `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${instanceId}`;

export function describeInstance({ node, state, tags }: Instance, launched: Date): AwsOutput {
  return {
    InstanceId: node.instanceId,
    ImageId: 'ami-00000000000000000',
    InstanceType: 't3.medium',
    Architecture: 'x86_64',
    PrivateIpAddress: node.privateIp,
    PrivateDnsName: `ip-${node.privateIp.replaceAll('.', '-')}.${REGION}.compute.internal`,
    PublicDnsName: '',
    VpcId: VPC,
    LaunchTime: launched,
    Placement: { AvailabilityZone: `${REGION}a`, Tenancy: 'default' },
    IamInstanceProfile: {
      Arn: `arn:aws:iam::${ACCOUNT}:instance-profile/${NODE_ROLE}`,
      Id: 'AIPA0000000000000000',
    },
    MetadataOptions: { State: 'applied', HttpEndpoint: 'enabled', HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
    State: { Name: state, Code: STATE_CODES[state] },
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  };
}

export const reservationId = (instanceId: string) =>
  `r-${createHash('sha256').update(instanceId).digest('hex').slice(0, 17)}`;

type Filter = { Name?: string; Values?: string[] };

/** Values of the filters that DescribeInstances has here; several values of one filter are alternatives, several filters all apply. */
const FILTERS: Record<string, (instance: Instance) => string[]> = {
  'instance-state-name': ({ state }) => [state],
  'instance-id': ({ node }) => [node.instanceId],
  'private-ip-address': ({ node }) => [node.privateIp],
  'tag-key': ({ tags }) => Object.keys(tags),
};

/** @throws AwsError for a filter that the local AWS does not know. */
export function applyFilters(instances: Instance[], filters: Filter[]): Instance[] {
  return filters.reduce((left, filter) => left.filter(matcher(filter)), instances);
}

function matcher({ Name: name = '', Values: patterns = [] }: Filter): (instance: Instance) => boolean {
  const tagKey = /^tag:(.+)$/s.exec(name)?.[1];
  const valuesOf = tagKey
    ? ({ tags }: Instance) => (Object.hasOwn(tags, tagKey) ? [tags[tagKey]!] : [])
    : FILTERS[name];
  if (!valuesOf) {
    throw new AwsError(
      'InvalidParameterValue',
      `The filter '${name}' is invalid: the local AWS knows tag:<key>, ${Object.keys(FILTERS).join(', ')}.`,
    );
  }
  return (instance) => valuesOf(instance).some((value) => patterns.some((pattern) => matchesWildcard(pattern, value)));
}

/** A tag of an instance as DescribeTags tells it, and the filter for each of its members. */
const TAG_FILTERS = {
  key: 'Key',
  'resource-id': 'ResourceId',
  'resource-type': 'ResourceType',
  value: 'Value',
} as const;

/** @throws AwsError for a filter that the local AWS does not know. */
export function applyTagFilters(instances: Instance[], filters: Filter[]): AwsOutput[] {
  const all = instances.flatMap(({ node, tags }) =>
    Object.entries(tags).map(([Key, Value]) => ({ Key, ResourceId: node.instanceId, ResourceType: 'instance', Value })),
  );
  return filters.reduce((left, { Name: name = '', Values: patterns = [] }) => {
    if (!Object.hasOwn(TAG_FILTERS, name)) {
      throw new AwsError(
        'InvalidParameterValue',
        `The filter '${name}' is invalid: the local AWS knows ${Object.keys(TAG_FILTERS).join(', ')}.`,
      );
    }
    const member = TAG_FILTERS[name as keyof typeof TAG_FILTERS];
    return left.filter((tag) => patterns.some((pattern) => matchesWildcard(pattern, tag[member])));
  }, all);
}
