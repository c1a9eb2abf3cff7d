import { z } from 'zod';
import { type AwsAction, AwsError } from '../../aws/aws-call';
import { checkedAction } from '../../aws/checked-action';
import { paginate } from '../../aws/paginate';
import type { Clock } from '../../clock';
import type { Node } from '../../nodes/node';
import { isUp } from '../../nodes/reboot';
import { PLATFORM } from './platform';

const values = z.array(z.string().min(1)).min(1).max(100);
const describeInstanceInformation = z
  .strictObject({
    Filters: z.array(z.strictObject({ Key: z.string(), Values: values })).default([]),
    /** The older form of Filters. */
    InstanceInformationFilterList: z.array(z.strictObject({ key: z.string(), valueSet: values })).default([]),
    MaxResults: z.number().int().min(5, 'expected 5 to 50').max(50, 'expected 5 to 50').default(10),
    NextToken: z.string().optional(),
  })
  .transform(({ InstanceInformationFilterList, ...input }) => ({
    ...input,
    Filters: [
      ...input.Filters,
      ...InstanceInformationFilterList.map(({ key, valueSet }) => ({ Key: key, Values: valueSet })),
    ],
  }));

/** Which nodes' agents answer. A node without an agent is unknown to SSM; one that is off has lost its connection. */
export function instanceInformation(nodes: Node[], clock: Clock): AwsAction {
  const lastPing = new Map<string, Date>();
  const registeredAt = clock.now();
  return checkedAction('DescribeInstanceInformation', describeInstanceInformation, {
    run: ({ Filters, MaxResults, NextToken }) => {
      for (const node of nodes) if (node.isOn) lastPing.set(node.instanceId, clock.now());
      const found = nodes.filter(
        (node) => node.agentVersion && Filters.every(({ Key, Values }) => isOneOf(node, Key, Values)),
      );
      const page = paginate(found, MaxResults, NextToken);
      return {
        InstanceInformationList: page.items.map((node) =>
          describe(node, lastPing.get(node.instanceId) ?? registeredAt, registeredAt),
        ),
        ...(page.NextToken && { NextToken: page.NextToken }),
      };
    },
  });
}

const pingStatus = (node: Node) => (isUp(node) ? 'Online' : 'ConnectionLost');

const FILTERS: Record<string, (node: Node) => string> = {
  InstanceIds: (node) => node.instanceId,
  AgentVersion: (node) => node.agentVersion,
  PingStatus: pingStatus,
  PlatformTypes: () => PLATFORM.type,
  ResourceType: () => 'EC2Instance',
};

function isOneOf(node: Node, key: string, allowed: string[]): boolean {
  const tags: Record<string, string> = { ...node.tags, Name: node.name };
  if (key === 'tag-key') return allowed.some((tag) => tag in tags);
  if (key.startsWith('tag:')) return allowed.includes(tags[key.slice('tag:'.length)] ?? '');
  const value = FILTERS[key];
  if (!value) {
    const known = [...Object.keys(FILTERS), 'tag-key', 'tag:<key>'].join(', ');
    throw new AwsError(
      'InvalidInstanceInformationFilterValue',
      `The local SSM does not filter by ${key}; it knows ${known}.`,
    );
  }
  return allowed.includes(value(node));
}

const describe = (node: Node, lastPing: Date, registeredAt: Date) => ({
  InstanceId: node.instanceId,
  PingStatus: pingStatus(node),
  LastPingDateTime: lastPing,
  AgentVersion: node.agentVersion,
  PlatformType: PLATFORM.type,
  PlatformName: PLATFORM.name,
  PlatformVersion: PLATFORM.version,
  ResourceType: 'EC2Instance',
  IPAddress: node.privateIp,
  ComputerName: node.name,
  RegistrationDate: registeredAt,
});
