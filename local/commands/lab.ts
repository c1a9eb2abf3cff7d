import { Command, InvalidArgumentError, Option } from 'commander';
import { spawn } from 'node:child_process';
import { DEFAULT_KUBERNETES } from '../nodes/default-kubernetes';
import { whyNoRights } from '../nodes/lab/check-host';
import { LabCluster } from '../nodes/lab/lab-cluster';
import { describeCluster } from '../nodes/lab/describe-cluster';
import { leaveAwsRunning } from './lab-aws';
import type { LabAwsFlags } from './lab-aws';
import { port } from './leave-running';

interface UpFlags {
  name: string;
  controlPlanes: number;
  workers: number;
  kubernetes: string;
  clusterConfiguration?: Record<string, unknown>;
  kubeletConfiguration?: Record<string, unknown>;
  keepFailed?: boolean;
  packagesOf?: string[];
  imagesOf?: string[];
}

interface LogFlags {
  name: string;
  unit?: string;
  lines: number;
  follow?: boolean;
}

const CLUSTER_EXAMPLE = '{"certificateValidityPeriod":"8m0s"}';
const KUBELET_EXAMPLE = '{"maxPods":20}';

const program = new Command('npm run lab --')
  .description('Real kubeadm clusters in namespaces of this machine (root on Linux; docs/lab.md).')
  .enablePositionalOptions()
  .hook('preAction', () => {
    const reason = whyNoRights();
    if (reason) throw new Error(`There is no lab here: ${reason}.`);
  });

command('up')
  .description('builds what is missing and makes the cluster, removing one of the same name first')
  .option('--control-planes <number>', 'how many, 1 to 9', wholeNumber, 3)
  .option('--workers <number>', 'how many, 0 to 50', wholeNumber, 2)
  .option('--kubernetes <version>', 'such as v1.37.2', DEFAULT_KUBERNETES)
  .option(
    '--cluster-configuration <json>',
    `fields of the ClusterConfiguration, in the place of the lab's own, such as ${CLUSTER_EXAMPLE}`,
    json(CLUSTER_EXAMPLE),
  )
  .option(
    '--kubelet-configuration <json>',
    `fields of the KubeletConfiguration, likewise, such as ${KUBELET_EXAMPLE}`,
    json(KUBELET_EXAMPLE),
  )
  .option('--packages-of <versions...>', 'others that nodes can install from the package repository, such as v1.37.2')
  .option('--images-of <versions...>', 'others that the cluster can be upgraded to: their packages and images')
  .option('--keep-failed', 'leaves what failed to come up, for logs and exec')
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
  .addOption(new Option('--all', 'all clusters of this machine').conflicts('name'))
  .action(async ({ name, all }: { name: string; all?: boolean }) => {
    const names = all ? await LabCluster.allNames() : [name];
    if (names.length === 0) console.error('There is no lab cluster.');
    for (const each of names) {
      const wasThere = await LabCluster.remove(each);
      console.error(wasThere ? `Lab cluster ${each} is gone.` : `There is no lab cluster ${each}.`);
    }
  });

command('status')
  .description('the cluster, its nodes and its load balancer')
  .action(async ({ name }: { name: string }) => console.log(await describeCluster(await LabCluster.open(name))));

command('exec <node> <command...>')
  .description('runs a command inside a node; options of the lab come before the node, all that follows is the command')
  .passThroughOptions()
  .action(async (node: string, words: string[], { name }: { name: string }) => {
    const command = words[0] === '--' ? words.slice(1) : words;
    if (!command[0] || command[0].startsWith('-')) {
      throw new RangeError(
        `Expected a command after ${node}, got ${command[0] ?? 'none'}: options of the lab come before the node, as in "exec --name lab ${node} kubectl get nodes".`,
      );
    }
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
  .option('-u, --unit <unit>', 'only this one: containerd, kubelet or init')
  .option('-n, --lines <number>', 'how many', wholeNumber, 100)
  .option('-f, --follow', 'and what comes')
  .action(async (node: string, { name, unit, lines, follow }: LogFlags) => {
    await inNode(name, node, [
      'journalctl',
      '-n',
      String(lines),
      ...(unit ? ['-u', unit] : []),
      ...(follow ? ['-f'] : []),
    ]);
  });

for (const action of ['stop', 'start', 'reboot'] as const) {
  command(`${action} <node>`)
    .description(`${action}s a node`)
    .action(async (nodeName: string, { name }: { name: string }) => {
      const node = (await LabCluster.open(name)).node(nodeName);
      await { stop: () => node.powerOff(), start: () => node.powerOn(), reboot: () => node.reboot() }[action]();
    });
}

program
  .command('aws')
  .description(
    'leaves a local AWS running over the clusters that are up, with the app deployed; every node is an EC2 instance',
  )
  .option('--name <cluster>', 'only this cluster (default: all)')
  .option('--port <number>', 'port on 127.0.0.1 (0: any free one)', port, 0)
  .action((flags: LabAwsFlags) => leaveAwsRunning(flags));

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
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

function seconds(since: number): string {
  return `${((Date.now() - since) / 1000).toFixed(1).padStart(6)} s`;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Expected a whole number up to 999999.');
  return Number(text);
}

function json(example: string): (text: string) => Record<string, unknown> {
  return (text) => {
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value && !Array.isArray(value)) return value as Record<string, unknown>;
    } catch {
      // The same mistake, and the same sentence.
    }
    throw new InvalidArgumentError(`Expected a JSON object, such as '${example}'.`);
  };
}
