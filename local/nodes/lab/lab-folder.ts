import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where builds and clusters are kept unless told otherwise: outside the clone, so that every clone shares the builds. */
export function defaultLabFolder(): string {
  if (process.env.KUBEADM_AUTOPILOT_LAB) return process.env.KUBEADM_AUTOPILOT_LAB;
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kubeadm-autopilot', 'lab');
}
