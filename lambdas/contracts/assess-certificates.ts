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
   * Nodes of an external etcd, which are no control planes: most of kubeadm's certificates may be missing there, and renew-certificates
   * does not go there.
   */
  etcdNodes: z.array(clusterNode),
});
export type AssessCertificatesInput = z.input<typeof assessCertificatesInput>;
