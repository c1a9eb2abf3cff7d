import { FROZEN_TAG } from '../contracts/cluster-config';
import { shorten } from '../shared/shorten';
import type { Instance } from './instance';

/** Why nothing may change on this cluster: its settings say so, or a tag on any of its nodes (the lowest instance id's, of several). */
export function findFrozen(settings: string | undefined, instances: Instance[]): string | undefined {
  if (settings !== undefined) return settings;
  const frozen = instances
    .filter(({ tags }) => tags[FROZEN_TAG] !== undefined)
    .sort((a, b) => (a.instanceId < b.instanceId ? -1 : 1))[0];
  if (!frozen) return undefined;
  return shorten(
    `tag on ${frozen.tags.Name ?? frozen.instanceId}: ${frozen.tags[FROZEN_TAG] || 'no reason given'}`,
    200,
  );
}
