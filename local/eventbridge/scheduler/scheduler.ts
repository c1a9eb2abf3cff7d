import type { AwsAction, AwsDoor, AwsService } from '../../aws/aws-call';
import type { Clock } from '../../clock';
import type { DeliveryFailure } from '../delivery/retry';
import { fire } from './fire';
import type { Schedule } from './schedule';
import { schedulerActions } from './scheduler-actions';
import { Schedules } from './schedules';

export interface SchedulerOptions {
  clock: Clock;
  /** Targets are called through it, as the schedule's role. */
  door: AwsDoor;
  onLost?(scheduleArn: string, failure: DeliveryFailure): void;
}

/** EventBridge Scheduler. Follows the clock: one that is moved over several due times fires each of them once, in their order. */
export class Scheduler implements AwsService {
  readonly name = 'scheduler';
  readonly actions: Record<string, AwsAction>;
  private readonly schedules: Schedules;
  private readonly fired = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private changed = new AbortController();
  private readonly loop: Promise<void>;

  constructor(private readonly options: SchedulerOptions) {
    this.schedules = new Schedules(options.clock, () => this.changed.abort());
    this.actions = schedulerActions(this.schedules);
    this.loop = this.run();
  }

  /** When it fires next, on the clock of the local AWS; undefined when it is disabled or over. */
  nextTime(name: string, group = 'default'): Date | undefined {
    return this.schedules.get(name, group).due;
  }

  /** Resolves when no target is being called or waits for another try. */
  async settled(): Promise<void> {
    while (this.fired.size) await Promise.all(this.fired);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.changed.abort();
    await this.loop;
    await this.settled();
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.changed = new AbortController();
      const next = this.earliest();
      const reached = await this.reach(next?.due, this.changed.signal);
      if (next && reached) this.fire(next.schedule, next.due);
    }
  }

  /** @returns false when a schedule changed first. */
  private async reach(time: Date | undefined, changed: AbortSignal): Promise<boolean> {
    if (!time) return new Promise((resolve) => changed.addEventListener('abort', () => resolve(false), { once: true }));
    return this.options.clock.sleepUntil(time, changed).then(
      () => true,
      () => false,
    );
  }

  private earliest(): { schedule: Schedule; due: Date } | undefined {
    return this.schedules
      .list()
      .flatMap((schedule) => (schedule.due ? [{ schedule, due: schedule.due }] : []))
      .sort((a, b) => a.due.getTime() - b.due.getTime())[0];
  }

  private fire(schedule: Schedule, due: Date): void {
    schedule.fired(due);
    if (schedule.properties.ActionAfterCompletion === 'DELETE' && !schedule.due) this.schedules.forget(schedule);
    const call = fire(schedule, due, { ...this.options, signal: this.stopping.signal })
      .catch(() => undefined)
      .finally(() => this.fired.delete(call));
    this.fired.add(call);
  }
}
