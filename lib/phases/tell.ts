import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { RetryProps } from 'aws-cdk-lib/aws-stepfunctions';
import { Errors, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { EventBridgePutEvents, MessageAttributeDataType, SnsPublish } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { CLUSTER_ATTRIBUTE, EVENT_SOURCE } from '../../lambdas/contracts/events';
import type { Expression, Payload } from '../foundation/expressions';
import { jsonata, render } from '../foundation/expressions';

/** Twice is better than never. */
const TELL_AGAIN: RetryProps = { errors: [Errors.ALL], interval: Duration.seconds(2), maxAttempts: 3 };

/** Puts an event on the app's bus. */
export function tellBus<Detail>(
  scope: Construct,
  { eventBus, detailType, detail }: { eventBus: IEventBus; detailType: string; detail: Payload<Detail> },
  name = 'Tell the event bus',
): EventBridgePutEvents {
  const tell = EventBridgePutEvents.jsonata(scope, name, {
    entries: [
      {
        eventBus,
        source: EVENT_SOURCE,
        detailType,
        detail: TaskInput.fromObject(render(detail) as Record<string, unknown>),
      },
    ],
  });
  tell.addRetry(TELL_AGAIN);
  return tell;
}

/** Notifies the topic's subscribers who want to hear of this cluster. */
export function tellOperators(
  scope: Construct,
  {
    topic,
    cluster,
    subject,
    text,
  }: { topic: ITopic; cluster: Expression<string>; subject: Expression<string>; text: Expression<string> },
  name = 'Tell the operators',
): SnsPublish {
  const tell = SnsPublish.jsonata(scope, name, {
    topic,
    subject: jsonata(subject),
    message: TaskInput.fromText(jsonata(text)),
    messageAttributes: { [CLUSTER_ATTRIBUTE]: { value: jsonata(cluster), dataType: MessageAttributeDataType.STRING } },
  });
  tell.addRetry(TELL_AGAIN);
  return tell;
}
