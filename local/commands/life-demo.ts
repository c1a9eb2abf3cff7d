import { setTimeout as delay } from 'node:timers/promises';
import pc from 'picocolors';
import { LocalAws } from '../local-aws';
import type { Node } from '../nodes/node';
import { ScriptedCluster, type ScriptedClusterOptions } from '../nodes/scripted/scripted-cluster';
import { targetGroupArn } from '../services/elastic-load-balancing/target-groups';
import { VirtualClock } from '../virtual-clock';
import { commandLine, type } from './command-line';
import type { CleanUp } from './interrupt';
import { temporaryFolder } from './start-local-cluster';
import { synthesiseFor } from './synthesise-for';

const CLUSTER = 'demo';
const YEAR_SECONDS = 365 * 24 * 3600;

/** What is played: commands as a person types them, and machines that are launched between them. */
interface Story {
  nodes: Partial<ScriptedClusterOptions>;
  /** More in the section kubernetes of its settings. */
  kubernetes?: object;
  /** Launched in the middle of the story. */
  later: string[];
  /** `undefined`: now those machines are launched. */
  commands: (string | undefined)[];
}

export const STORIES = {
  create: {
    nodes: { controlPlanes: 3, workers: 3, bare: true },
    later: ['worker-3'],
    commands: [
      'preflight demo',
      'plan create demo',
      'create demo --yes',
      undefined,
      'join demo worker-3 --yes',
      'status demo',
    ],
  },
  upgrade: {
    nodes: { controlPlanes: 3, workers: 3, version: '1.36.3', groups: ['blue', 'green'] },
    later: [],
    commands: ['plan upgrade demo 1.37.2', 'upgrade demo 1.37.2 --yes', 'status demo'],
  },
  reconfigure: {
    nodes: { controlPlanes: 3, workers: 3, version: '1.37.2' },
    later: [],
    kubernetes: { extraArgs: { apiServer: [{ name: 'audit-log-maxage', value: '30' }] }, kubelet: { maxPods: 50 } },
    commands: ['plan reconfigure demo', 'reconfigure demo --yes', 'status demo'],
  },
} satisfies Record<string, Story>;
export type StoryName = keyof typeof STORIES;

/** Plays a part of a cluster's life by the command line, on nodes that answer from memory: time passes as fast as nothing has to be waited for. */
export async function playLife(cleanUp: CleanUp, name: StoryName): Promise<void> {
  const story: Story = STORIES[name];
  const folder = await temporaryFolder(cleanUp);
  console.log(pc.dim('synthesising the CDK app and starting the local AWS ...'));
  const clock = new VirtualClock();
  const cluster = new ScriptedCluster({
    ...{ name: CLUSTER, controlPlanes: 3, leafSeconds: YEAR_SECONDS, clock },
    ...story.nodes,
  });
  const nodes: Node[] = cluster.nodes.filter((node) => !story.later.includes(node.name));
  const aws = await LocalAws.start({
    cloudAssembly: await synthesiseFor([CLUSTER], folder),
    ...{ nodes, clock, targetGroups: cluster.targetGroup ? [cluster.targetGroup] : [] },
  });
  cleanUp.add(() => aws.stop());
  cleanUp.add(passTime(aws, clock));

  const io = await commandLine(aws, {
    cluster: CLUSTER,
    loadBalancer: { settleSeconds: 1 },
    kubernetes: { ...settings(cluster), ...story.kubernetes },
  });
  for (const command of story.commands) {
    if (command === undefined) {
      nodes.push(...cluster.nodes.filter((node) => story.later.includes(node.name)));
      console.log(`\n${pc.dim(`${story.later.join(', ')} is launched.`)}`);
      continue;
    }
    await type(io, command);
  }
}

/** Lets time pass while something runs, and not until the next schedule. @returns what ends that */
function passTime(aws: LocalAws, clock: VirtualClock): () => Promise<void> {
  const running = new Set<string>();
  aws.interceptEvents((event) => {
    if (event['detail-type'] === 'Step Functions Execution Status Change') {
      const { executionArn, status } = event.detail as { executionArn: string; status: string };
      if (status === 'RUNNING') running.add(executionArn);
      else running.delete(executionArn);
    }
    return [event];
  });
  let isOver = false;
  const passing = (async () => {
    for (; !isOver; await delay(20)) await clock.passUntil(() => isOver || running.size === 0);
  })();
  return async () => {
    isOver = true;
    await passing;
  };
}

/** As the section `kubernetes` of clusters/demo.yaml. */
const settings = ({ targetGroup }: ScriptedCluster) => ({
  ...{ version: '1.37.2', endpoint: 'api.demo.internal:6443', podSubnet: '10.244.0.0/16' },
  targetGroups: targetGroup ? [targetGroupArn(targetGroup)] : [],
});
