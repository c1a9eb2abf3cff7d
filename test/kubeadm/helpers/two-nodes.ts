import { installStandIns, nodePath } from '../../../local/nodes/simulated/install-stand-ins';
import { describeChanges, fingerprints } from './describe-files';
import { KUBEADM_VERSION, realKubeadm, runProgram, toldPath, writeOnNode } from './real-kubeadm';
import type { Folders, Outcome } from './real-kubeadm';

export interface Comparable extends Outcome {
  changed: Record<string, unknown>;
}

/** Arguments as the node with this root has to be told them. */
export type Call = (told: (path: string) => string) => string[];

/** Does the same to two copies of a folder, with the real kubeadm and with the stand-in; normalised, so that the two are to be equal. */
export function onBoth(folders: Folders, from: string, call: Call) {
  const real = folders.copy(from, 'real');
  const simulated = folders.copy(from, 'simulated');
  try {
    makeSimulated(simulated);
    return {
      real: observe(real, call, (args) => realKubeadm(real, args)),
      standIn: observe(simulated, call, (args) =>
        runProgram('kubeadm', args, { PATH: nodePath(simulated), NODE_ROOT: simulated, LANG: 'C.UTF-8' }),
      ),
    };
  } finally {
    folders.remove(real);
    folders.remove(simulated);
  }
}

/** What a stand-in finds on a node besides its files; no address of the cluster answers. */
function makeSimulated(root: string): void {
  installStandIns(root, ['kubeadm', 'openssl', 'curl']);
  writeOnNode(root, '/etc/simulated-node', `NODE_NAME=cp-1\nKUBERNETES_VERSION=${KUBEADM_VERSION}\n`);
  writeOnNode(root, '/run/simulated-node/addresses', '');
}

function observe(root: string, call: Call, run: (args: string[]) => Outcome): Comparable {
  const before = fingerprints(root);
  const since = Date.now();
  const { exitCode, stdout, stderr } = run(call((path) => toldPath(root, path)));
  const plain = (text: string): string => normalise(text.replaceAll(root, ''), since, Date.now());
  return { exitCode, stdout: plain(stdout), stderr: plain(stderr), changed: describeChanges(root, before, since) };
}

/** What differs between two runs a moment apart: seconds that are left. And help, which only a person reads. */
function normalise(text: string, since: number, until: number): string {
  return text
    .replace(/("expirationDate": "(.*?)",\s*"residualTime": )(-?\d+)/g, (_whole, before, end, seconds) => {
      const [most, least] = [since, until].map((at) => (Date.parse(end) - at) / 1000) as [number, number];
      return `${before}${seconds > least - 1 && seconds < most + 1 ? 'what is left' : seconds}`;
    })
    .replace(/\b(\d+m)?\d+s\b/g, '$1...s')
    .replace(/^[A-Z].*\n\nUsage:\n[^]*/, '<help>\n');
}
