import type { CertificateInventory, CertificateServed } from '../../../../lambdas/contracts/node-steps';
import type { Certificate, CertificateFile } from '../certificates';
import { CAS, CA_LIFE_MS, KUBEADMS, KUBELETS, PORTS, YEAR_MS, iso } from '../certificates';
import type { ClusterModel } from '../cluster-model';
import type { NodeModel } from '../node-model';

/** check-certificates.sh on a control plane. */
export function inventory(node: NodeModel, cluster: ClusterModel): CertificateInventory {
  return {
    node: node.name,
    checkedAt: iso(new Date()),
    kubeadm: `v${node.versions.kubeadm}`,
    source: 'kubeadm',
    caPublicKeys: [cluster.caHash],
    certificates: [
      ...CAS.map(({ name, path }) => ({ name, path, ...lasting(cluster.cas.get(name)!, CA_LIFE_MS), isCa: true })),
      ...[...KUBEADMS, ...KUBELETS].flatMap((file) => onDisk(node, file)),
    ],
    served: served(node),
  };
}

/** What the ports of a control plane present. */
export function served(node: NodeModel): CertificateServed[] {
  return PORTS.map(([port, certificate]) => {
    const isKubelets = certificate === 'kubelet-serving';
    const shown = isKubelets ? node.certificates.get(certificate) : node.loaded.get(certificate);
    if (!shown || (isKubelets && !node.kubeletRuns)) return { port, certificate, error: 'connection refused' };
    return { port, certificate, ...described(shown) };
  });
}

const described = ({ serial, notAfter }: { serial: string; notAfter: Date }) => ({ notAfter: iso(notAfter), serial });

/** Of one that is valid for longer nobody knows when it began: now, at the latest. */
const lasting = (certificate: Certificate, lifeMs: number) => ({
  notBefore: iso(new Date(Math.min(certificate.notAfter.getTime() - lifeMs, Date.now()))),
  ...described(certificate),
});

function onDisk(node: NodeModel, { name, path, ca }: CertificateFile): CertificateInventory['certificates'] {
  const certificate = node.certificates.get(name);
  return certificate ? [{ name, path, ...(ca && { ca }), ...lasting(certificate, YEAR_MS) }] : [];
}
