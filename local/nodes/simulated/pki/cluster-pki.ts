import { issueAuthority, issueLeaf, newKeyPair } from './certificate';
import type { Authority, Issued, KeyAlgorithm, KeyPair, Validity } from './certificate';
import { CAS } from './kubeadm-certificates';
import type { CaName, CertificateSpec, CertificateSubject } from './kubeadm-certificates';

/** From now on, in seconds; negative: in the past. */
export interface ValidityFromNow {
  /** Default: a year before its end, as kubeadm makes them; of a longer one five minutes ago, because kubeadm backdates. */
  notBefore?: number;
  notAfter: number;
}

/** Says how long a certificate is valid; undefined leaves the default. `certificate` is kubeadm's name of it. */
export type ChooseValidity = (node: string, certificate: string) => ValidityFromNow | undefined;

export interface ClusterPkiOptions {
  /** Default: ECDSA-P256, because keys of that kind cost nothing to make. */
  algorithm?: KeyAlgorithm;
  /** Leaves; default: one year. */
  leafSeconds?: number;
  /** CAs; default: ten years. */
  caSeconds?: number;
  validity?: ChooseValidity;
}

/** Everything that signs in one cluster. */
export interface ClusterPki {
  readonly algorithm: KeyAlgorithm;
  readonly authorities: Record<CaName, Authority>;
  readonly serviceAccountKey: KeyPair;
  issue(spec: CertificateSpec, node: CertificateSubject): Promise<Issued>;
  validityOf(node: string, certificate: string): Validity;
}

const YEAR = 365 * 24 * 3600;
const BACKDATE = 300;

/** Makes the three CAs and the service-account key of a cluster. */
export async function createClusterPki(options: ClusterPkiOptions = {}): Promise<ClusterPki> {
  const algorithm = options.algorithm ?? 'ECDSA-P256';
  const authority = (name: CaName) =>
    issueAuthority(CAS[name].commonName, fromNow({ notAfter: options.caSeconds ?? 10 * YEAR }), algorithm);
  const [ca, etcdCa, frontProxyCa, serviceAccountKey] = await Promise.all([
    authority('ca'),
    authority('etcd-ca'),
    authority('front-proxy-ca'),
    newKeyPair(algorithm),
  ]);
  const authorities = { ca, 'etcd-ca': etcdCa, 'front-proxy-ca': frontProxyCa };
  const validityOf = (node: string, certificate: string) =>
    fromNow(options.validity?.(node, certificate) ?? { notAfter: options.leafSeconds ?? YEAR });
  return {
    algorithm,
    authorities,
    serviceAccountKey,
    validityOf,
    issue: (spec, node) =>
      issueLeaf(
        authorities[spec.ca],
        { ...spec.request(node), validity: validityOf(node.nodeName, spec.name) },
        algorithm,
      ),
  };
}

function fromNow({ notBefore, notAfter }: ValidityFromNow): Validity {
  const begin = notBefore ?? Math.min(-BACKDATE, notAfter - YEAR);
  if (begin >= notAfter) {
    throw new RangeError(
      `A certificate has to begin before it ends: got notBefore ${begin} and notAfter ${notAfter} (seconds from now).`,
    );
  }
  const now = Date.now();
  return { notBefore: new Date(now + begin * 1000), notAfter: new Date(now + notAfter * 1000) };
}
