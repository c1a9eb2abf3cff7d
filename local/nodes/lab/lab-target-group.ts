import type { Target, TargetGroup } from '../target-group';
import { REASONS, targetGroupName } from '../target-group';
import type { ClusterPlan } from './cluster-plan';
import type { LoadBalancer } from './load-balancer';

/** How long a target that has left is still listed, as the deregistration delay of AWS (300 s there). */
const DRAIN_MS = 1_000;

/** The API servers behind the lab's haproxy, as AWS would show them. */
export class LabTargetGroup implements TargetGroup {
  readonly name: string;
  readonly protocol = 'TCP';
  readonly port = 6443;
  readonly targetType = 'instance';
  readonly isInUse = true;
  readonly deregistrationSeconds = DRAIN_MS / 1000;
  /** Node -> when it left, by performance.now(). One that somebody else took out (another process) is not draining any more. */
  private readonly leftAt = new Map<string, number>();

  constructor(
    private readonly plan: ClusterPlan,
    private readonly loadBalancer: LoadBalancer,
  ) {
    this.name = targetGroupName(plan.name);
  }

  async targets(): Promise<Target[]> {
    const now = performance.now();
    return (await this.loadBalancer.targets()).flatMap(({ node, status, hasLeft }): Target[] => {
      const id = this.plan.nodes.find(({ name }) => name === node)?.instanceId ?? node;
      const target = { id, port: this.port };
      if (hasLeft) {
        const isDraining = now < (this.leftAt.get(node) ?? -Infinity) + DRAIN_MS;
        return isDraining ? [{ ...target, state: 'draining', reason: REASONS.draining }] : [];
      }
      // "UP 1/2" is on its way down and still gets connections.
      if (status.startsWith('UP')) return [{ ...target, state: 'healthy' }];
      return [{ ...target, state: 'unhealthy', reason: REASONS.unhealthy }];
    });
  }

  async register(id: string, port: number): Promise<void> {
    const node = this.nodeOf(id, port);
    this.leftAt.delete(node);
    await this.loadBalancer.register(node);
  }

  async deregister(id: string, port: number): Promise<void> {
    const node = this.nodeOf(id, port);
    const registered = (await this.loadBalancer.targets()).some((target) => target.node === node && !target.hasLeft);
    if (!registered) return;
    this.leftAt.set(node, performance.now());
    await this.loadBalancer.deregister(node);
  }

  /** haproxy's servers are the control planes, each with one port: others cannot be added. */
  private nodeOf(id: string, port: number): string {
    const node = this.plan.nodes.find(({ instanceId, role }) => instanceId === id && role === 'control-plane');
    if (!node || port !== this.port)
      throw new RangeError(`The lab's load balancer takes its control planes on port ${this.port}, not ${id}:${port}.`);
    return node.name;
  }
}
