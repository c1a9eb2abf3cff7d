import { parseAllDocuments } from 'yaml';
import type { ClusterConfig } from '../../lambdas/contracts/cluster-config';
import { mistakesInConfiguration } from '../../lambdas/contracts/kubeadm-configuration';
import { readPatchName } from '../../lambdas/contracts/kubeadm-patches';
import { kubernetesSettings } from '../../lambdas/contracts/kubernetes-settings';
import type { YamlFile } from './yaml-file';

/** What Parameter Store takes as an advanced parameter. */
export const MOST_SETTINGS_BYTES = 8192;

/** What the schema does not know of `kubernetes`: whether texts are what they have to be, and whether all of it fits where Lambdas read it. */
export function mistakesInKubernetes(config: ClusterConfig, file: YamlFile): string[] {
  const { kubernetes } = config;
  const mistakes = Object.entries(kubernetes?.patches ?? {}).flatMap(([name, text]) => {
    const mistake = mistakeInPatch(name, text);
    return mistake
      ? [`${file.at(['kubernetes', 'patches', name])}: the patch kubernetes.patches.${name} ${mistake}.`]
      : [];
  });
  mistakes.push(...mistakesInCloudProvider(config, file));
  if (kubernetes?.externalEtcd && (kubernetes.extraArgs.etcd ?? []).length > 0)
    mistakes.push(
      `${file.at(['kubernetes', 'extraArgs', 'etcd'])}: kubernetes.extraArgs.etcd has flags, and kubernetes.externalEtcd is an etcd that kubeadm does not start; remove one of them.`,
    );
  if (kubernetes?.configuration !== undefined) {
    const { version, endpoint, podSubnet } = kubernetes;
    const where = `${file.at(['kubernetes', 'configuration'])}: kubernetes.configuration`;
    const defaults = kubernetesSettings.parse({ version, endpoint, podSubnet });
    mistakes.push(...mistakesInConfiguration(kubernetes, defaults).map((mistake) => `${where} ${mistake}.`));
  }
  const bytes = Buffer.byteLength(JSON.stringify(config));
  if (bytes > MOST_SETTINGS_BYTES)
    mistakes.push(
      `${file.path}:1: the settings have ${bytes} bytes as JSON, and Parameter Store takes ${MOST_SETTINGS_BYTES}: shorten the longest of them, such as kubernetes.patches.`,
    );
  return mistakes;
}

/** What cloudProvider sets already. */
function mistakesInCloudProvider({ kubernetes }: ClusterConfig, file: YamlFile): string[] {
  if (!kubernetes?.cloudProvider) return [];
  return (kubernetes.extraArgs.kubelet ?? []).flatMap(({ name }, index) =>
    ['cloud-provider', 'provider-id'].includes(name)
      ? [
          `${file.at(['kubernetes', 'extraArgs', 'kubelet', index])}: kubernetes.extraArgs.kubelet has ${name}, which kubernetes.cloudProvider sets on each node; remove one of them.`,
        ]
      : [],
  );
}

function mistakeInPatch(name: string, text: string): string | undefined {
  const documents = parseAllDocuments(text);
  const error = documents.flatMap(({ errors }) => errors)[0];
  if (error) return `is no YAML: ${error.message.split('\n')[0]!.replace(/[:.]$/, '')}`;
  const isJsonPatch = readPatchName(name)?.type === 'json';
  const fits = documents.every((document) => {
    const value: unknown = document.toJS();
    return isJsonPatch ? Array.isArray(value) : value !== null && typeof value === 'object' && !Array.isArray(value);
  });
  if (fits) return undefined;
  return isJsonPatch
    ? 'is a JSON patch by its name; it must be a list of operations (op, path, value)'
    : 'must be a mapping, such as spec: {containers: […]}; a list of operations has a name with +json';
}
