import * as z from 'zod';
import { clusterConfig, clusterName } from './cluster-config';
import { clusterNode } from './node';
import { operationOptions } from './operation';
import { nodeResult } from './run-on-nodes';

/** From the state machine check-certificates to the Lambda `assess-certificates`, which answers with a CertificateReport. */
export const assessCertificatesInput = z.object({
  cluster: clusterName,
  config: clusterConfig,
  options: operationOptions('check-certificates'),
  /** Results of scripts/check-certificates.sh (CertificateInventory), or why there is none. */
  nodes: z.array(nodeResult),
  unreachable: z.array(clusterNode),
  /**
   * `nodes` of `find-nodes`: tells who is an etcd node without control plane, where most of kubeadm's certificates may be missing
   * and where renew-certificates does not go. Without it, everyone is taken for a control plane.
   */
  clusterNodes: z.array(clusterNode).default([]),
});
export type AssessCertificatesInput = z.input<typeof assessCertificatesInput>;
