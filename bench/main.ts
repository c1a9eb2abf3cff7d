import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { synthesise } from '../local/commands/synthesise';
import { measureEngine } from './engine-throughput';
import type { OperationCost, Scenario } from './operation-cost';
import { measureOperation } from './operation-cost';

const check = (controlPlanes: number): Scenario => ({
  title: 'check-certificates, warm',
  stateMachine: 'CheckCertificates',
  cluster: { controlPlanes },
  repeatable: true,
});
const renew = (title: string, cluster: Scenario['cluster']): Scenario => ({
  title: `renew-certificates, ${title}`,
  stateMachine: 'RenewCertificates',
  cluster: { controlPlanes: 3, ...cluster },
  repeatable: false,
});
const SCENARIOS = [
  check(3),
  check(10),
  check(50),
  renew('no load balancer', { loadBalancer: false }),
  renew('a load balancer that drains at once', {}),
  renew('a dead cluster with 2 workers', { dead: true, workers: 2 }),
];
const style = { head: [], border: [] };

void main();

/** Prints what operations cost, how fast the engine is, and how large the Lambda bundles are. */
async function main(): Promise<void> {
  const cloudAssembly = await mkdtemp(join(tmpdir(), 'kubeadm-autopilot-bench-assembly-'));
  try {
    await synthesise(cloudAssembly);
    const costs: [string, OperationCost][] = [];
    for (const scenario of SCENARIOS) costs.push([scenario.title, await measureOperation(cloudAssembly, scenario)]);
    console.log(`Operations\n${costTable(costs)}\n`);
    console.log(`State-machine engine\n${engineTable(await measureEngine())}\n`);
    console.log(`Lambda bundles (minified, with the AWS SDK)\n${await bundleTable(cloudAssembly)}`);
  } finally {
    await rm(cloudAssembly, { recursive: true, force: true });
  }
}

function costTable(costs: [string, OperationCost][]): string {
  const columns = [
    'nodes',
    'seconds',
    'outside scripts',
    'transitions',
    'a node',
    'Lambda',
    'a node',
    'calls',
    'a node',
  ];
  const table = new Table({
    head: ['operation', ...columns],
    style,
    colAligns: ['left', ...columns.map(() => 'right' as const)],
  });
  for (const [title, { nodes, milliseconds, outsideScripts, usage }] of costs) {
    const calls = Object.values(usage.apiCalls).reduce((sum, count) => sum + count, 0);
    table.push([
      title,
      nodes,
      (milliseconds / 1000).toFixed(1),
      `${((outsideScripts / milliseconds) * 100).toFixed(0)} %`,
      ...[usage.stateTransitions, usage.lambdaInvocations, calls].flatMap((count) => [
        count,
        (count / nodes).toFixed(1),
      ]),
    ]);
  }
  return table.toString();
}

function engineTable(rows: Awaited<ReturnType<typeof measureEngine>>): string {
  const table = new Table({
    head: ['state machine', 'transitions', 'transitions a second', 'compared with Pass'],
    style,
    colAligns: ['left', 'right', 'right', 'right'],
  });
  const slowest = rows[0]!.perSecond;
  for (const { name, transitions, perSecond } of rows)
    table.push([name, transitions, Math.round(perSecond), (perSecond / slowest).toFixed(2)]);
  return table.toString();
}

async function bundleTable(cloudAssembly: string): Promise<string> {
  const table = new Table({ head: ['function', 'KiB'], style, colAligns: ['left', 'right'] });
  const template = (await import(join(cloudAssembly, 'Autopilot.template.json'))) as {
    Resources: Record<string, { Type: string; Properties: { Code?: { S3Key: string } } }>;
  };
  const functions = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::Lambda::Function');
  for (const [logicalId, { Properties }] of functions) {
    const bundle = join(cloudAssembly, `asset.${Properties.Code!.S3Key.replace('.zip', '')}`, 'index.js');
    // CDK ends a logical id with eight digits of a hash.
    table.push([logicalId.replace(/[0-9A-F]{8}$/, ''), Math.round((await stat(bundle)).size / 1024)]);
  }
  return table.toString();
}
