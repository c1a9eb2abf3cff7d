import * as z from 'zod';
import { identifier, label } from './node-steps';

/** Text in base64: a configuration of a cluster is a few kilobytes. */
const encoded = z
  .string()
  .max(12_000)
  .regex(/^[A-Za-z0-9+/]*=*$/, 'must be base64');

/**
 * How a file of a node compares with what kubeadm makes of a configuration: `recorded`, that of the cluster; `previous`, one that a reconfiguration
 * which has not ended replaces; `changed`: neither, so that somebody changed it by hand.
 */
const comparison = z.object({
  is: z.enum(['recorded', 'previous', 'changed']),
  /** Lines of the file that kubeadm would not write, with a + in front, and those that it would, with a -. Empty unless `changed`. */
  difference: z.array(z.string().max(300)).max(40),
});

/** Result of scripts/inspect-configuration.sh. */
export const configurationFacts = z.object({
  node: label,
  /** Another step that changes this node is at work. */
  running: z.boolean().optional(),
  /** Version of kubeadm on this node, X.Y.Z. */
  kubeadm: label,
  /** The kubelet's configuration file beside the cluster's, and the flags that kubeadm gave it. */
  kubelet: comparison.extend({ flags: z.string().max(2000) }),
  /** kubeadm patches of this node that the app wrote: SHA-256 of each file. */
  patches: z.array(z.object({ name: identifier, sha256: z.string().regex(/^[0-9a-f]{64}$/) })).max(50),
  controlPlane: z
    .object({
      /** ConfigMaps kube-system/kubeadm-config and kubelet-config, as they are. */
      clusterConfiguration: encoded,
      kubeletConfiguration: encoded,
      /** A reconfiguration has begun and not ended. */
      unfinished: z.boolean(),
      manifests: z.array(comparison.extend({ component: identifier })).max(10),
      /** Names and addresses in the certificate of the API server. */
      certSANs: z.array(label).max(200),
      /** The key of the CA is here: kubeadm can make another certificate. */
      canSign: z.boolean(),
    })
    .optional(),
});
export type ConfigurationFacts = z.infer<typeof configurationFacts>;

/** Result of scripts/store-configuration.sh. */
export const storedConfiguration = z.object({ node: label, changed: z.boolean() });
export type StoredConfiguration = z.infer<typeof storedConfiguration>;

/** Result of scripts/reconfigure-control-plane.sh. */
export const reconfiguredControlPlane = z.object({
  node: label,
  changed: z.boolean(),
  /** Static pods that run with another manifest now. */
  components: z.array(identifier).max(10),
  /** The API server has another certificate. */
  certificate: z.boolean(),
});
export type ReconfiguredControlPlane = z.infer<typeof reconfiguredControlPlane>;

/** Result of scripts/reconfigure-kubelet.sh. */
export const reconfiguredKubelet = z.object({ node: label, changed: z.boolean() });
export type ReconfiguredKubelet = z.infer<typeof reconfiguredKubelet>;
