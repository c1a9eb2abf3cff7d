import { hasReplacedCa } from '../../domain/certificates/is-renewed';
import { withUnreadableValidity } from '../../domain/certificates/validity';
import { listNames } from '../../domain/text/plain-text';
import type { NodeWithInventory } from './belongs-here';

/** Why the plan of a renewal would be refused, every day, by what the certificates of the control planes say; undefined where nothing does. */
export function whyRefused(controlPlanes: NodeWithInventory[]): string | undefined {
  const replaced = controlPlanes.filter(({ inventory }) => inventory.certificates.some(hasReplacedCa));
  if (replaced.length > 0)
    return `another CA than the one on the node signed some of the certificates of ${listNames(replaced.map(({ name }) => name))}, so that what is renewed might not be trusted`;
  return withUnreadableValidity(controlPlanes);
}
