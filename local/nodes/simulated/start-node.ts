import { Command, InvalidArgumentError } from 'commander';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { DEFAULT_KUBERNETES } from '../default-kubernetes';
import type { ChooseValidity } from './pki/cluster-pki';
import { SimulatedCluster } from './simulated-cluster';
import type { SimulatedNode } from './simulated-node';

const DAY = 24 * 3600;

interface Flags {
  controlPlanes: number;
  workers: number;
  etcdNodes: number;
  daysLeft: number;
  expired: string[];
  kubernetesVersion: string;
  externalCa: boolean;
  kubeadm: boolean;
  dead: boolean;
}

const command = new Command('start-node')
  .description(
    'Starts a simulated cluster in DIR and prints, for each node, shell assignments; then "ready". Ends with SIGTERM.',
  )
  .argument('<dir>', 'folder for the nodes; each gets one of its name')
  .option('--control-planes <n>', 'control planes', wholeNumber, 1)
  .option('--workers <n>', 'workers', wholeNumber, 0)
  .option('--etcd-nodes <n>', 'etcd on nodes of its own', wholeNumber, 0)
  .option('--days-left <n>', 'days until the leaf certificates run out', wholeNumber, 365)
  .option(
    '--expired <name>',
    'a certificate that ran out yesterday, on all nodes (scheduler.conf) or one (cp-2:scheduler.conf); can be repeated',
    (name: string, names: string[]) => [...names, name],
    [] as string[],
  )
  .option('--kubernetes-version <version>', 'of the cluster and its kubeadm', DEFAULT_KUBERNETES)
  .option('--external-ca', 'the CA keys are not on the nodes', false)
  .option('--dead', 'every certificate ran out yesterday; the kubelet of the last control plane is stopped', false)
  .option('--no-kubeadm', 'the nodes have no kubeadm')
  .action(start);

async function start(dir: string, flags: Flags): Promise<void> {
  const validity: ChooseValidity = (node, certificate) =>
    flags.expired.includes(certificate) || flags.expired.includes(`${node}:${certificate}`)
      ? { notAfter: -DAY }
      : undefined;
  mkdirSync(dir, { recursive: true });
  const cluster = await SimulatedCluster.create({
    folder: resolve(dir),
    controlPlanes: flags.controlPlanes,
    workers: flags.workers,
    etcdNodes: flags.etcdNodes,
    kubernetesVersion: flags.kubernetesVersion,
    kubeadm: flags.kubeadm,
    dead: flags.dead,
    externalCas: flags.externalCa ? ['ca', 'etcd-ca', 'front-proxy-ca'] : [],
    leafSeconds: flags.daysLeft * DAY,
    validity,
  });
  const stop = () => void cluster.stop().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  await cluster.start();
  for (const node of cluster.nodes) console.log(assignments(node));
  console.log('ready');
}

/** CP_1_ROOT='...' and CP_1_PATH='...': what has to be exported as NODE_ROOT and PATH to be on that node. */
function assignments({ name, root, path }: SimulatedNode): string {
  const prefix = name.toUpperCase().replace(/-/g, '_');
  return `${prefix}_ROOT=${quoted(root)}\n${prefix}_PATH=${quoted(path)}`;
}

function quoted(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`got ${JSON.stringify(text)}, expected a whole number.`);
  return Number(text);
}

command.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
