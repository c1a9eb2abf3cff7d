import type { ClusterConfig } from '../contracts/cluster-config';
import type { Gate } from '../contracts/plan';
import { RUNBOOK } from '../contracts/runbook';
import { hasReplacedCa } from '../domain/certificates/is-renewed';
import { withUnreadableValidity } from '../domain/certificates/validity';
import type { ControlPlane } from '../domain/nodes/answers';
import { listNames, shorten } from '../domain/text/plain-text';
import { dateUtc, secondsUntil } from '../domain/text/time-left';
import { passed, refused } from '../domain/plan';

// Gates of the renewal and of the repair alike.

export function notFrozen({ frozen, cluster }: ClusterConfig): Gate {
  const name = 'not frozen';
  if (frozen === undefined) return passed(name, `${cluster} is not frozen.`);
  return refused(
    name,
    `${cluster} is frozen (${frozen}), so nothing may change.`,
    'Take that back first, in its settings or its tag kubeadm-autopilot:frozen.',
  );
}

/** kubeadm says nothing and exits 0 where a CA's key is missing: so ask before. */
export function caKeys(answers: ControlPlane[]): Gate {
  const name = 'CA keys are there';
  const lacking = answers.map(({ name, value }) => {
    const needed = value.etcd.topology === 'stacked' ? ['ca', 'etcd-ca', 'front-proxy-ca'] : ['ca', 'front-proxy-ca'];
    return { name, missing: needed.filter((ca) => !value.caKeys.includes(ca)) };
  });
  const without = lacking.filter(({ missing }) => missing.length > 0);
  if (without.length === 0) return passed(name, 'Every control plane has the keys of its CAs.');
  const missing = listNames([...new Set(without.flatMap((node) => node.missing))].sort());
  const nodes = listNames(without.map(({ name }) => name));
  const everywhere = without.length === answers.length;
  return everywhere
    ? refused(
        name,
        `No control plane has the key of ${missing}: an external CA signs these certificates and kubeadm cannot renew them.`,
        `Have its owner sign new ones, see "${RUNBOOK.expiry}" in the runbook.`,
      )
    : refused(
        name,
        `${nodes} ${without.length === 1 ? 'lacks' : 'lack'} the key of ${missing}, which other control planes have.`,
        'Copy it from one of them, to the same path (certificatesDir), or renew there by hand.',
      );
}

/** Whatever a CA signs after its own end is worth nothing, and kubeadm signs it all the same. */
export function casAreValid(answers: ControlPlane[], now: Date): Gate {
  const name = 'CAs are valid';
  const ended = answers.flatMap(({ name, value }) =>
    (value.inventory?.certificates ?? [])
      .filter(({ isCa, notAfter }) => isCa && (secondsUntil(notAfter, now) ?? 1) <= 0)
      .map((ca) => `${ca.name} on ${name} on ${dateUtc(ca.notAfter ?? '')}`),
  );
  if (ended.length === 0) return passed(name, 'No CA has expired.');
  return refused(
    name,
    `CAs themselves have expired (${listNames(ended, 3)}), so no certificate that they sign can be valid.`,
    `Rotate them by hand, see "${RUNBOOK.caExpiry}" in the runbook.`,
  );
}

/**
 * What a node's own script asks before its first change (scripts/lib/renewal/preconditions.sh), asked before any node has changed: a gate for
 * each answer that says no, in the node's words.
 */
export function canBeRenewed(toRenew: ControlPlane[]): Gate[] {
  const obstacles = toRenew.flatMap(({ name: node, value }) =>
    (value.renewal.obstacles ?? []).map((obstacle) => ({ node, ...obstacle })),
  );
  if (obstacles.length === 0)
    return [
      passed('every precondition of a renewal holds', 'Nothing on the control planes stands in the way of a renewal.'),
    ];
  const alike = Map.groupBy(obstacles, ({ precondition, reason }) => `${precondition} ${reason}`);
  return [...alike.values()].map((group) => {
    const nodes = listNames(group.map(({ node }) => node));
    const { precondition, reason, whatToDo } = group[0]!;
    return refused(`${precondition} on ${nodes}`, `On ${nodes}: ${shorten(reason, 500)}.`, sentence(whatToDo));
  });
}

function sentence(words: string): string {
  const text = shorten(words, 500);
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}; see "${RUNBOOK.renewalRefused}" in the runbook.`;
}

/** Refuses, where nobody can tell how long what kubeadm makes would be valid, nor so what gains; nothing where all can be read. */
export function validityIsReadable(toRenew: ControlPlane[]): Gate[] {
  const unreadable = withUnreadableValidity(toRenew.map(({ name, value }) => ({ name, inventory: value.inventory })));
  if (unreadable === undefined) return [];
  return [
    refused(
      'the validity of new certificates can be read',
      `${unreadable}, so nobody can tell when new certificates would end.`,
      'Correct it in the ConfigMap kube-system/kubeadm-config; while no API server answers, in /var/lib/kubeadm-autopilot/cluster-configuration.yaml of each control plane.',
    ),
  ];
}

/**
 * Refuses: asked only where nothing gains, and so nothing would restart what does not serve the certificates on disk.
 * @param unserved such control planes, with the names of those certificates
 */
export function staysServed(unserved: { name: string; notServed: string[] }[]): Gate {
  const where = unserved.map((node) => `${node.name} (${listNames(node.notServed)})`);
  return refused(
    'what is not served is renewed',
    `No certificate gains by a renewal on ${listNames(where)}, so nothing would restart what does not serve the certificates on disk.`,
    'Restart those static pods by hand (crictl rmp -f), or renew with the option force.',
  );
}

/**
 * kubeadm signs with the CA that it finds. Where that was replaced, the cluster does not trust what it signs, and what restarts no longer
 * trusts the cluster. A certificate of a foreign CA is no obstacle: it is left alone.
 */
export function signedByTheirCa(toRenew: ControlPlane[]): Gate {
  const name = 'every certificate is signed by its CA';
  const foreign = toRenew.flatMap(({ name: node, value }) =>
    (value.inventory?.certificates ?? []).filter(hasReplacedCa).map((certificate) => ({ node, ...certificate })),
  );
  if (foreign.length === 0) return passed(name, 'Every certificate that is renewed was signed by a CA of its node.');
  const groups = [...Map.groupBy(foreign, ({ node, issuer }) => `${node} by ${issuer}`)].map(
    ([where, rows]) =>
      `${listNames(
        rows.map((row) => row.name),
        3,
      )} on ${where}`,
  );
  return refused(
    name,
    `Certificates that a renewal would replace were not signed by the CA of their node: ${listNames(groups, 3)}.`,
    `Put the CA that signed them back where it was replaced, or finish its rotation by hand, see "${RUNBOOK.anotherCa}" in the runbook.`,
  );
}
