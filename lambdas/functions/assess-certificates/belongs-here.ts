import type { Finding } from '../../contracts/certificate-check';
import type { CertificateInventory, CertificateOnDisk } from '../../contracts/node-steps';
import { isOfWrongCa, sameSerial } from '../../domain/certificates/is-renewed';
import { listNames } from '../../domain/text/plain-text';

/** A node and what is on its disk. */
export interface NodeWithInventory {
  name: string;
  inventory: CertificateInventory;
}

/**
 * What tells that a certificate is not this cluster's or not this node's. A renewal fixes neither: it signs with the CA that is there, and
 * keeps the names.
 * @param nodes every node that answered, to name those that have the same certificate
 */
export function assessOrigin(certificate: CertificateOnDisk, node: string, nodes: NodeWithInventory[]): Finding[] {
  const { name, path, ca, issuer, lacksNames } = certificate;
  const what = `${name} on ${node} (${path})`;
  const finding = (kind: Finding['kind'], message: string): Finding => ({
    ...{ kind, node, certificate: name, path, renewable: false, message },
  });
  const called = issuer === undefined ? '' : `, although both are called ${issuer}`;
  const made = madeForAnotherNode(certificate, node, nodes);
  return [
    ...(certificate.anotherCa
      ? [
          finding(
            'signed-by-another-ca',
            `${what} was signed by another CA than the one on this node${called}: restore the CA that signed it, or make a new certificate where the new CA is meant; a renewal would sign with a CA that others do not trust.`,
          ),
        ]
      : []),
    ...(isOfWrongCa(certificate)
      ? [
          finding(
            'signed-by-another-ca',
            `${what} was signed by ${ca} (${issuer}), another CA of this node than the one for it: who checks it refuses it, and a renewal leaves it alone; make a new one there with kubeadm certs renew ${name}, and restart what uses it.`,
          ),
        ]
      : []),
    ...(made === undefined ? [] : [finding('made-for-another-node', `${what} ${made}`)]),
    ...(lacksNames === undefined
      ? []
      : [
          finding(
            'names-missing',
            `${what} lacks ${lacksNames}: clients that ask for it by that name refuse it, and a renewal keeps the names; move it and its key away, make a new one there with kubeadm init phase certs ${name}, and restart what serves it.`,
          ),
        ]),
  ];
}

/** What tells that it is another node's, as the rest of a sentence; undefined where nothing does. */
function madeForAnotherNode(
  certificate: CertificateOnDisk,
  node: string,
  nodes: NodeWithInventory[],
): string | undefined {
  const { name, ca, wrongNames } = certificate;
  const others = nodesWithTheSame(certificate, node, nodes);
  const listed = listNames(
    others.map((other) => other.name),
    3,
  );
  if (wrongNames !== undefined) {
    const also = others.length > 0 ? `, and ${listed} ${others.length === 1 ? 'has' : 'have'} the same` : '';
    const consequence = KUBELETS.has(name)
      ? `the API server takes the kubelet of ${node} for that node; give it a certificate of its own`
      : `clients refuse it, and a renewal keeps the names; move it and its key away, make a new one there with kubeadm init phase certs ${name}, and restart what serves it`;
    return `was made for another node (its names are ${wrongNames})${also}: ${consequence}.`;
  }
  // A copy whose names do not fit is told of where it is. What a kubelet signed itself may have any serial.
  const isShared = KUBELETS.has(name) && ca !== undefined && ca !== 'self' && others.length > 0;
  if (!isShared || others.some((other) => other.wrongNames !== undefined)) return undefined;
  return `is on ${listed} as well, and a kubelet's certificate is for one node alone: give each of them a certificate of its own.`;
}
const KUBELETS = new Set(['kubelet-client', 'kubelet-serving']);

/** Other nodes with this very certificate. Copies are no fault by themselves: admin.conf often is one, and a company may share one. */
function nodesWithTheSame(
  { name, serial }: CertificateOnDisk,
  node: string,
  nodes: NodeWithInventory[],
): { name: string; wrongNames: string | undefined }[] {
  if (serial === undefined) return [];
  const isSame = (other: CertificateOnDisk) =>
    other.name === name && other.serial !== undefined && sameSerial(other.serial, serial);
  return nodes
    .filter((other) => other.name !== node)
    .flatMap((other) => {
      const same = other.inventory.certificates.find(isSame);
      return same ? [{ name: other.name, wrongNames: same.wrongNames }] : [];
    });
}
