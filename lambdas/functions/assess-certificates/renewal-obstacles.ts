import type { Finding } from '../../contracts/certificate-check';
import type { ClusterConfig } from '../../contracts/cluster-config';
import { RUNBOOK_OF_FINDING } from '../../contracts/runbook';
import { shorten } from '../../domain/text/plain-text';
import type { HeadedFinding } from './assess-node';
import type { NodeWithInventory } from './belongs-here';
import { isDue } from './is-due';
import { KUBELET_CLIENT } from './what-renewal-fixes';

/**
 * What would have the renewal that these findings call for refused, by the control planes' own preconditions: as the gate canBeRenewed says it
 * (lambdas/gates/renewal-gates.ts), and before anything is started. A node of which nothing is due is not asked about.
 */
export function renewalObstacles(
  findings: Finding[],
  controlPlanes: NodeWithInventory[],
  config: ClusterConfig,
): HeadedFinding[] {
  // A kubelet that gets a new certificate needs none of the preconditions.
  const isOfRenewal = (finding: Finding): boolean =>
    finding.renewable && isDue(finding, config) && !KUBELET_CLIENT.has(finding.certificate ?? '');
  const due = new Set(findings.filter(isOfRenewal).map(({ node }) => node));
  return controlPlanes
    .filter(({ name }) => due.has(name))
    .flatMap(({ name: node, inventory }) =>
      (inventory.obstacles ?? []).map(({ reason, whatToDo }): HeadedFinding => ({
        ...{ kind: 'renewal-refused', node, renewable: false },
        message: `renew-certificates would be refused on ${node}: ${shorten(reason, 500)}; ${shorten(whatToDo, 500)}.`,
        heading: RUNBOOK_OF_FINDING['renewal-refused'],
      })),
    );
}
