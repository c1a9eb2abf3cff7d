export const TARGET_STATES = ['initial', 'healthy', 'unhealthy', 'draining', 'unused'] as const;
export type TargetState = (typeof TARGET_STATES)[number];

/** One target as Elastic Load Balancing describes it. */
export interface Target {
  /** Instance id, or IP address in a group of addresses. */
  id: string;
  port: number;
  state: TargetState;
  /** AWS's code, such as Target.FailedHealthChecks; absent when it is healthy. */
  reason?: string;
}

/**
 * A load balancer's list of targets, as the local AWS shows it: the simulated cluster's or the lab's. A target that has left is
 * `draining` for a while, and then no longer listed; from the moment when it leaves it gets no new connection.
 */
export interface TargetGroup {
  /** 1 to 32 letters, digits and hyphens; each is there once. */
  readonly name: string;
  readonly protocol: 'TCP' | 'TLS' | 'UDP' | 'TCP_UDP' | 'HTTP' | 'HTTPS';
  /** Where targets are registered that name no port of their own. */
  readonly port: number;
  readonly targetType: 'instance' | 'ip';
  /** Default: the one that all nodes are in. */
  readonly vpcId?: string;
  /** false: no load balancer has it, so its targets are `unused`. */
  readonly isInUse: boolean;
  /** Its attribute deregistration_delay.timeout_seconds: how long a target that has left is `draining`. Default: 300, as in AWS. */
  readonly deregistrationSeconds?: number;
  targets(): Promise<Target[]>;
  /** Again for one that is registered: nothing changes. */
  register(id: string, port: number): Promise<void>;
  /** One that is not registered: nothing changes. */
  deregister(id: string, port: number): Promise<void>;
}

/** Reasons in the words of Elastic Load Balancing (API_TargetHealth). */
export const REASONS: Record<Exclude<TargetState, 'healthy'>, string> = {
  initial: 'Elb.RegistrationInProgress',
  unhealthy: 'Target.FailedHealthChecks',
  draining: 'Target.DeregistrationInProgress',
  unused: 'Target.NotInUse',
};

/** What a cluster's group is called: a group's name has no more than 32 characters. */
export const targetGroupName = (cluster: string): string => `${cluster.slice(0, 28).replace(/-+$/, '')}-api`;
