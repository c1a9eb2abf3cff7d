import type { Clock } from '../../clock';
import type { Target, TargetGroup, TargetState } from '../target-group';
import { REASONS, targetGroupName } from '../target-group';

/** How long a new target is `initial`, and one that has left is `draining`. */
const INITIAL_MS = 10_000;
const DRAINING_MS = 30_000;
const PORT = 6443;

/** The API servers behind a scripted cluster's endpoint: registered targets become healthy as the clock goes. */
export class ScriptedTargetGroup implements TargetGroup {
  readonly name: string;
  readonly protocol = 'TCP';
  readonly port = PORT;
  readonly targetType = 'instance';
  readonly isInUse = true;
  readonly deregistrationSeconds = DRAINING_MS / 1000;
  /** When each was registered or has left, by instance id. */
  private readonly changed = new Map<string, { at: number; hasLeft: boolean }>();

  constructor(
    cluster: string,
    ids: string[],
    private readonly clock: Clock,
  ) {
    this.name = targetGroupName(cluster);
    for (const id of ids) this.changed.set(id, { at: -Infinity, hasLeft: false });
  }

  async targets(): Promise<Target[]> {
    return [...this.changed].flatMap(([id, { at, hasLeft }]) => {
      const ms = this.clock.now().getTime() - at;
      if (hasLeft && ms >= DRAINING_MS) return [];
      const state: TargetState = hasLeft ? 'draining' : ms < INITIAL_MS ? 'initial' : 'healthy';
      return [{ id, port: PORT, state, ...(state !== 'healthy' && { reason: REASONS[state] }) }];
    });
  }

  async register(id: string): Promise<void> {
    const known = this.changed.get(id);
    if (!known || known.hasLeft) this.changed.set(id, { at: this.clock.now().getTime(), hasLeft: false });
  }

  async deregister(id: string): Promise<void> {
    const known = this.changed.get(id);
    if (known && !known.hasLeft) this.changed.set(id, { at: this.clock.now().getTime(), hasLeft: true });
  }
}
