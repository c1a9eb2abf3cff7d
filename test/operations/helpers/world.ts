import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { AwsCall } from '../../../local/aws/aws-call';
import type { BusEvent } from '../../../local/eventbridge/bus-event';
import type { CallInterceptor, EventInterceptor } from '../../../local/interceptors';
import { LocalAws, type LocalAwsOptions } from '../../../local/local-aws';
import type { Node } from '../../../local/nodes/node';
import type { TargetGroup } from '../../../local/nodes/target-group';
import type { ScriptedClusterOptions } from '../../../local/nodes/scripted/scripted-cluster';
import { ScriptedCluster } from '../../../local/nodes/scripted/scripted-cluster';
import type { SimulatedClusterOptions } from '../../../local/nodes/simulated';
import { SimulatedCluster } from '../../../local/nodes/simulated';
import { Clock } from '../../../local/clock';
import { VirtualClock } from '../../../local/virtual-clock';
import { mistakesOf } from '../../helpers/event-schemas';
import { cloudAssembly } from '../../helpers/synth';

export const DAY = 24 * 3600;
export type Machine =
  | 'check-certificates'
  | 'renew-certificates'
  | 'back-up-etcd'
  | 'upgrade'
  | 'create-cluster'
  | 'join-node'
  | 'remove-node'
  | 'replace-node'
  | 'lifecycle-event'
  | 'reconfigure'
  | 'upgrade-workers'
  | 'upgrade-worker'
  | 'uncordon-nodes'
  | 'run-on-nodes';

/** JSON that only the test at hand knows the shape of. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Loose = any;

/** How an execution ended. */
export interface Ended {
  arn: string;
  name: string;
  status: string;
  output: Loose;
  error?: string | undefined;
  cause?: string | undefined;
}

export interface ClusterOptions extends Omit<SimulatedClusterOptions, 'folder' | 'name'> {
  /** Before the nodes are powered on. */
  prepare?(cluster: SimulatedCluster): void;
}

export interface NodeLine {
  node: string;
  document: string;
  line: string;
}

const PATHS: Record<Machine, string> = {
  'check-certificates': 'Autopilot/CheckCertificates',
  'renew-certificates': 'Autopilot/RenewCertificates',
  'back-up-etcd': 'Autopilot/BackUpEtcd',
  upgrade: 'Autopilot/Upgrade',
  'remove-node': 'Autopilot/RemoveNode',
  'replace-node': 'Autopilot/ReplaceNode',
  'lifecycle-event': 'Autopilot/LifecycleEvents/StateMachine',
  reconfigure: 'Autopilot/Reconfigure',
  'create-cluster': 'Autopilot/CreateCluster',
  'join-node': 'Autopilot/JoinNode',
  'upgrade-workers': 'Autopilot/UpgradeWorkers',
  'upgrade-worker': 'Autopilot/UpgradeWorker',
  'uncordon-nodes': 'Autopilot/UncordonNodes',
  'run-on-nodes': 'Autopilot/RunOnNodes',
};
/** Last event of an execution that waits for the clock: in a Wait state, between two attempts of a task, or in a Wait state gone on with. */
const WAITS_FOR_CLOCK = [
  ...['WaitStateEntered', 'TaskFailed', 'TaskTimedOut'],
  ...['ExecutionRedriven', 'MapIterationStarted', 'MapStateStarted'],
];
const KUBELET = ['kubelet-client', 'kubelet-serving'];

/** The synthesised app on the local AWS, and clusters that may come while it runs: all of them simulated, or all scripted. */
export class World {
  /** What a test wants to happen with calls of the app, or with events; undefined: nothing. */
  onCall?: CallInterceptor | undefined;
  onEvent?: EventInterceptor | undefined;
  onLine?: ((line: NodeLine) => void) | undefined;
  /** Calls of the app that were let through to a service, and events, oldest first. */
  readonly calls: AwsCall[] = [];
  readonly events: BusEvent[] = [];
  /** What of the app's own events is not as docs/events/ says. */
  private readonly mistakenEvents: string[] = [];
  /** What the app's scripts printed on nodes. */
  readonly lines: NodeLine[] = [];
  /** What went wrong without anybody's hearing of it. */
  readonly problems: string[] = [];
  /** What the app's Lambda functions logged. */
  readonly logs: string[] = [];
  private readonly clusters: SimulatedCluster[] = [];
  /** Machine of each execution that runs, by ARN; as events tell it, which costs no call. */
  private readonly running = new Map<string, string>();

