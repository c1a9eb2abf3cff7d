import { SimulatedCluster } from './simulated-cluster';
import type { SimulatedClusterOptions } from './simulated-cluster';

const DAY = 24 * 3600;
const YEAR = 365 * DAY;
const KUBELET = ['kubelet-client', 'kubelet-serving'];

/**
 * The cluster of the demonstration, not yet started: three control planes and two workers whose control-plane certificates run out
 * in 12 days. The scheduler's of cp-2 ran out yesterday, so that cp-2's scheduler lives on what it has and could not log in again.
 */
export function createDemoCluster(
  folder: string,
  options: Omit<SimulatedClusterOptions, 'folder'> = {},
): Promise<SimulatedCluster> {
  return SimulatedCluster.create({
    name: 'demo',
    controlPlanes: 3,
    workers: 2,
    leafSeconds: 12 * DAY,
    validity: (node, certificate) => {
      if (node === 'cp-2' && certificate === 'scheduler.conf') return { notAfter: -DAY };
      // The kubelet sees to its own.
      return KUBELET.includes(certificate) ? { notAfter: YEAR } : undefined;
    },
    ...options,
    folder,
  });
}
