/**
 * Who calls: a person or tool with the rights of the account (`user`), the app under one of its synthesised roles, or an AWS
 * service in its own name, such as EventBridge that invokes a Lambda function.
 */
export interface Caller {
  /**
   * ARN of the IAM role; `user` for callers from outside the app, who may do everything; or a service principal such as
   * `events.amazonaws.com`, which may do only what a policy on the resource allows (a Lambda permission, a queue's policy).
   */
  principal: 'user' | `arn:${string}` | `${string}.amazonaws.com`;
  /** Session name in the assumed role's ARN, such as the function's name; appears in AccessDenied messages. */
  session?: string;
  /** For a service principal: ARN of the rule, topic ... on whose behalf it calls (condition key `aws:SourceArn`). */
  sourceArn?: string;
}

/** A call as AWS knows it, whichever protocol it came by: input and output use the member names of the AWS SDK for JavaScript. */
export interface AwsCall {
  /** IAM's service prefix: ssm, states, events, scheduler, ec2, elasticloadbalancing, dynamodb, sns, sqs, cloudwatch, lambda, s3, sts. */
  service: string;
  /** API action, such as SendCommand. */
  action: string;
  input: Record<string, unknown>;
  caller: Caller;
}

export type AwsOutput = Record<string, unknown>;

/** An error as the API answers it; `code` is what an SDK client sees as `error.name` (without "Exception" where AWS has none). */
export class AwsError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
    this.name = code;
  }
}

/** One thing that IAM has to allow for a call: a call may need several (SendCommand: the document and each instance). */
export interface Permission {
  /** Such as `ssm:SendCommand`. */
  action: string;
  resource: string;
  /** Values of condition keys that policies may test, such as `ssm:resourceTag/kubeadm-autopilot:cluster`. */
  conditionKeys?: Record<string, string>;
}

/** One API action of a service. */
export interface AwsAction {
  /** What IAM must allow; default: `<service>:<action>` on `*`. May look things up, but changes nothing. */
  permissions?(input: Record<string, unknown>): Permission[];
  run(input: Record<string, unknown>, caller: Caller): Promise<AwsOutput>;
}

export interface AwsService {
  /** IAM's service prefix. */
  name: string;
  actions: Record<string, AwsAction>;
  /** Ends timers, child processes and sockets of this service. */
  stop?(): Promise<void>;
}

/** The one door to all services: checks IAM, counts the call, runs it. HTTP front, state machines and schedules all go through it. */
export interface AwsDoor {
  call(call: AwsCall): Promise<AwsOutput>;
}

export const REGION = 'eu-central-1';
export const ACCOUNT = '000000000000';
