import type { CertificateInventory } from '../../contracts/node-steps';
import { certificateExpiries } from './expiries';

/** Once one of these has expired, its node's etcd member or API server no longer works together with the others'. */
const VITAL = new Set(['apiserver', 'apiserver-etcd-client', 'etcd-server', 'etcd-peer']);
/** The row of the file that an API server serves instead of kubeadm's (`--tls-cert-file`). */
const OWN_SERVING = 'apiserver-serving';
/** By either name the certificate with which a kubelet logs in. */
const KUBELET_CLIENT = new Set(['kubelet-client', 'kubelet.conf']);

export interface InventoryOfNode {
  name: string;
  inventory?: CertificateInventory | undefined;
}

/** Control planes that their certificates have stopped, by name, in the order given. */
export interface Casualties {
  /** A vital certificate has expired, on disk or as it is served. */
  stopped: string[];
  /** The kubelet's own client certificate has expired: it cannot log in, and exits as soon as an API server says so. */
  lockedOutKubelets: string[];
  /** So many are stopped that etcd, or with an external etcd the API, cannot work before they have new certificates. */
  isDead: boolean;
}

/**
 * What expired certificates have done to a cluster. Health checks do not tell: /readyz says ok for as long as the connections live that
 * were made before (seen on real clusters).
 * @param expected how many control planes the cluster has, also those that did not answer
 */
export function findCasualties(nodes: InventoryOfNode[], expected: number, now: Date): Casualties {
  const expiredOf = new Map(
    nodes.map(({ name, inventory }) => [
      name,
      inventory
        ? certificateExpiries(name, inventory, now)
            .filter(({ certificate, secondsLeft }) => secondsLeft <= 0 && isUsed(certificate, inventory))
            .map(({ certificate }) => certificate)
        : [],
    ]),
  );
  const namesWith = (certificates: Set<string>) =>
    [...expiredOf].flatMap(([name, expired]) => (expired.some((each) => certificates.has(each)) ? [name] : []));
  const stopped = namesWith(VITAL);
  const majority = Math.floor(expected / 2) + 1;
  return {
    stopped,
    lockedOutKubelets: namesWith(KUBELET_CLIENT),
    isDead: stopped.length > 0 && expected - stopped.length < majority,
  };
}

/** kubeadm renews its `apiserver` also where nobody serves it any more: there its end stops nothing. */
function isUsed(certificate: string, { certificates }: CertificateInventory): boolean {
  return certificate !== 'apiserver' || !certificates.some(({ name }) => name === OWN_SERVING);
}
