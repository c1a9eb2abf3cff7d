import type { Finding } from '../../contracts/certificate-check';
import type { CertificateOnDisk } from '../../contracts/node-steps';
import { dateIn } from '../../domain/text/time-left';
import type { NodeWithInventory } from './belongs-here';

/** Clocks that differ by less are as good as right. */
const TOLERATED_MS = 5 * 60 * 1000;

/**
 * A certificate that begins later than it is, by its node's clock or by ours: who checks it then refuses it. One of two clocks is wrong, the
 * node's or that of the machine that made it. A renewal is no cure: with a wrong clock it makes another one of the kind.
 */
export function assessBeginning(
  certificate: CertificateOnDisk,
  node: NodeWithInventory,
  { now, timeZone }: { now: Date; timeZone: string },
): Finding[] {
  const { name, path, notBefore } = certificate;
  const { checkedAt } = node.inventory;
  const begins = notBefore === undefined ? NaN : Date.parse(notBefore);
  const ahead = begins > now.getTime() + TOLERATED_MS;
  const laterThere = begins > Date.parse(checkedAt);
  if (notBefore === undefined || !(ahead || laterThere)) return [];
  return [
    {
      ...{ kind: 'not-yet-valid', node: node.name, certificate: name, path, renewable: false },
      message: `${name} on ${node.name} (${path}) is not valid before ${dateIn(notBefore, timeZone)}, and by the clock there it is ${dateIn(checkedAt, timeZone)}; ${advice(node.name, ahead, laterThere)}.`,
    },
  ];
}

function advice(node: string, ahead: boolean, laterThere: boolean): string {
  if (!ahead) return `the clock of ${node} is behind: correct it (timedatectl, chronyc tracking)`;
  const whose = laterThere ? 'the machine that made it was' : `${node} is`;
  return `the clock of ${whose} ahead: see that all clocks are right (timedatectl, chronyc tracking), then make the certificate anew, or wait until then`;
}
