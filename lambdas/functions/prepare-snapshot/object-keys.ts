import type { NamedInstance } from '../../contracts/node';
import { snapshotPrefix } from '../../contracts/snapshot';

/**
 * An object for each node, such as `etcd-snapshots/30-days/prod/20261129T030000Z/cp-1-i-0a.tar.gz`: the first part decides how long it is kept
 * (a lifecycle rule knows nothing of an object but the beginning of its key).
 * @param at ISO 8601
 */
export function objectKeys(
  cluster: string,
  keepDays: number,
  at: string,
  nodes: NamedInstance[],
): (NamedInstance & { key: string })[] {
  const stamp = at.replace(/\.\d+/, '').replace(/[-:]/g, '');
  return nodes.map(({ instanceId, name }) => {
    // Names are tags, which may hold anything.
    const plain = name.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 80);
    return { instanceId, name, key: `${snapshotPrefix(keepDays)}${cluster}/${stamp}/${plain}-${instanceId}.tar.gz` };
  });
}
