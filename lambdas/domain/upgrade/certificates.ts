import { validitySeconds, YEAR } from '../certificates/validity';
import { isOlder } from '../versions/version';
import type { UpgradeControlPlane, UpgradeView } from './view';

/** A certificate of kubeadm's that its renewal would shorten, or replace although another CA signed it, or at which it would fail. */
export interface Losing {
  node: string;
  name: string;
  reason: string;
}

/**
 * `kubeadm upgrade` renews every certificate whose CA's key it finds, unless it is told not to renew any. At a kubeconfig that names files it
 * fails, when etcd and the API server are new already.
 */
export function certificatesThatLose({ controlPlanes, facts, now }: UpgradeView): Losing[] {
  // A day later, because a certificate that was made a moment ago may end a moment later than one of now.
  const validity = validitySeconds(facts?.configuration.certificateValidity) ?? YEAR;
  const ends = now.getTime() + (validity + 86_400) * 1000;
  return controlPlanes.flatMap(({ name: node, value }) =>
    value.controlPlane.certificates.flatMap(({ name, notAfter, foreign, inFiles }) => {
      if (foreign) return [{ node, name, reason: 'another CA signed it' }];
      if (inFiles) return [{ node, name, reason: 'it names files, and kubeadm renews only what is inside' }];
      const longer = notAfter !== undefined && Date.parse(notAfter) > ends;
      return longer ? [{ node, name, reason: 'it ends later than a new one would' }] : [];
    }),
  );
}

/** Those whose member is newer than the etcd that kubeadm installs: it leaves the member alone, with its certificates. */
export const withNewerEtcd = (controlPlanes: UpgradeControlPlane[], pin: string | undefined): UpgradeControlPlane[] =>
  pin === undefined ? [] : controlPlanes.filter(({ value }) => isOlder(pin, value.controlPlane.etcd.version));
