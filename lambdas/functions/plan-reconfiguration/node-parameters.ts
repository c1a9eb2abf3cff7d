import type { KubernetesSettings } from '../../contracts/kubernetes-settings';
import { MOST_DOCUMENT, MOST_FLAGS, type ReconfigurationPlan, type SettingChange } from '../../contracts/reconfigure';
import { encodePatches, patchesOf } from '../../domain/kubeadm/patches';
import type { Desired } from '../../domain/reconfigure/desired-configuration';
import { UserError } from '../../runtime/user-error';

/**
 * What the node steps of a reconfiguration are given.
 * @throws UserError InvalidClusterConfig: more than their documents take
 */
export function parametersOf(
  cluster: string,
  desired: Desired | undefined,
  { extraArgs, patches }: KubernetesSettings,
  changes: SettingChange[],
): ReconfigurationPlan['parameters'] {
  const encoded = (text: string, most: number) => {
    const base64 = Buffer.from(text).toString('base64');
    if (base64.length <= most) return base64;
    throw new UserError(
      'InvalidClusterConfig',
      `The configuration of ${cluster} has ${base64.length} characters in base64, ${most} are possible: shorten extraArgs or kubelet in the section kubernetes of clusters/${cluster}.yaml.`,
    );
  };
  const gone = changes.filter(({ where, to }) => where === 'kubelet flags' && to === undefined);
  const flags = [
    ...gone.map(({ name }) => `-${name}`),
    ...(extraArgs.kubelet ?? []).map(({ name, value }) => `+${name}=${value}`),
  ];
  return {
    clusterConfiguration: desired ? encoded(desired.clusterConfiguration, MOST_DOCUMENT) : 'none',
    kubeletConfiguration: desired ? encoded(desired.kubeletConfiguration, MOST_DOCUMENT) : 'none',
    kubeletArguments: flags.length > 0 ? encoded(flags.join('\n'), MOST_FLAGS) : 'none',
    controlPlanePatches: encodePatches(patchesOf('control-plane', patches)),
    workerPatches: encodePatches(patchesOf('worker', patches)),
  };
}
