import type { DrainForecast } from '../../contracts/upgrade';
import type { UpgradeView } from '../../domain/upgrade/view';

const MOST = 20;

/**
 * What draining meets. A dry run counts nothing, so of each budget the evictions of a node are summed: where a node has more pods than the
 * budget allows at once, its drain goes in rounds, and with none allowed it stands still.
 */
export function forecastDrains({ facts, skippedNames }: UpgradeView): DrainForecast {
  const left = new Set(skippedNames);
  const tight = (facts?.budgets ?? []).flatMap(({ name, allowed, pods }) => {
    const counts = Object.entries(pods).filter(([node]) => !left.has(node));
    const [node, most] = counts.sort(([, a], [, b]) => b - a)[0] ?? ['', 0];
    return most > allowed ? [{ budget: name, allowed, node, most }] : [];
  });
  return {
    pods: facts?.drains.pods ?? 0,
    emptyDir: facts?.drains.emptyDir ?? 0,
    unmanaged: facts?.drains.unmanaged.slice(0, MOST) ?? [],
    tight: tight.sort((a, b) => a.allowed - b.allowed || (a.budget < b.budget ? -1 : 1)).slice(0, MOST),
    refused: facts?.drains.refused.slice(0, MOST) ?? [],
  };
}
