import { AwsError, type AwsAction, type AwsDoor, type AwsService, type Caller } from '../../aws/aws-call';
import type { Clock } from '../../clock';
import type { BusEvent } from '../bus-event';
import type { EventInterceptor } from '../../interceptors';
import { DEFAULT_RETRY_POLICY, deliverWithRetries, type DeliveryFailure } from '../delivery/retry';
import { invokeTarget, sendToDeadLetterQueue } from '../delivery/invoke-target';
import { eventActions } from './event-actions';
import { EventBuses } from './event-buses';
import type { Rule, Target } from './rule';
import { asDelivered, targetInput } from './target-input';

export interface EventBridgeOptions {
  clock: Clock;
  /** Targets are called through it: under the target's role, or as EventBridge itself for the rule, which the target's own policy has to allow. */
  door: AwsDoor;
  /** Told of each event that reached neither its target nor a dead-letter queue. */
  onLost?(event: BusEvent, targetArn: string, failure: DeliveryFailure): void;
}

/** EventBridge tries for 24 hours unless told otherwise; here nobody waits as long, so a target gets two more chances. */
const MOST_RETRIES = 2;

/** Event buses, their rules and the way from an event to the rules' targets. */
export class EventBridge implements AwsService {
  readonly name = 'events';
  readonly actions: Record<string, AwsAction>;
  private readonly buses = new EventBuses();
  private readonly deliveries = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private interceptor: EventInterceptor = (event) => [event];

  constructor(private readonly options: EventBridgeOptions) {
    this.actions = eventActions({
      buses: this.buses,
      emit: (event, bus) => this.emit(event, bus),
      now: () => options.clock.now(),
    });
  }

  /** For tests: what is delivered instead of each event. */
  interceptEvents(interceptor: EventInterceptor): void {
    this.interceptor = interceptor;
  }

  /** Takes an event of the app, or of an AWS service for the default bus, and delivers it in the background. */
  emit(event: BusEvent, bus = 'default'): void {
    for (const delivered of this.interceptor(event)) {
      for (const rule of this.buses.rulesOf(bus).values()) {
        if (!rule.enabled || !rule.matches(asDelivered(delivered))) continue;
        for (const target of rule.targets) this.inBackground(this.deliver(target, rule, delivered));
      }
    }
  }

  /** Resolves when nothing is being delivered or waits for another try. */
  async settled(): Promise<void> {
    while (this.deliveries.size) await Promise.all(this.deliveries);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.settled();
  }

  private inBackground(delivery: Promise<void>): void {
    const tracked = delivery.catch(() => undefined).finally(() => this.deliveries.delete(tracked));
    this.deliveries.add(tracked);
  }

  private async deliver(target: Target, rule: Rule, event: BusEvent): Promise<void> {
    const { clock, door } = this.options;
    const policy = target.RetryPolicy ?? DEFAULT_RETRY_POLICY;
    const retries = Math.min(policy.MaximumRetryAttempts, MOST_RETRIES);
    const caller = target.RoleArn ? { principal: target.RoleArn as `arn:${string}` } : asEventBridge(rule);
    const messageGroupId = target.SqsParameters?.MessageGroupId;
    const attempt = async () =>
      invokeTarget(door, {
        arn: target.Arn,
        input: targetInput(target, rule, event, clock.now()),
        caller,
        ...(messageGroupId !== undefined && { messageGroupId }),
      });
    const failure = await deliverWithRetries(
      attempt,
      { ...policy, MaximumRetryAttempts: retries },
      clock,
      this.stopping.signal,
    );
    if (failure) await this.giveUp(target, rule, event, failure);
  }

  private async giveUp(target: Target, rule: Rule, event: BusEvent, failure: DeliveryFailure): Promise<void> {
    const queue = target.DeadLetterConfig?.Arn;
    try {
      if (!queue) throw new AwsError(failure.code, failure.message);
      const attributes = {
        RULE_ARN: rule.arn,
        TARGET_ARN: target.Arn,
        ERROR_CODE: failure.code,
        ERROR_MESSAGE: failure.message,
        ...(failure.exhausted && { EXHAUSTED_RETRY_CONDITION: failure.exhausted }),
        RETRY_ATTEMPTS: String(failure.retries),
      };
      await sendToDeadLetterQueue(
        this.options.door,
        queue,
        JSON.stringify(asDelivered(event)),
        attributes,
        asEventBridge(rule),
      );
    } catch (error) {
      this.options.onLost?.(event, target.Arn, {
        ...failure,
        code: (error as Error).name,
        message: (error as Error).message,
      });
    }
  }
}

const asEventBridge = (rule: Rule): Caller => ({ principal: 'events.amazonaws.com', sourceArn: rule.arn });
