import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedCluster } from '../../../../local/nodes/simulated';
import type { SimulatedClusterOptions, SimulatedNode } from '../../../../local/nodes/simulated';
import type { ScriptOutcome, ScriptRun } from '../../../../local/nodes/node';

export const DAY = 24 * 3600;

/** A started cluster in a temporary folder; both go with `end`. */
export async function startCluster(options: Omit<SimulatedClusterOptions, 'folder'> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'simulated-'));
  const cluster = await SimulatedCluster.create({ controlPlanes: 1, ...options, folder });
  await cluster.start();
  return {
    cluster,
    folder,
    end: async () => {
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs shell text on a node as the SSM agent would. */
export function sh(node: SimulatedNode, text: string, more: Partial<ScriptRun> = {}): Promise<ScriptOutcome> {
  return node.run({ script: `#!/bin/bash\n${text}\n`, env: {}, timeLimitSeconds: 50, ...more });
}

/** Its stdout, trimmed; fails with its stderr when the exit code is not 0. */
export async function output(node: SimulatedNode, text: string): Promise<string> {
  const { exitCode, stdout, stderr } = await sh(node, text);
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${text}\n${stdout}${stderr}`);
  return stdout.trim();
}

export async function until(what: string, condition: () => boolean | Promise<boolean>, seconds = 120): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`Not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const ETCDCTL = [
  'crictl exec "$(crictl ps --name \'^etcd$\' --state Running -q)" etcdctl --endpoints=https://127.0.0.1:2379',
  ...['cacert=ca.crt', 'cert=server.crt', 'key=server.key'].map((file) =>
    file.replace(/^(.*)=(.*)$/, '--$1=/etc/kubernetes/pki/etcd/$2'),
  ),
].join(' ');

export const READYZ = "curl -sk -o /dev/null -w '%{http_code}' https://127.0.0.1:6443/readyz";

/** Serial number that a port presents. */
export const served = (port: number) =>
  `openssl s_client -connect 127.0.0.1:${port} </dev/null 2>/dev/null | openssl x509 -noout -serial`;
