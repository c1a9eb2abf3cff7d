import type { Target, TargetGroup } from '../../../local/nodes/target-group';

/** A cluster's target group, in which a healthy target is registered that is none of its nodes: so that its only one may leave. */
export class WithAnother implements TargetGroup {
  readonly name: string;
  readonly protocol: TargetGroup['protocol'];
  readonly port: number;
  readonly targetType: TargetGroup['targetType'];
  readonly isInUse: boolean;

  constructor(private readonly group: TargetGroup) {
    ({
      name: this.name,
      protocol: this.protocol,
      port: this.port,
      targetType: this.targetType,
      isInUse: this.isInUse,
    } = group);
  }

  async targets(): Promise<Target[]> {
    return [...(await this.group.targets()), { id: 'i-0ffffffffffffffff', port: this.port, state: 'healthy' }];
  }

  register(id: string, port: number): Promise<void> {
    return this.group.register(id, port);
  }

  deregister(id: string, port: number): Promise<void> {
    return this.group.deregister(id, port);
  }
}
