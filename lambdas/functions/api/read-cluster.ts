import type { ClusterConfig } from '../../contracts/cluster-config';
import { ec2, ssm } from '../../aws/clients';
import { findInstances, readSettings, unknownCluster } from '../../aws/instances';
import type { Instance } from '../../domain/nodes/cluster-nodes';
import { parseClusterConfig } from '../../domain/parse-cluster-config';

export interface Cluster {
  config: ClusterConfig;
  /** It has a file clusters/<name>.yaml. */
  configured: boolean;
  instances: Instance[];
}

/**
 * A cluster is what has tagged instances or a settings file.
 * @throws UserError UnknownCluster, InvalidClusterConfig
 */
export async function readCluster(cluster: string): Promise<Cluster> {
  const [text, instances] = await Promise.all([readSettings(ssm(), cluster), findInstances(ec2(), cluster)]);
  if (text === undefined && instances.length === 0) throw await unknownCluster(ec2(), cluster);
  return { config: parseClusterConfig(cluster, text), configured: text !== undefined, instances };
}
