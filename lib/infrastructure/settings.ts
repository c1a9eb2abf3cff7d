import { stringify } from 'yaml';
import type { ClusterConfig } from '../../lambdas/contracts/cluster-config';
import { checkCluster } from '../clusters/clusters';
import { YamlFile } from '../clusters/yaml-file';
import type { KubeadmClusterProps } from './kubeadm-cluster-props';

/** Stands for what is known only after the deployment, so that the rest can be checked as a file's settings are. */
const KNOWN_LATER = 'known-later.internal:6443';

/** Settings that are no file: a mistake names the property instead of a line. */
class Properties extends YamlFile {
  override at(): string {
    return 'settings';
  }
}

/** The settings as in clusters/NAME.yaml, without endpoint and target groups; the mistakes in them, a sentence each. */
export function checkSettings({ cluster, kubernetes, settings }: KubeadmClusterProps): {
  config?: ClusterConfig;
  mistakes: string[];
} {
  const all = { ...settings, cluster, kubernetes: { ...kubernetes, endpoint: KNOWN_LATER } };
  return checkCluster(new Properties('settings', stringify(all)));
}

/** What the Lambdas read: the settings with what this construct makes, as references that the deployment resolves. */
export function withInfrastructure(
  config: ClusterConfig,
  { endpoint, targetGroupArn }: { endpoint: string; targetGroupArn: string },
): ClusterConfig {
  return { ...config, kubernetes: { ...config.kubernetes!, endpoint, targetGroups: [targetGroupArn] } };
}
