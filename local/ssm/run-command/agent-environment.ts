import { REGION } from '../../aws/aws-call';
import type { Node } from '../../nodes/node';
import type { CommandDocument } from '../documents/document';
import type { ParameterValue } from '../documents/document-parameter';
import { goJson } from '../documents/substitute';
import { PLATFORM } from '../instances/platform';

/** The first agent that knows interpolationType. Older ones ignore it: the variable is unset, and nobody says so. */
const ENV_VAR_SINCE = [3, 3, 2746, 0];

/** What the agent adds to a script's environment, and `own`: what it was started with itself. */
export function agentEnvironment(
  commandId: string,
  node: Node,
  document: CommandDocument,
  values: Record<string, ParameterValue>,
  own: Record<string, string> = {},
): Record<string, string> {
  return {
    ...own,
    ...(knowsEnvVar(node.agentVersion) && envVars(document, values)),
    SSM_COMMAND_ID: commandId,
    AWS_SSM_INSTANCE_ID: node.instanceId,
    AWS_SSM_REGION_NAME: REGION,
    AWS_SSM_PLATFORM_NAME: PLATFORM.name,
    AWS_SSM_PLATFORM_VERSION: PLATFORM.version,
  };
}

function envVars({ parameters }: CommandDocument, values: Record<string, ParameterValue>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters)
      .filter(([, parameter]) => 'interpolationType' in parameter && parameter.interpolationType === 'ENV_VAR')
      .map(([name]) => [`SSM_${name}`, typeof values[name] === 'string' ? values[name] : goJson(values[name]!)]),
  );
}

function knowsEnvVar(agentVersion: string): boolean {
  const parts = agentVersion.split('.').map(Number);
  for (const [index, least] of ENV_VAR_SINCE.entries()) {
    if ((parts[index] ?? 0) !== least) return (parts[index] ?? 0) > least;
  }
  return true;
}
