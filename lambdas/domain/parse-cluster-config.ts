import { clusterConfig, clusterParameterName, type ClusterConfig } from '../contracts/cluster-config';
import { describeProblems } from './text/describe-problem';
import { UserError } from '../runtime/user-error';

/**
 * Settings from the text in Parameter Store; defaults where there is none.
 * @throws UserError InvalidClusterConfig
 */
export function parseClusterConfig(cluster: string, text: string | undefined): ClusterConfig {
  if (text === undefined) return clusterConfig.parse({ cluster });
  const where = `The settings of ${cluster} in the parameter ${clusterParameterName(cluster)}`;
  const advice = `correct clusters/${cluster}.yaml and deploy again`;
  const value = fromJson(text);
  if (value === undefined)
    throw new UserError('InvalidClusterConfig', `${where} are not JSON, as cdk deploy writes it: ${advice}.`);
  const parsed = clusterConfig.safeParse(value);
  if (!parsed.success)
    throw new UserError(
      'InvalidClusterConfig',
      `${where} are not valid: ${describeProblems(parsed.error, value)}; ${advice}.`,
    );
  if (parsed.data.cluster !== cluster) {
    throw new UserError(
      'InvalidClusterConfig',
      `${where} are those of cluster ${parsed.data.cluster}, expected ${cluster}: ${advice}.`,
    );
  }
  return parsed.data;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}
