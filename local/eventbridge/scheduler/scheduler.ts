import { AwsError, type AwsAction, type AwsDoor, type AwsService } from '../../aws/aws-call';
import type { Clock } from '../../clock';
import type { DeliveryFailure } from '../delivery/retry';
import { fire } from './fire';
import { groupArn, Schedule, type ScheduleProperties } from './schedule';
import { schedulerActions } from './scheduler-actions';

export interface SchedulerOptions {
  clock: Clock;
  /** Targets are called through it, as the schedule's role. */
  door: AwsDoor;
  onLost?(scheduleArn: string, failure: DeliveryFailure): void;
}

export interface ScheduleGroup {
  name: string;
  arn: string;
  createdAt: Date;
}

/** EventBridge Scheduler. Follows the clock: one that is moved over several due times fires each of them once, in their order. */
export class Scheduler implements AwsService {
  readonly name = 'scheduler';
  readonly actions: Record<string, AwsAction>;
  private readonly schedules = new Map<string, Schedule>();
  private readonly groupMap = new Map<string, ScheduleGroup>();
  private readonly fired = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private changed = new AbortController();
  private readonly loop: Promise<void>;

  constructor(private readonly options: SchedulerOptions) {
    this.addGroup('default');
    this.actions = schedulerActions(this);
    this.loop = this.run();
  }

  /** When it fires next, on the clock of the local AWS; undefined when it is disabled or over. */
  nextTime(name: string, group = 'default'): Date | undefined {
    return this.get(name, group).due;
  }

  create(properties: ScheduleProperties): Schedule {
    const key = this.key(properties.Name, properties.GroupName);
    if (this.schedules.has(key))
      throw new AwsError('ConflictException', `Schedule ${properties.Name} already exists.`, 409);
    const now = this.options.clock.now();
    return this.set(key, new Schedule(properties, now, now));
  }

  update(properties: ScheduleProperties): Schedule {
    const before = this.get(properties.Name, properties.GroupName);
    return this.set(
      this.key(properties.Name, properties.GroupName),
      new Schedule(properties, before.createdAt, this.options.clock.now()),
    );
  }

  delete(name: string, group: string): void {
    this.get(name, group);
    this.schedules.delete(this.key(name, group));
    this.wake();
  }

  /** @throws AwsError ResourceNotFoundException. */
  get(name: string, group: string): Schedule {
    const schedule = this.schedules.get(this.key(name, group));
    if (!schedule) throw new AwsError('ResourceNotFoundException', `Schedule ${name} does not exist.`, 404);
    return schedule;
  }

  list(): Schedule[] {
    return [...this.schedules.values()].sort((a, b) => (a.arn < b.arn ? -1 : 1));
  }

  addGroup(name: string): ScheduleGroup {
    if (this.groupMap.has(name)) throw new AwsError('ConflictException', `Schedule group ${name} already exists.`, 409);
    const group = { name, arn: groupArn(name), createdAt: this.options.clock.now() };
    this.groupMap.set(name, group);
    return group;
  }

  /** Deletes a group with its schedules. */
  deleteGroup(name: string): void {
    this.group(name);
    if (name === 'default') throw new AwsError('ValidationException', 'The schedule group default cannot be deleted.');
    this.groupMap.delete(name);
    for (const { properties } of this.list())
      if (properties.GroupName === name) this.schedules.delete(`${name}/${properties.Name}`);
    this.wake();
  }

  group(name: string): ScheduleGroup {
    const group = this.groupMap.get(name);
    if (!group) throw new AwsError('ResourceNotFoundException', `Schedule group ${name} does not exist.`, 404);
    return group;
  }

  get groups(): ScheduleGroup[] {
    return [...this.groupMap.values()];
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

  private key(name: string, group: string): string {
    return `${this.group(group).name}/${name}`;
  }

  private set(key: string, schedule: Schedule): Schedule {
    this.schedules.set(key, schedule);
    this.wake();
    return schedule;
  }

  private wake(): void {
    this.changed.abort();
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
    return [...this.schedules.values()]
      .flatMap((schedule) => (schedule.due ? [{ schedule, due: schedule.due }] : []))
      .sort((a, b) => a.due.getTime() - b.due.getTime())[0];
  }

  private fire(schedule: Schedule, due: Date): void {
    schedule.fired(due);
    const { GroupName, Name, ActionAfterCompletion } = schedule.properties;
    if (ActionAfterCompletion === 'DELETE' && !schedule.due) this.schedules.delete(`${GroupName}/${Name}`);
    const call = fire(schedule, due, { ...this.options, signal: this.stopping.signal })
      .catch(() => undefined)
      .finally(() => this.fired.delete(call));
    this.fired.add(call);
  }
}
