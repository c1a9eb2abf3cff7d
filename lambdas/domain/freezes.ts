import type { Freeze } from '../contracts/api/clusters';
import { FROZEN_TAG } from '../contracts/cluster-config';
import type { FreezeRecord } from '../contracts/freeze';
import type { Instance } from './nodes/cluster-nodes';
import { shorten } from './text/plain-text';

/** Everything for which nothing that changes nodes may start: the cluster's settings, a tag on any of its nodes, a person. */
export function findFreezes(
  settings: string | undefined,
  instances: Instance[],
  record: FreezeRecord | undefined,
): Freeze[] {
  const tagged = instances
    .filter(({ tags }) => tags[FROZEN_TAG] !== undefined)
    .sort((a, b) => (a.instanceId < b.instanceId ? -1 : 1));
  return [
    ...(settings === undefined ? [] : [{ by: 'settings' as const, reason: settings }]),
    ...tagged.slice(0, 1).map(({ instanceId, tags }) => ({
      by: 'tag' as const,
      reason: shorten(`tag on ${tags.Name ?? instanceId}: ${tags[FROZEN_TAG] || 'no reason given'}`, 200),
    })),
    ...(record ? [{ by: 'api' as const, reason: record.reason, who: record.who, since: record.since }] : []),
  ];
}

/** For the gates, in at most 200 characters; undefined when nothing is frozen. */
export function whyFrozen([first]: Freeze[]): string | undefined {
  if (!first) return undefined;
  return first.by === 'api' ? shorten(`${first.reason} (frozen by ${nameOf(first.who)})`, 200) : first.reason;
}

/** Who somebody is, shorter than the ARN: what comes after the last account number. */
export const nameOf = (arn: string | undefined): string =>
  arn?.replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:/, '') || 'unknown';
