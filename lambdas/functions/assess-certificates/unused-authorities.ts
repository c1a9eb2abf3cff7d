import { listNames } from '../../domain/text/plain-text';
import { DAY, expiry, secondsUntil } from '../../domain/text/time-left';
import type { Thresholds } from './assess-node';
import type { NodeWithInventory } from './belongs-here';

/** A sentence for each CA in a bundle that runs out, or has, and that nothing on the nodes needs: to know, not to act. */
export function noteUnusedAuthorities(
  nodes: NodeWithInventory[],
  { caDays, now, timeZone }: Pick<Thresholds, 'caDays' | 'now' | 'timeZone'>,
): string[] {
  const rows = nodes.flatMap(({ name: node, inventory }) =>
    inventory.certificates.flatMap(({ name, path, unused, notAfter, serial }) => {
      const secondsLeft = secondsUntil(notAfter, now);
      if (!unused || notAfter === undefined || secondsLeft === undefined || secondsLeft >= caDays * DAY) return [];
      return [{ node, path, notAfter, secondsLeft, which: `${name} ${path} ${serial}`, name }];
    }),
  );
  return [...Map.groupBy(rows, ({ which }) => which).values()].map((group) => {
    const { name, path, notAfter, secondsLeft } = group[0]!;
    const where = listNames(group.map(({ node }) => node));
    return `${name} in ${path} on ${where} ${expiry(secondsLeft, notAfter, timeZone)}. It signed no certificate there: remove it from the file once no client has one of it.`;
  });
}