  private constructor(
    readonly aws: LocalAws,
    readonly nodes: Node[],
    readonly targetGroups: TargetGroup[],
    readonly folder: string,
    readonly sfn: SFNClient,
    readonly dynamodb: DynamoDBClient,
    readonly ssm: SSMClient,
  ) {}

  /** For scripted clusters: the clock moves by itself. @param change edits a copy of the template before it is deployed */
  static startScripted(
    change?: (template: Loose) => void,
    options: Pick<LocalAwsOptions, 'functionEnvironment'> = {},
  ): Promise<World> {
    const clock = new VirtualClock();
    clock.moveTo(afterTheSchedule());
    return World.start(change, clock, options);
  }

  /** For simulated clusters. @param change edits a copy of the template before it is deployed */
  static async start(
    change?: (template: Loose) => void,
    clock = new Clock(),
    options: Pick<LocalAwsOptions, 'functionEnvironment'> = {},
  ): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), 'operations-'));
    const nodes: Node[] = [];
    const targetGroups: TargetGroup[] = [];
    const lines: NodeLine[] = [];
    const problems: string[] = [];
    const logs: string[] = [];
    const itself: { world?: World } = {};
    const aws = await LocalAws.start({
      ...options,
      cloudAssembly: changed(cloudAssembly(), join(folder, 'cdk.out'), change),
      nodes,
      targetGroups,
      clock,
      onProblem: (sentence) => problems.push(sentence),
      onFunctionOutput: (_name, line) => logs.push(line),
      onNodeOutput: (node, { line, document }) => {
        const told = { node: node.name, document: document.replace('kubeadm-autopilot-', ''), line };
        lines.push(told);
        itself.world?.onLine?.(told);
      },
    });
    const client = {
      endpoint: aws.endpoint,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    };
    const world = new World(
      aws,
      nodes,
      targetGroups,
      folder,
      new SFNClient(client),
      new DynamoDBClient(client),
      new SSMClient(client),
    );
    Object.assign(world, { lines, problems, logs });
    itself.world = world;
    world.listen();
    return world;
  }

  private listen(): void {
    this.aws.interceptCalls(async (call, next) => {
      const run = () => {
        this.calls.push(call);
        return next();
      };
      return this.onCall ? this.onCall(call, run) : run();
    });
    this.aws.interceptEvents((event) => {
      this.events.push(event);
      this.mistakenEvents.push(...mistakesOf(event));
      if (event['detail-type'] === 'Step Functions Execution Status Change') this.noteStatus(event.detail);
      return this.onEvent ? this.onEvent(event) : [event];
    });
  }

  private noteStatus({ executionArn, stateMachineArn, status }: Loose): void {
    if (status === 'RUNNING') this.running.set(executionArn, stateMachineArn);
    else this.running.delete(executionArn);
  }

  async stop(): Promise<void> {
    this.onCall = this.onEvent = this.onLine = undefined;
    for (const client of [this.sfn, this.dynamodb, this.ssm]) client.destroy();
    await this.aws.stop();
    await Promise.all(this.clusters.map((cluster) => cluster.stop()));
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
    if (this.mistakenEvents.length > 0)
      throw new Error(`Events do not match docs/events/: ${this.mistakenEvents.join('; ')}`);
  }

  /** A started cluster, one control plane and 12 days left unless told otherwise. */
  async cluster(name: string, { prepare, ...options }: ClusterOptions = {}): Promise<SimulatedCluster> {
    const cluster = await SimulatedCluster.create({
      name,
      controlPlanes: 1,
      leafSeconds: 12 * DAY,
      validity: kubeletsAreWell,
      ...options,
      folder: join(this.folder, name),
    });
    this.clusters.push(cluster);
    this.nodes.push(...cluster.nodes);
    if (cluster.targetGroup) this.targetGroups.push(cluster.targetGroup);
    prepare?.(cluster);
    await cluster.start();
    return cluster;
  }

  /** A scripted cluster, one control plane and 12 days left unless told otherwise. */
  scriptedCluster(name: string, options: Partial<ScriptedClusterOptions> = {}): ScriptedCluster {
    const cluster = new ScriptedCluster({
      name,
      controlPlanes: 1,
      leafSeconds: 12 * DAY,
      validity: kubeletsAreWell,
      ...options,
      clock: this.aws.clock,
    });
    this.nodes.push(...cluster.nodes);
    if (cluster.targetGroup) this.targetGroups.push(cluster.targetGroup);
    return cluster;
  }

  machineArn(machine: Machine): string {
    return this.aws.physicalId(PATHS[machine]);
  }

  async definition(machine: Machine): Promise<Loose> {
    const { definition } = await this.sfn.send(
      new DescribeStateMachineCommand({ stateMachineArn: this.machineArn(machine) }),
    );
    return JSON.parse(definition!);
  }

  /** Changes the definition for this test file only: for limits that a test cannot wait for. */
  async redefine(machine: Machine, change: (definition: Loose) => void): Promise<void> {
    const definition = await this.definition(machine);
    change(definition);
    await this.sfn.send(
      new UpdateStateMachineCommand({
        stateMachineArn: this.machineArn(machine),
        definition: JSON.stringify(definition),
      }),
    );
  }

  async start(machine: Machine, input: unknown, name?: string): Promise<string> {
    const { executionArn } = await this.sfn.send(
      new StartExecutionCommand({
        stateMachineArn: this.machineArn(machine),
        input: typeof input === 'string' ? input : JSON.stringify(input),
        name,
      }),
    );
    return executionArn!;
  }

  /** Starts an operation and waits for its end. */
  async run(machine: Machine, input: unknown, name?: string): Promise<Ended> {
    return this.end(await this.start(machine, input, name));
  }

  async describe(arn: string): Promise<Ended> {
    const { name, status, output, error, cause } = await this.sfn.send(
      new DescribeExecutionCommand({ executionArn: arn }),
    );
    return { arn, name: name!, status: status!, output: output && JSON.parse(output), error, cause };
  }

  /** Waits for an execution's end; moves the clock whenever somebody waits for nothing else. */
  async end(arn: string): Promise<Ended> {
    if (this.aws.clock instanceof VirtualClock) await this.passUntil(() => !this.running.has(arn));
    for (let polls = 1, moved = false; this.running.has(arn); polls++) {
      // Asked less often: it costs several calls.
      if (moved || polls % 4 === 0) moved = await this.hurry();
      await delay(100);
    }
    return this.describe(arn);
  }

  /** As `end`, and never moves the clock: real nodes need the time that a step may take. */
  async endUnhurried(arn: string): Promise<Ended> {
    while (this.running.has(arn)) await delay(500);
    return this.describe(arn);
  }

  /** Lets time pass, where all clusters are scripted, until the condition holds; it is looked at before each move of the clock. */
  async passUntil(isOver: () => boolean | Promise<boolean>): Promise<void> {
    await (this.aws.clock as VirtualClock).passUntil(isOver);
  }

  /** Lets time pass while a call or a step is held up for `act`: see VirtualClock.despite. */
  async despite<T>(works: number, act: () => Promise<T>): Promise<T> {
    return (this.aws.clock as VirtualClock).despite(works, act);
  }

  /** As `end`, and fails with the execution's own words when it did not succeed. */
  async succeeded(arn: string): Promise<Ended> {
    const ended = await this.end(arn);
    if (ended.status !== 'SUCCEEDED')
      throw new Error(`${ended.name} ended with ${ended.status}: ${ended.error}: ${ended.cause}`);
    return ended;
  }

  async runWell(machine: Machine, input: unknown, name?: string): Promise<Ended> {
    return this.succeeded(await this.start(machine, input, name));
  }

  /** @returns whether somebody waited for the clock, which then was moved */
  private async hurry(): Promise<boolean> {
    for (const arn of this.running.keys()) {
      const [last] = await this.history(arn, 1);
      if (!WAITS_FOR_CLOCK.includes(last?.type ?? '')) continue;
      this.aws.clock.advance(10_000);
      return true;
    }
    return false;
  }

  /** ARNs of those that run, the latest first. */
  runningOf(machine: Machine): string[] {
    return [...this.running].flatMap(([arn, of]) => (of === this.machineArn(machine) ? [arn] : [])).reverse();
  }

  /** ARNs, the latest first. */
  async executions(machine: Machine): Promise<string[]> {
    const { executions = [] } = await this.sfn.send(
      new ListExecutionsCommand({ stateMachineArn: this.machineArn(machine), maxResults: 1000 }),
    );
    return executions.map(({ executionArn }) => executionArn!);
  }

  /** The latest events first. */
  async history(arn: string, maxResults = 1000): Promise<HistoryEvent[]> {
    const { events = [] } = await this.sfn.send(
      new GetExecutionHistoryCommand({ executionArn: arn, maxResults, reverseOrder: true }),
    );
    return events;
  }

  /** Names of the states that an execution entered, in order. */
  async entered(arn: string): Promise<string[]> {
    const events = await this.history(arn);
    return events.reverse().flatMap(({ stateEnteredEventDetails: details }) => (details?.name ? [details.name] : []));
  }

  async stopExecution(arn: string): Promise<void> {
    await this.sfn.send(new StopExecutionCommand({ executionArn: arn }));
  }

  async redrive(arn: string): Promise<void> {
    await this.sfn.send(new RedriveExecutionCommand({ executionArn: arn }));
  }

  get lockTable(): string {
    return this.aws.physicalId('Autopilot/Lock/Table');
  }

  /** Whose execution holds a cluster's lock. */
  async lockHolder(cluster: string): Promise<string | undefined> {
    const { Item: item } = await this.dynamodb.send(
      new GetItemCommand({ TableName: this.lockTable, Key: { cluster: { S: cluster } }, ConsistentRead: true }),
    );
    return item?.['holder']?.S;
  }

  /** As an execution leaves it behind that never gave it back. */
  async putLock(cluster: string, holder: string): Promise<void> {
    const item = { cluster, holder, operation: 'renew-certificates', since: '2026-01-02T03:04:05Z' };
    await this.dynamodb.send(
      new PutItemCommand({
        TableName: this.lockTable,
        Item: Object.fromEntries(Object.entries(item).map(([name, text]) => [name, { S: text }])),
      }),
    );
  }

  async deleteLock(cluster: string): Promise<void> {
    await this.dynamodb.send(new DeleteItemCommand({ TableName: this.lockTable, Key: { cluster: { S: cluster } } }));
  }

  /** What a cluster's operation has taken out of its load balancer and not put back yet. */
  async loadBalancerRecord(cluster: string): Promise<Loose> {
    const key = { cluster: { S: `${cluster}/load-balancer` } };
    const { Item: item } = await this.dynamodb.send(
      new GetItemCommand({ TableName: this.lockTable, Key: key, ConsistentRead: true }),
    );
    return item?.['turn']?.S && JSON.parse(item['turn'].S);
  }

  /** The item in which an execution's approval is kept. */
  async approval(arn: string) {
    const TableName = this.aws.physicalId('Autopilot/Approvals');
    return this.dynamodb.send(new GetItemCommand({ TableName, Key: { id: { S: `approval/${arn}` } } }));
  }

  async sendTaskSuccess(taskToken: string): Promise<void> {
    await this.sfn.send(new SendTaskSuccessCommand({ taskToken, output: '{}' }));
  }

  /** Commands that were sent, as `document to node, node`. */
  sent(since = 0): string[] {
    return this.calls
      .slice(since)
      .filter(({ service, action }) => service === 'ssm' && action === 'SendCommand')
      .map(({ input }) => {
        const ids = input['InstanceIds'] as string[];
        const names = ids.map((id) => this.nodes.find(({ instanceId }) => instanceId === id)?.name ?? id);
        return `${String(input['DocumentName']).replace('kubeadm-autopilot-', '')} to ${names.sort().join(', ')}`;
      });
  }

  /** What the app put on its own bus, as `[detail type, detail]`. */
  onBus(since = 0): [string, Loose][] {
    return this.events
      .slice(since)
      .filter(({ source }) => source === 'kubeadm-autopilot')
      .map((event) => [event['detail-type'], event.detail]);
  }
}

/** The kubelet sees to its own. */
const kubeletsAreWell = (_node: string, certificate: string) =>
  KUBELET.includes(certificate) ? { notAfter: 365 * DAY } : undefined;

/** The next 04:00 UTC: most of a day until a schedule fires. */
function afterTheSchedule(): Date {
  const time = new Date(Date.now() + DAY * 1000);
  time.setUTCHours(4, 0, 0, 0);
  return time;
}

/** A cloud assembly with another template; the one given when nothing is to be changed. */
function changed(assembly: string, copy: string, change?: (template: Loose) => void): string {
  if (!change) return assembly;
  cpSync(assembly, copy, { recursive: true });
  const file = join(copy, 'Autopilot.template.json');
  const template = JSON.parse(readFileSync(file, 'utf8'));
  change(template);
  writeFileSync(file, JSON.stringify(template));
  return copy;
}

/** Polls in real time; the sentence says what did not come to pass. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  seconds = 300,
): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`Not within ${seconds} s: ${what}`);
    await delay(50);
  }
}
