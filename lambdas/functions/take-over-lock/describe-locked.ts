import type { LockItem } from '../../contracts/cluster-lock';
import { dateUtc } from '../../domain/text/time-left';

/** Who is at work on the cluster, since when, and what to do, in one sentence. */
export function describeLocked(cluster: string, wanted: string, holder: LockItem): string {
  const since =
    holder.since !== undefined && !Number.isNaN(Date.parse(holder.since)) ? ` since ${dateUtc(holder.since)}` : '';
  return `${cluster} is locked: ${holder.operation ?? 'another operation'} has been at work${since} (${holder.holder}), and only one operation may change a cluster at a time: start ${wanted} again when it has ended, or stop that execution first.`;
}
