import { AwsError } from '../../aws/aws-call';
import type { Clock } from '../../clock';
import { groupArn, Schedule, type ScheduleProperties } from './schedule';

export interface ScheduleGroup {
  name: string;
  arn: string;
  createdAt: Date;
}

/** The schedules of the account and their groups. */
export class Schedules {
  private readonly schedules = new Map<string, Schedule>();
  private readonly groupMap = new Map<string, ScheduleGroup>();

  /** @param onChange called when the next due time may be another one. */
  constructor(
    private readonly clock: Clock,
    private readonly onChange: () => void,
  ) {
    this.addGroup('default');
  }

  create(properties: ScheduleProperties): Schedule {
    const key = this.key(properties.Name, properties.GroupName);
    if (this.schedules.has(key))
      throw new AwsError('ConflictException', `Schedule ${properties.Name} already exists.`, 409);
    const now = this.clock.now();
    return this.set(key, new Schedule(properties, now, now));
  }

  update(properties: ScheduleProperties): Schedule {
    const before = this.get(properties.Name, properties.GroupName);
    return this.set(
      this.key(properties.Name, properties.GroupName),
      new Schedule(properties, before.createdAt, this.clock.now()),
    );
  }

  delete(name: string, group: string): void {
    this.get(name, group);
    this.schedules.delete(this.key(name, group));
    this.onChange();
  }

  /** Removes one that is over. */
  forget({ properties: { Name, GroupName } }: Schedule): void {
    this.schedules.delete(`${GroupName}/${Name}`);
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
    const group = { name, arn: groupArn(name), createdAt: this.clock.now() };
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
    this.onChange();
  }

  group(name: string): ScheduleGroup {
    const group = this.groupMap.get(name);
    if (!group) throw new AwsError('ResourceNotFoundException', `Schedule group ${name} does not exist.`, 404);
    return group;
  }

  get groups(): ScheduleGroup[] {
    return [...this.groupMap.values()];
  }

  private key(name: string, group: string): string {
    return `${this.group(group).name}/${name}`;
  }

  private set(key: string, schedule: Schedule): Schedule {
    this.schedules.set(key, schedule);
    this.onChange();
    return schedule;
  }
}
