import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defaultLabFolder } from '../../../local/nodes/lab/lab-folder';
import { KUBEADM_VARIABLE, KUBEADM_VERSION } from './real-kubeadm';

const BUILD = join(__dirname, '../../../local/nodes/lab/build/kubeadm.sh');

/** Before all tests: a minute and a half the first time, then nothing. */
export default function buildKubeadm(): void {
  const reason = whyNotHere();
  if (reason) {
    console.log(`SKIPPED: the tests with the real kubeadm: ${reason}.`);
    return;
  }
  const built = execFileSync(BUILD, [defaultLabFolder(), KUBEADM_VERSION], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.env[KUBEADM_VARIABLE] = built.trim();
}

function whyNotHere(): string | undefined {
  if (spawnSync('go', ['version']).error)
    return 'it is built from source, which needs Go 1.25 or newer (go.dev) in PATH';
  // Without root kubeadm cannot be kept away from them.
  if (process.getuid?.() !== 0 && existsSync('/etc/kubernetes')) {
    return 'this machine has an /etc/kubernetes of its own, and only root can show kubeadm another one';
  }
  return undefined;
}
