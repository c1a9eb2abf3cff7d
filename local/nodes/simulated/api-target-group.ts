import { connect } from 'node:net';
import type { Target, TargetGroup } from '../target-group';
import { REASONS, targetGroupName } from '../target-group';
import type { AddressMap } from './machine/address-map';

export interface TargetGroupTiming {
  /** Between two health checks of a target. Default: 200. */
  healthCheckMs: number;
  /** How long a target that has left is still listed (AWS: deregistration_delay.timeout_seconds, 300 s). Default: 300. */
  drainMs: number;
}

interface Member {
  id: string;
  port: number;
  state: 'initial' | 'healthy' | 'unhealthy' | 'draining';
  /** When a target that has left is no longer listed, by performance.now(). */
  goneAt: number;
}

type Place = { instanceId: string; privateIp: string };

const API_SERVER_PORT = 6443;

/** The API servers behind a simulated cluster's endpoint. A target is healthy when its port accepts a TCP connection. */
export class ApiTargetGroup implements TargetGroup {
  readonly name: string;
  readonly protocol = 'TCP';
  readonly port = API_SERVER_PORT;
  readonly targetType = 'instance';
  readonly isInUse = true;
  readonly deregistrationSeconds: number;
  private readonly timing: TargetGroupTiming;
  private readonly members: Member[] = [];
  private checks?: NodeJS.Timeout;

  constructor(
    cluster: string,
    private readonly addresses: AddressMap,
    /** Machines that may be registered. */
    private readonly places: Place[],
    timing: Partial<TargetGroupTiming> = {},
  ) {
    this.name = targetGroupName(cluster);
    this.timing = { healthCheckMs: 200, drainMs: 300, ...timing };
    this.deregistrationSeconds = Math.ceil(this.timing.drainMs / 1000);
  }

  start(): void {
    this.checks = setInterval(() => void this.checkAll(), this.timing.healthCheckMs).unref();
  }

  stop(): void {
    clearInterval(this.checks);
  }

  async targets(): Promise<Target[]> {
    return this.listed().map(({ id, port, state }) => ({
      id,
      port,
      state,
      ...(state !== 'healthy' && { reason: REASONS[state] }),
    }));
  }

  async register(id: string, port: number): Promise<void> {
    const known = this.find(id, port);
    if (known && known.state !== 'draining') return;
    if (known) this.members.splice(this.members.indexOf(known), 1);
    const member: Member = { id, port, state: 'initial', goneAt: Infinity };
    this.members.push(member);
    // Its first health check comes at once, as if the next round were due; it is `initial` until then.
    setTimeout(() => void this.check(member), this.timing.healthCheckMs / 2).unref();
  }

  async deregister(id: string, port: number): Promise<void> {
    const member = this.find(id, port);
    if (!member || member.state === 'draining') return;
    member.state = 'draining';
    member.goneAt = performance.now() + this.timing.drainMs;
  }

  /**
   * Where a new connection may go, in the order to try them: healthy ones, then (as a network load balancer does when no target is
   * healthy) the others. Those that are leaving get none.
   */
  route(turn: number): string[] {
    const open = this.listed().filter(({ state }) => state !== 'draining');
    const rotated = open.map((_, index) => open[(turn + index) % open.length]!);
    const isHealthy = ({ state }: Member) => state === 'healthy';
    return [...rotated.filter(isHealthy), ...rotated.filter((member) => !isHealthy(member))].map((member) =>
      this.addressOf(member),
    );
  }

  private listed(): Member[] {
    const now = performance.now();
    for (const gone of this.members.filter(({ goneAt }) => goneAt <= now))
      this.members.splice(this.members.indexOf(gone), 1);
    return this.members;
  }

  private find(id: string, port: number): Member | undefined {
    return this.listed().find((member) => member.id === id && member.port === port);
  }

  private addressOf({ id, port }: Member): string {
    const place = this.places.find(({ instanceId }) => instanceId === id);
    return `${place?.privateIp ?? id}:${port}`;
  }

  private async checkAll(): Promise<void> {
    await Promise.all(this.listed().map((member) => this.check(member)));
  }

  private async check(member: Member): Promise<void> {
    const accepts = await this.accepts(this.addressOf(member));
    // It may have left meanwhile.
    if (member.state !== 'draining') member.state = accepts ? 'healthy' : 'unhealthy';
  }

  private accepts(address: string): Promise<boolean> {
    const port = this.addresses.portOf(address);
    if (port === undefined) return Promise.resolve(false);
    return new Promise((resolve) => {
      const connection = connect(port, '127.0.0.1');
      connection.once('connect', () => resolve(true)).once('error', () => resolve(false));
      connection.once('connect', () => connection.destroy());
    });
  }
}
