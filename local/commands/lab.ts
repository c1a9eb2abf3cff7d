import { Command, InvalidArgumentError } from 'commander';
import { spawn } from 'node:child_process';
import { LabCluster } from '../nodes/lab/lab-cluster';
import { describeCluster } from '../nodes/lab/describe-cluster';

interface UpFlags {
  name: string;
  controlPlanes: number;
  workers: number;
  kubernetes: string;
  clusterConfiguration?: Record<string, unknown>;
  kubeletConfiguration?: Record<string, unknown>;
  allowCgroupV1?: boolean;
  keepFailed?: boolean;
}

interface LogFlags {
  name: string;
  unit?: string;
  lines: string;
  follow?: boolean;
}

const program = new Command('npm run lab --')
  .description('Real kubeadm clusters in namespaces of this machine (root on Linux; docs/lab.md).')
  .enablePositionalOptions();

command('up')
  .description('builds what is missing and makes the cluster, removing one of the same name first')
  .option('--control-planes <number>', 'how many', wholeNumber, 3)
  .option('--workers <number>', 'how many', wholeNumber, 2)
  .option('--kubernetes <version>', 'such as v1.34.4', 'v1.34.4')
  .option(
    '--cluster-configuration <json>',
    'merged into the ClusterConfiguration, such as \'{"certificateValidityPeriod":"8m0s"}\'',
    json,
  )
  .option('--kubelet-configuration <json>', 'merged into the KubeletConfiguration', json)
  .option('--keep-failed', 'leaves what failed to come up, for logs and exec')
  .option('--allow-cgroup-v1', 'lets Kubernetes 1.35 and newer run on cgroup v1')
  .action(async ({ kubernetes, ...options }: UpFlags) => {
    const started = Date.now();
    const onProgress = (what: string): void => console.error(`${seconds(started)} ${what}`);
    const cluster = await LabCluster.up({
      kubernetesVersion: kubernetes,
      ...options,
      endWithOwner: false,
      onProgress,
    });
    console.error(`${seconds(started)} ready`);
    console.log(await describeCluster(cluster));
  });

command('down')
  .description('removes the cluster and everything of it')
  .option('--all', 'all clusters')
  .action(async ({ name, all }: { name: string; all?: boolean }) => {
    for (const each of all ? await LabCluster.names() : [name]) await LabCluster.remove(each);
  });

command('status')
  .description('the cluster, its nodes and its load balancer')
  .action(async ({ name }: { name: string }) => console.log(await describeCluster(await LabCluster.open(name))));

command('exec <node> <command...>')
  .description('runs a command inside a node')
  .passThroughOptions()
  .action(async (node: string, command: string[], { name }: { name: string }) => {
    const shell = [
      '/usr/bin/env',
      'HOME=/root',
      `TERM=${process.env.TERM ?? 'dumb'}`,
      'KUBECONFIG=/etc/kubernetes/admin.conf',
    ];
    await inNode(name, node, [...shell, ...command]);
  });

command('logs <node>')
  .description('the journal of a node: containerd, kubelet and its init')
  .option('-u, --unit <unit>', 'only this one')
  .option('-n, --lines <number>', 'how many', '100')
  .option('-f, --follow', 'and what comes')
  .action(async (node: string, { name, unit, lines, follow }: LogFlags) => {
    await inNode(name, node, ['journalctl', '-n', lines, ...(unit ? ['-u', unit] : []), ...(follow ? ['-f'] : [])]);
  });

for (const action of ['stop', 'start', 'reboot'] as const) {
  command(`${action} <node>`)
    .description(`${action}s a node`)
    .action(async (nodeName: string, { name }: { name: string }) => {
      const node = (await LabCluster.open(name)).node(nodeName);
      await { stop: () => node.powerOff(), start: () => node.powerOn(), reboot: () => node.reboot() }[action]();
    });
}

program.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});

function command(usage: string): Command {
  return program.command(usage).option('--name <cluster>', 'which cluster', 'lab');
}

async function inNode(cluster: string, nodeName: string, command: string[]): Promise<void> {
  const node = (await LabCluster.open(cluster)).node(nodeName);
  const [program, ...args] = node.commandInside(command);
  const child = spawn(program!, args, { stdio: 'inherit' });
  process.exitCode = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

function seconds(since: number): string {
  return `${((Date.now() - since) / 1000).toFixed(1).padStart(6)} s`;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,2}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

function json(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new InvalidArgumentError('Expected JSON, such as \'{"certificateValidityPeriod":"8m0s"}\'.');
  }
}
