import type { Finding } from '../contracts/certificate-report';
import type { CertificateInventory } from '../contracts/node-steps';

export interface NodeToAssess {
  name: string;
  /** An etcd node that is no control plane: most of kubeadm's certificates are not there, and renew-certificates never goes there. */
  isEtcdNode: boolean;
  inventory: CertificateInventory;
}

export interface Thresholds {
  now: Date;
  leafDays: number;
  caDays: number;
}

/** A finding with the runbook heading that says more than its sentence can. */
export type HeadedFinding = Finding & { heading: string };
