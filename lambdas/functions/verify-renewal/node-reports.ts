import type * as z from 'zod';
import type { NodeReport } from '../../contracts/renewal-plan';
import { renewalAnswer, type verifyRenewalInput } from '../../contracts/verify-renewal';
import { shorten } from '../../domain/text/shorten';

type Answers = z.output<typeof verifyRenewalInput>['answers'];

/**
 * What each node said of its renewal, by node; a repair asks each one several times. An answer in another form counts as none: what was
 * renewed is proven without it.
 */
export function nodeReports(answers: Answers): NodeReport[] {
  return [...Map.groupBy(answers, ({ name }) => name)].flatMap(([node, parts]) => {
    const told = parts.flatMap(({ answer }) => renewalAnswer.safeParse(answer).data ?? []);
    if (told.length === 0) return [];
    const backup = told.find((part) => part.backup !== undefined)?.backup;
    const kubeconfigs = told.flatMap((part) => part.kubeconfigs);
    return {
      node,
      ...(backup !== undefined && { backup }),
      restarted: [...new Set(told.flatMap(({ restarted }) => restarted))],
      kubeconfigs: kubeconfigs.map(({ path, refreshed, reason }) => ({
        ...{ path, refreshed },
        ...(reason && { reason: shorten(reason, 200) }),
      })),
    };
  });
}

/** Lines for the notification: copies of admin.conf that are not new, with the reason. */
export function leftAlone(nodes: NodeReport[]): string[] {
  return nodes.flatMap(({ node, kubeconfigs }) =>
    kubeconfigs
      .filter(({ refreshed }) => !refreshed)
      .map(({ path, reason }) => `- ${path} on ${node}: ${reason ?? 'no reason given'}`),
  );
}
