import type { AwsDoor, AwsOutput } from '../../aws/aws-call';
import { ACCOUNT, AwsError, REGION } from '../../aws/aws-call';
import type { Alarm } from './alarm';
import { evaluateAlarm, readAlarm } from './alarm';
import type { MetricStore } from './metric-store';

export const alarmArn = (name: string) => `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:${name}`;

/**
 * The alarms and their states. They are evaluated when metrics arrive and when somebody looks, so a state that changes by the mere
 * passing of time (missing data) changes when it is looked at.
 */
export class Alarms {
  private readonly alarms = new Map<string, Alarm>();

  constructor(
    private readonly store: MetricStore,
    private readonly door: AwsDoor,
  ) {}

  put(input: Record<string, unknown>, now: Date): void {
    const alarm = readAlarm(input, now);
    this.alarms.set(alarm.name, alarm);
  }

  delete(names: string[]): void {
    const missing = names.filter((name) => !this.alarms.has(name));
    if (missing.length) throw new AwsError('ResourceNotFound', `There is no alarm ${missing.join(', ')}.`, 404);
    for (const name of names) this.alarms.delete(name);
  }

  /** Evaluates all alarms and sends the notifications of those whose state changes. */
  async evaluate(now: Date): Promise<void> {
    for (const alarm of this.alarms.values()) {
      const { state, reason } = evaluateAlarm(alarm, this.store, now);
      if (state === alarm.state) continue;
      const before = alarm.state;
      Object.assign(alarm, { state, reason, stateSince: now });
      await this.notify(alarm, before);
    }
  }

  describe(filter: (alarm: Alarm) => boolean): AwsOutput[] {
    return [...this.alarms.values()].filter(filter).map((alarm) => ({
      ActionsEnabled: true,
      ...alarm.settings,
      AlarmArn: alarmArn(alarm.name),
      StateValue: alarm.state,
      StateReason: alarm.reason,
      StateUpdatedTimestamp: alarm.stateSince,
    }));
  }

  /** CloudWatch publishes to SNS in its own name: the topic's policy has to allow it. */
  private async notify(alarm: Alarm, before: string): Promise<void> {
    if (alarm.settings['ActionsEnabled'] === false) return;
    const member = { ALARM: 'AlarmActions', OK: 'OKActions', INSUFFICIENT_DATA: 'InsufficientDataActions' }[
      alarm.state
    ];
    for (const topicArn of (alarm.settings[member] ?? []) as string[]) {
      const message = {
        AlarmName: alarm.name,
        AlarmDescription: alarm.settings['AlarmDescription'],
        NewStateValue: alarm.state,
        OldStateValue: before,
        NewStateReason: alarm.reason,
        StateChangeTime: alarm.stateSince.toISOString(),
      };
      await this.door.call({
        service: 'sns',
        action: 'Publish',
        input: {
          TopicArn: topicArn,
          Subject: `${alarm.state}: "${alarm.name}"`.slice(0, 100),
          Message: JSON.stringify(message),
        },
        caller: { principal: 'cloudwatch.amazonaws.com', sourceArn: alarmArn(alarm.name) },
      });
    }
  }
}
