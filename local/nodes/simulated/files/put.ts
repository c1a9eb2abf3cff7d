import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes `text` below the node's folder, with kubeadm's file modes: keys and kubeconfigs 600, certificates 644. */
export function put(root: string, path: string, text: string, mode = 0o600): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { mode });
}
