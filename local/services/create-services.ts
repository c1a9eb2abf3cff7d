import type { AccessKeys } from '../aws/access-keys';
import type { Door } from '../aws/door';
import type { Clock } from '../clock';
import { EventBridge } from '../eventbridge/events/event-bridge';
import { Scheduler } from '../eventbridge/scheduler/scheduler';
import type { Iam } from '../iam/iam';
import type { AwsForNodes } from '../instance-metadata/aws-for-nodes';
import type { BusEvent } from '../eventbridge/bus-event';
import type { EventInterceptor } from '../interceptors';
import type { Usage } from '../usage';
import type { Listeners } from '../listeners';
import type { Node } from '../nodes/node';
import type { TargetGroup } from '../nodes/target-group';
import { Ssm } from '../ssm/ssm';
import { StepFunctions } from '../step-functions/step-functions';
import { HttpApis } from './api-gateway/http-apis';
import { AutoScalingService } from './auto-scaling/auto-scaling-service';
import { CloudWatchService } from './cloudwatch/cloudwatch-service';
import { DynamoDbService } from './dynamodb/dynamodb-service';
import { Ec2Service } from './ec2/ec2-service';
import { ElasticLoadBalancingService } from './elastic-load-balancing/elastic-load-balancing-service';
import { LambdaService } from './lambda/lambda-service';
import { S3Service } from './s3/s3-service';
import { SnsService } from './sns/sns-service';
import { SqsService } from './sqs/sqs-service';
import { StsService } from './sts/sts-service';

export interface Surroundings extends Listeners {
  nodes: Node[];
  targetGroups?: TargetGroup[];
  functionEnvironment?: Record<string, string> | undefined;
  door: Door;
  clock: Clock;
  usage: Usage;
  iam: Iam;
  accessKeys: AccessKeys;
  endpoint: string;
  awsForNodes: AwsForNodes;
}

/** The services that somebody needs by more than their API. */
export interface Services {
  lambda: LambdaService;
  httpApis: HttpApis;
  sns: SnsService;
  scheduler: Scheduler;
  states: StepFunctions;
  s3: S3Service;
  autoScaling: AutoScalingService;
  /** Puts what AWS itself says on the default bus. */
  emit(event: BusEvent): void;
  /** Filled by LocalAws.interceptEvents. */
  eventInterceptors: EventInterceptor[];
}

/** Creates all services, connects them with each other and registers them at the door. */
export async function createServices(surroundings: Surroundings): Promise<Services> {
  const { door, clock, usage, iam, accessKeys, endpoint, nodes, awsForNodes, targetGroups = [] } = surroundings;
  const onProblem = surroundings.onProblem ?? (() => undefined);
  const problem = (what: string) => (error: unknown) => onProblem(`${what}: ${(error as Error).message}`);

  const dynamodb = new DynamoDbService();
  await dynamodb.start();

  const lambda = new LambdaService(
    {
      ...{ endpoint, accessKeys, onOutput: surroundings.onFunctionOutput ?? (() => undefined) },
      ...(surroundings.functionEnvironment && { functionEnvironment: surroundings.functionEnvironment }),
    },
    iam,
    usage,
    clock,
  );
  const sqs = new SqsService(endpoint, clock);
  const sns = new SnsService(door, clock, (arn) => sqs.urlOf(arn));
  const cloudwatch = new CloudWatchService(door, clock);

  const events = new EventBridge({
    clock,
    door,
    onLost: (event, targetArn, failure) =>
      onProblem(`The event ${event.id} (${event['detail-type']}) did not reach ${targetArn}: ${failure.message}`),
  });
  const eventInterceptors: EventInterceptor[] = [];
  events.interceptEvents((event) =>
    eventInterceptors.reduce((delivered, interceptor) => delivered.flatMap(interceptor), [event]),
  );
  /** What AWS services say goes to the default bus; CloudWatch counts from it how executions ended. */
  const emit = (event: BusEvent) => {
    events.emit(event);
    cloudwatch.observe(event).catch(problem('An alarm could not be notified'));
  };
  const ssm = new Ssm({
    nodes,
    clock,
    emit,
    agentStartedWith: (node) =>
      awsForNodes.environmentOf(node).catch((error) => {
        problem(`Scripts on ${node.name} do without AWS`)(error);
        return {};
      }),
    ...(surroundings.onNodeOutput && { onNodeOutput: surroundings.onNodeOutput }),
  });

  const states = new StepFunctions({ door, clock, emit, countTransition: () => (usage.stateTransitions += 1) });
  const scheduler = new Scheduler({
    clock,
    door,
    onLost: (arn, failure) => onProblem(`${arn} did not reach its target: ${failure.message}`),
  });

  // Stopped in this order: first what starts work, last what the work calls.
  const ec2 = new Ec2Service(nodes, clock);
  const s3 = new S3Service(clock);
  const autoScaling = new AutoScalingService();
  for (const service of [
    scheduler,
    events,
    states.service,
    ssm,
    lambda,
    sqs,
    sns,
    cloudwatch,
    ec2,
    s3,
    autoScaling,
    new ElasticLoadBalancingService(targetGroups, nodes),
    new StsService(),
    dynamodb,
  ]) {
    door.register(service);
  }
  const httpApis = new HttpApis(door, iam, accessKeys, onProblem);
  return { lambda, httpApis, sns, s3, autoScaling, emit, states, scheduler, eventInterceptors };
}
