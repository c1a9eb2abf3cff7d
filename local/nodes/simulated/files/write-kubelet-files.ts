import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { issueAuthority, issueLeaf } from '../pki/certificate';
import { KUBELET_CLIENT } from '../pki/kubeadm-certificates';
import { kubeconfigText } from '../pki/kubeconfig';
import type { NodeFiles } from './node-files';
import { put } from './put';

const PKI = '/var/lib/kubelet/pki';
const CURRENT = `${PKI}/kubelet-client-current.pem`;

/** The kubelet's certificates, kubeconfig and configuration. */
export async function writeKubeletFiles(files: NodeFiles): Promise<void> {
  const { root, role } = files;
  await writeServingCertificate(files);
  put(
    root,
    '/var/lib/kubelet/config.yaml',
    stringify({
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      authentication: { anonymous: { enabled: false }, x509: { clientCAFile: '/etc/kubernetes/pki/ca.crt' } },
      cgroupDriver: 'systemd',
      kind: 'KubeletConfiguration',
      rotateCertificates: true,
      staticPodPath: '/etc/kubernetes/manifests',
    }),
    0o644,
  );
  put(root, '/var/lib/kubelet/kubeadm-flags.env', 'KUBELET_KUBEADM_ARGS=""\n', 0o644);
  // An etcd node's kubelet runs on its own: it knows no API server.
  if (role !== 'etcd') await writeClientCertificate(files);
}

/** The kubelet signs its serving certificate itself, with a CA that it then throws away. */
async function writeServingCertificate({ root, node, pki }: NodeFiles): Promise<void> {
  const validity = pki.validityOf(node.nodeName, 'kubelet-serving');
  const born = Math.floor(validity.notBefore.getTime() / 1000);
  const ca = await issueAuthority(`${node.nodeName}-ca@${born}`, validity, pki.algorithm);
  const subject = { commonName: `${node.nodeName}@${born}` };
  const request = { subject, usages: ['server' as const], dnsNames: [node.nodeName], validity };
  const { certificate, key } = await issueLeaf(ca, request, pki.algorithm);
  put(root, `${PKI}/kubelet.crt`, certificate + ca.certificate, 0o644);
  put(root, `${PKI}/kubelet.key`, key);
}

async function writeClientCertificate({ root, node, role, first, settings, pki }: NodeFiles): Promise<void> {
  const { certificate, key } = await pki.issue(KUBELET_CLIENT, node);
  const { notBefore } = pki.validityOf(node.nodeName, KUBELET_CLIENT.name);
  const stamp = notBefore.toISOString().slice(0, 19).replace(/[T:]/g, '-');
  const file = `kubelet-client-${stamp}.pem`;
  put(root, `${PKI}/${file}`, certificate + key);
  // The real link is absolute; a relative one holds below any folder.
  symlinkSync(file, join(root, CURRENT));
  const user = `system:node:${node.nodeName}`;
  // kubeadm init names things after the cluster; a kubelet that joined by TLS bootstrap has client-go's defaults.
  const names = first
    ? { cluster: settings.clusterName, user, context: `${user}@${settings.clusterName}` }
    : { cluster: 'default-cluster', user: 'default-auth', context: 'default-context' };
  put(
    root,
    '/etc/kubernetes/kubelet.conf',
    kubeconfigText({
      ...names,
      server: `https://${role === 'control-plane' ? `${node.privateIp}:6443` : settings.controlPlaneEndpoint}`,
      ca: pki.authorities.ca.certificate,
      credentials: { 'client-certificate': CURRENT, 'client-key': CURRENT },
    }),
  );
}
