import type { Target, TargetGroup, TargetState } from '../../../local/nodes/target-group';

/** A target group without a load balancer behind it: its targets are as they are set. One that leaves is gone at once. */
export class TestTargetGroup implements TargetGroup {
  readonly protocol: TargetGroup['protocol'];
  readonly port = 6443;
  readonly targetType: TargetGroup['targetType'];
  readonly isInUse: boolean;
  readonly vpcId?: string;
  private readonly states = new Map<string, TargetState>();

  constructor(
    readonly name: string,
    options: Partial<Pick<TargetGroup, 'protocol' | 'targetType' | 'isInUse' | 'vpcId'>> = {},
  ) {
    this.protocol = options.protocol ?? 'TCP';
    this.targetType = options.targetType ?? 'instance';
    this.isInUse = options.isInUse ?? true;
    if (options.vpcId) this.vpcId = options.vpcId;
  }

  set(id: string, state: TargetState, port = this.port): this {
    this.states.set(`${id}:${port}`, state);
    return this;
  }

  /** `id:port state` of each, in order. */
  get listed(): string[] {
    return [...this.states].map(([target, state]) => `${target} ${state}`);
  }

  async targets(): Promise<Target[]> {
    return [...this.states].map(([target, state]) => {
      const [id, port] = target.split(':') as [string, string];
      return { id, port: Number(port), state, ...(state !== 'healthy' && { reason: 'Target.FailedHealthChecks' }) };
    });
  }

  async register(id: string, port: number): Promise<void> {
    if (!this.states.has(`${id}:${port}`)) this.set(id, 'initial', port);
  }

  async deregister(id: string, port: number): Promise<void> {
    this.states.delete(`${id}:${port}`);
  }
}
