import type { NodeRole } from '../../../../lambdas/contracts/node';
import type { ClusterPki } from '../pki/cluster-pki';
import type { CaName, CertificateSubject } from '../pki/kubeadm-certificates';
import type { ClusterSettings } from './cluster-configuration';

/** What the files of a node are made from. */
export interface NodeFiles {
  /** The node's folder. */
  root: string;
  node: CertificateSubject;
  role: NodeRole;
  /** kubeadm init ran on this one; the others joined. */
  first: boolean;
  /** NAME=https://IP:2380 of the etcd members up to and with this one. */
  initialCluster: string[];
  settings: ClusterSettings;
  pki: ClusterPki;
  /** CAs whose key is kept elsewhere ("external CA" in kubeadm's words). */
  externalCas: CaName[];
}
