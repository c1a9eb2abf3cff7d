import { Stack } from 'aws-cdk-lib';
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../../lambdas/contracts/cluster-config';
import { clusterParameterName } from '../../lambdas/contracts/cluster-config';

/** What clusters/*.yaml and KubeadmCluster say, where the Lambdas read it: one Parameter Store value for each cluster. */
export class ClusterSettings extends Construct {
  constructor(scope: Construct, id: string, clusters: ClusterConfig[]) {
    super(scope, id);
    for (const config of clusters) {
      new StringParameter(this, config.cluster, {
        parameterName: clusterParameterName(config.cluster),
        description: `Settings of the cluster ${config.cluster}, from clusters/${config.cluster}.yaml`,
        // The settings of a KubeadmCluster have references in them.
        stringValue: Stack.of(this).toJsonString(config),
        // Becomes an advanced parameter, which costs money, only when it is longer than 4 KB.
        tier: ParameterTier.INTELLIGENT_TIERING,
      });
    }
  }
}
