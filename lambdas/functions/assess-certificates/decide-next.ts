import type { CertificateReport, Finding } from '../../contracts/certificate-check';
import type { ClusterConfig } from '../../contracts/cluster-config';
import type { OperationOptions } from '../../contracts/operation';
import { count, listNames } from '../../domain/text/plain-text';
import { isDue } from './is-due';

type Options = OperationOptions<'check-certificates'>;
export type NextStep = Pick<CertificateReport, 'next' | 'because' | 'notify'>;

/**
 * What follows a check, and why in one or two sentences.
 * @param dead control planes whose expired certificates have stopped the whole cluster; empty while it works
 * @param refusedBecause why the plan of a renewal would be refused, whatever else is true
 */
export function decideNext(
  findings: Finding[],
  config: ClusterConfig,
  options: Options,
  dead: string[] = [],
  refusedBecause?: string,
): NextStep {
  const decided = decide(findings, config, options, refusedBecause);
  if (dead.length === 0) return decided;
  const { next, because } = decided;
  const isRepaired =
    next === 'renew'
      ? 'renew-certificates repairs it.'
      : findings.some(({ renewable }) => renewable)
        ? 'renew-certificates would repair it.'
        : 'a person has to repair it.';
  return {
    next,
    // Somebody has to know at once, also when it repairs itself.
    notify: true,
    because: `${config.cluster} is dead: certificates of ${listNames(dead)} have expired, and without them etcd and the API server do not work; ${isRepaired} ${because}`,
  };
}

function decide(
  findings: Finding[],
  config: ClusterConfig,
  options: Options,
  refusedBecause: string | undefined,
): NextStep {
  if (findings.length === 0) {
    return {
      next: 'none',
      notify: false,
      because: 'Every certificate has more time left than its threshold and is served as it is on disk.',
    };
  }
  const renewable = findings.filter((finding) => finding.renewable).length;
  const byHand = findings.length - renewable;
  if (renewable === 0) {
    return {
      next: 'notify',
      notify: true,
      because: `${count(byHand, 'finding')} of this check cannot be fixed by renew-certificates.`,
    };
  }
  const obstacle = whyNotRenew(findings, config, options, refusedBecause);
  if (obstacle) {
    return {
      next: 'notify',
      notify: true,
      because: `renew-certificates would fix ${count(renewable, 'finding')} and is not started, because ${obstacle}.`,
    };
  }
  const rest = byHand > 0 ? `; ${count(byHand, 'other')} need${byHand === 1 ? 's' : ''} a person` : '';
  return {
    next: 'renew',
    notify: byHand > 0,
    because: `renew-certificates fixes ${count(renewable, 'finding')} and is started now${rest}.`,
  };
}

function whyNotRenew(
  findings: Finding[],
  config: ClusterConfig,
  options: Options,
  refusedBecause: string | undefined,
): string | undefined {
  // Also where a caller asked for a higher threshold: what is renewed when is decided by the cluster's settings alone.
  if (!findings.some((finding) => finding.renewable && isDue(finding, config)))
    return `none of it is due: the cluster's settings renew what runs out in less than ${count(config.certificates.thresholdDays, 'day')}, and this check was started with thresholdDays ${options.thresholdDays}`;
  if (config.frozen !== undefined) return `the cluster is frozen (${config.frozen})`;
  if (!options.renew) return 'this check was started with "renew": false';
  if (!config.certificates.renew)
    return `its settings say certificates.renew: false (start it with {"cluster":"${config.cluster}"})`;
  // Its plan would be refused, every day.
  if (findings.some(({ kind }) => kind === 'mixed-clusters')) return 'not all of its nodes have the same CA';
  if (findings.some(({ kind }) => kind === 'wrong-role')) return 'the role of some of its instances is not known';
  const obstructed = findings.filter(({ kind }) => kind === 'renewal-refused').map(({ node }) => node);
  if (obstructed.length > 0)
    return `it would be refused: on ${listNames([...new Set(obstructed)])} something stands in its way`;
  return refusedBecause;
}
