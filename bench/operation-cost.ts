import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { followExecution } from '../local/commands/watch-execution';
import { LocalAws } from '../local/local-aws';
import type { Usage } from '../local/usage';
import { SimulatedCluster } from '../local/nodes/simulated/simulated-cluster';
import type { SimulatedClusterOptions } from '../local/nodes/simulated/simulated-cluster';
import { ScriptTimes } from './measured-node';

/** An operation, and a simulated cluster of its own for it, alone in an app of its own. */
export interface Scenario {
  title: string;
  stateMachine: 'CheckCertificates' | 'RenewCertificates';
  cluster: Omit<SimulatedClusterOptions, 'folder' | 'name'>;
  /** It changes nothing, so it can be run once before it is measured, with which Lambda functions are warm. */
  repeatable: boolean;
}

export interface OperationCost {
  nodes: number;
  /** Wall time of the whole operation, and the part of it in which no script was running on any node. */
  milliseconds: number;
  outsideScripts: number;
  usage: Usage;
}

export async function measureOperation(cloudAssembly: string, scenario: Scenario): Promise<OperationCost> {
  const folder = await mkdtemp(join(tmpdir(), 'kubeadm-autopilot-bench-'));
  const cluster = await SimulatedCluster.create({ ...scenario.cluster, folder, name: 'demo' });
  const times = new ScriptTimes();
  let aws: LocalAws | undefined;
  try {
    await cluster.start();
    const nodes = times.measure(cluster.nodes);
    const targetGroups = cluster.targetGroup ? [cluster.targetGroup] : [];
    aws = await LocalAws.start({ cloudAssembly, nodes, targetGroups });
    const sfn = new SFNClient({
      endpoint: aws.endpoint,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    });
    const stateMachineArn = aws.physicalId(`Autopilot/${scenario.stateMachine}`);
    const run = async () => {
      const before = structuredClone(aws!.usage);
      times.take();
      const started = performance.now();
      const { executionArn } = await sfn.send(
        new StartExecutionCommand({ stateMachineArn, input: '{"cluster":"demo"}' }),
      );
      // Only the end is asked for, and calls of the app alone are counted: the bench's own would count as well.
      const end = await followExecution(sfn, executionArn!, () => undefined);
      if (end.status !== 'SUCCEEDED') throw new Error(`${scenario.title} ended with ${end.status}: ${end.cause}`);
      const milliseconds = performance.now() - started;
      return { milliseconds, outsideScripts: milliseconds - times.take(), usage: difference(before, aws!.usage) };
    };
    if (scenario.repeatable) await run();
    return { nodes: nodes.length, ...(await run()) };
  } finally {
    await aws?.stop();
    await cluster.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const OF_THE_BENCH = ['states:DescribeExecution', 'states:GetExecutionHistory'];

function difference(before: Usage, after: Usage): Usage {
  const calls = Object.entries(after.apiCalls)
    .map(([name, count]) => [name, count - (before.apiCalls[name] ?? 0)] as const)
    .filter(([name, count]) => count > 0 && !OF_THE_BENCH.includes(name));
  return {
    stateTransitions: after.stateTransitions - before.stateTransitions,
    lambdaInvocations: after.lambdaInvocations - before.lambdaInvocations,
    apiCalls: Object.fromEntries(calls),
  };
}
