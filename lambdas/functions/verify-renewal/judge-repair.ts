import type * as z from 'zod';
import type { verifyRenewalInput } from '../../contracts/renewal';
import { RUNBOOK } from '../../contracts/runbook';
import { count, listNames, shorten } from '../../domain/text/plain-text';

type Repair = NonNullable<z.output<typeof verifyRenewalInput>['repair']>;

/**
 * What speaks against the repair having worked, as sentences; empty when every kubelet that was asked has a certificate. A node that is
 * not Ready all the same may be none of it: one that nobody could ask, or that is gone while its object is still there.
 */
export function findUnrepaired({ controlPlanes, workers }: Repair): string[] {
  const groups = [controlPlanes, ...workers];
  const failures = groups.flatMap((group) => group.failures);
  const failed = groups.reduce((sum, group) => sum + group.failed, 0);
  const asked = groups.reduce((sum, group) => sum + group.asked, 0);
  return [
    ...failures.slice(0, 3).map(({ message }) => shorten(message, 300)),
    ...(failed > 3 ? [`${failed} of ${count(asked, 'kubelet')} did not come back in all`] : []),
  ];
}

/** Sentences for the summary. */
export function describeRepair(
  cluster: string,
  { controlPlanes, workers, ready, unreachableWorkers }: Repair,
): string[] {
  const groups = [controlPlanes, ...workers];
  const changed = groups.reduce((sum, group) => sum + group.changed, 0);
  const asked = groups.reduce((sum, group) => sum + group.asked, 0);
  const notAsked = unreachableWorkers
    .slice(0, 3)
    .map(({ name, reason }) => `${name} could not be asked: ${shorten(reason, 150)}`);
  return [
    `${cluster} is repaired: ${changed} of ${count(asked, 'kubelet')} got a new certificate or were started, ${ready.nodes - ready.notReady.length} of ${count(ready.nodes, 'node')} are Ready.`,
    ...notAsked.map((sentence) => `${sentence}.`),
    ...(ready.notReady.length > 0
      ? [`Not Ready: ${listNames(ready.notReady)}; see "${RUNBOOK.dead}" in the runbook.`]
      : []),
  ];
}
