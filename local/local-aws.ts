import type { AccessKey } from './aws/access-keys';
import { AccessKeys } from './aws/access-keys';
import { Door } from './aws/door';
import type { CallInterceptor, EventInterceptor } from './interceptors';
import type { Usage } from './usage';
import { HttpFront } from './aws/http-front';
import type { Deployed } from './cloud-assembly/deploy';
import { deploy } from './cloud-assembly/deploy';
import { readAssembly } from './cloud-assembly/read-assembly';
import { Clock } from './clock';
import { Iam } from './iam/iam';
import { AwsForNodes } from './instance-metadata/aws-for-nodes';
import { InstanceRole } from './instance-metadata/instance-role';
import { MetadataFront } from './instance-metadata/metadata-front';
import { MetadataService } from './instance-metadata/metadata-service';
import type { BusEvent } from './eventbridge/bus-event';
import { busEvent } from './eventbridge/bus-event';
import type { AutoScalingGroup, LifecycleAction } from './services/auto-scaling/auto-scaling-service';
import type { Services } from './services/create-services';
import { createServices } from './services/create-services';
import type { PublishedMessage } from './services/sns/sns-service';
import type { Listeners } from './listeners';
import type { Node } from './nodes/node';
import type { TargetGroup } from './nodes/target-group';

export interface LocalAwsOptions extends Listeners {
  /** Folder that `cdk synth` wrote. */
  cloudAssembly: string;
  nodes: Node[];
  /** Of load balancers in front of the nodes; may grow and shrink later. Default: none. */
  targetGroups?: TargetGroup[];
  /** Variables that every Lambda function finds, such as where a stand-in of Slack is. */
  functionEnvironment?: Record<string, string> | undefined;
  /** Default: one that goes with the time of day. */
  clock?: Clock;
  /** 0 or absent: any free port of 127.0.0.1. */
  port?: number;
}

/** What answers requests from outside. */
interface Front {
  stop(): Promise<void>;
}

/** The embedded default: the synthesised app, running without an account on 127.0.0.1. */
export class LocalAws {
  private constructor(
    /** http://127.0.0.1:PORT, for AWS_ENDPOINT_URL. */
    readonly endpoint: string,
    readonly clock: Clock,
    readonly usage: Usage,
    private readonly door: Door,
    private readonly fronts: Front[],
    private readonly accessKeys: AccessKeys,
    private readonly awsForNodes: AwsForNodes,
    private readonly services: Services,
    private readonly deployed: Deployed,
  ) {}

  /**
   * Starts all services and creates the stack of the cloud assembly in them.
   * @throws AssemblyError when the assembly asks for something that the local AWS does not have; nothing is left running then.
   */
  static async start(options: LocalAwsOptions): Promise<LocalAws> {
    const assembly = await readAssembly(options.cloudAssembly);
    const { clock = new Clock() } = options;
    const usage: Usage = { stateTransitions: 0, lambdaInvocations: 0, apiCalls: {} };
    const iam = new Iam();
    const accessKeys = new AccessKeys();
    const door = new Door(iam, usage, clock);
    const front = new HttpFront(door, accessKeys);
    const metadata = new MetadataFront(new MetadataService(new InstanceRole(iam, accessKeys)));
    const fronts: Front[] = [front, metadata];
    try {
      // The endpoint has to be known first: functions and queue URLs contain it.
      const endpoint = await front.listen(options.port);
      const awsForNodes = new AwsForNodes(options.nodes, front, metadata, endpoint);
      const surroundings = { ...options, door, clock, usage, iam, accessKeys, endpoint, awsForNodes };
      const services = await createServices(surroundings);
      fronts.push(services.httpApis);
      const deployed = await deploy({
        assembly,
        iam,
        lambda: services.lambda,
        httpApis: services.httpApis,
        states: services.states,
        s3: services.s3,
        call: (service, action, input) => door.call({ service, action, input, caller: { principal: 'user' } }),
      });
      // What a person does on such a node is to find AWS there, before any command went to it.
      for (const node of options.nodes) if (node.wayToAws) await awsForNodes.environmentOf(node);
      return new LocalAws(endpoint, clock, usage, door, fronts, accessKeys, awsForNodes, services, deployed);
    } catch (error) {
      await stopAll(fronts);
      await door.stop();
      throw error;
    }
  }

  /** Physical ids of the stack's resources by their construct path, such as `Autopilot/CheckCertificates`. */
  physicalId(constructPath: string): string {
    return this.deployed.physicalId(constructPath);
  }

  /** How what runs on one of the nodes reaches this: variables that its scripts find, and that every AWS SDK knows. */
  environmentOf(node: Node): Promise<Record<string, string>> {
    return this.awsForNodes.environmentOf(node);
  }

  /** Credentials of a session of one of the stack's roles, as STS gives them to whoever assumes it. */
  assumeRole(arn: `arn:${string}`, session: string): AccessKey {
    return this.accessKeys.issue({ principal: arn, session });
  }

  /** The first interceptor added is the outermost. */
  interceptCalls(interceptor: CallInterceptor): void {
    this.door.intercept(interceptor);
  }

  /** Several interceptors see the events one after the other. */
  interceptEvents(interceptor: EventInterceptor): void {
    this.services.eventInterceptors.push(interceptor);
  }

  /** When a schedule fires next; undefined when it never will again. @throws AwsError when it does not exist. */
  nextScheduledTime(schedule: string, group: string): Date | undefined {
    return this.services.scheduler.nextTime(schedule, group);
  }

  /** Something that an AWS service tells on the default bus; a lifecycle hook that it names waits from now on. */
  happen(event: Pick<BusEvent, 'source' | 'detail-type' | 'detail'> & Partial<BusEvent>): BusEvent {
    const told = { ...busEvent(event, this.clock.now()), ...event };
    const { LifecycleHookName: hook, AutoScalingGroupName: group, LifecycleActionToken: token } = told.detail;
    if (typeof hook === 'string')
      this.services.autoScaling.waiting.push({ hook, group: String(group), token: String(token), beats: 0 });
    this.services.emit(told);
    return told;
  }

  /** Auto Scaling groups that a test says there are. */
  autoScalingGroups(): AutoScalingGroup[] {
    return this.services.autoScaling.groups;
  }

  /** The lifecycle hooks of those events, with what they were told. */
  lifecycleActions(): readonly LifecycleAction[] {
    return this.services.autoScaling.waiting;
  }

  /** Everything that was published to SNS topics, oldest first. */
  published(): PublishedMessage[] {
    return this.services.sns.published();
  }

  /** Ends everything that was started here: first no more requests, then the services' timers, workers and sockets. */
  async stop(): Promise<void> {
    await stopAll(this.fronts);
    await this.door.stop();
  }
}

async function stopAll(fronts: Front[]): Promise<void> {
  await Promise.all(fronts.map((front) => front.stop()));
}
