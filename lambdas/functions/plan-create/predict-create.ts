/** Seconds, of a machine with a fast line; measured in the lab and rounded up. */
export const SECONDS = { prepare: 60, etcd: 30, init: 60, joinControlPlane: 60, joinWorker: 30, verify: 60 } as const;

/** Preparing is done everywhere at once; control planes join one by one, meanwhile workers all at once. */
export function predictCreate({ isNew, etcd, controlPlanes, workers, unproven }: Amounts): number {
  if (!isNew && controlPlanes === 0 && workers === 0) return unproven > 0 ? SECONDS.verify : 0;
  return (
    SECONDS.prepare +
    (isNew ? SECONDS.init + etcd * SECONDS.etcd : 0) +
    Math.max(controlPlanes * SECONDS.joinControlPlane, workers > 0 ? SECONDS.joinWorker : 0) +
    SECONDS.verify
  );
}

interface Amounts {
  isNew: boolean;
  etcd: number;
  controlPlanes: number;
  workers: number;
  unproven: number;
}
