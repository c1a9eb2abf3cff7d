import type { SettingChange } from '../../contracts/reconfigure';
import { argumentChanges } from './desired-configuration';

/** Flags that kubeadm gives a kubelet by itself, or that differ from node to node: those stay where the settings do not name them. */
export const KUBEADM_FLAGS: readonly string[] = [
  ...[
    'cgroup-driver',
    'cloud-provider',
    'container-runtime-endpoint',
    'hostname-override',
    'network-plugin',
    'node-ip',
  ],
  ...['node-labels', 'pod-infra-container-image', 'provider-id', 'register-with-taints', 'resolv-conf'],
];

interface Argument {
  name: string;
  value: string;
}

/** Of kubeadm-flags.env: `--name=value` with spaces between. */
export const parseFlags = (flags: string): Argument[] =>
  [...flags.matchAll(/(?<=^|\s)--([a-z0-9-]+)(?:=(\S*))?/g)].map(([, name, value]) => ({
    name: name!,
    value: value ?? 'true',
  }));

/** What the settings change in the flags of a kubelet; nothing where they say nothing of flags. */
export function flagChanges(flags: string, wanted: Argument[] | undefined): SettingChange[] {
  if (wanted === undefined) return [];
  const named = new Set(wanted.map(({ name }) => name));
  const own = parseFlags(flags).filter(({ name }) => named.has(name) || !KUBEADM_FLAGS.includes(name));
  return argumentChanges('kubelet flags', own, wanted);
}
