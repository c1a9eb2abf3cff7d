import { z } from 'zod';
import { AwsError, type AwsOutput } from '../../aws/aws-call';
import { checked } from '../../aws/checked-action';
import type { AgentNode } from './agent-node';

/** More members come; what they say is not shown anywhere. */
const updateInstanceInformation = z.object({
  InstanceId: z.string(),
  /** Absent in the first call, by which the agent finds out whether anybody answers. */
  AgentVersion: z.string().optional(),
});

/** Calls that only the agent makes, in SSM's JSON protocol: they are in no SDK. */
export const AGENT_CALLS: Record<string, (input: unknown, nodeOf: (instanceId: string) => AgentNode) => AwsOutput> = {
  UpdateInstanceInformation(input, nodeOf) {
    const { InstanceId, AgentVersion } = checked('UpdateInstanceInformation', updateInstanceInformation, input);
    const node = nodeOf(InstanceId);
    if (AgentVersion !== undefined) node.agentVersion = AgentVersion;
    return {};
  },
  /** There is no State Manager here. */
  ListInstanceAssociations: () => ({ Associations: [] }),
};

/** @throws AwsError for anything else. */
export function agentCall(action: string, input: unknown, nodeOf: (instanceId: string) => AgentNode): AwsOutput {
  const call = Object.hasOwn(AGENT_CALLS, action) ? AGENT_CALLS[action] : undefined;
  if (call) return call(input, nodeOf);
  throw new AwsError('UnknownOperationException', `The local SSM does not answer ${action} of an agent.`);
}
