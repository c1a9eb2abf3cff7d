import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { notificationSubject } from '../domain/text/notification-subject';

/** Tells the people who subscribed to the topic. */
export async function notify(client: SNSClient, topicArn: string, subject: string, text: string): Promise<void> {
  await client.send(new PublishCommand({ TopicArn: topicArn, Subject: notificationSubject(subject), Message: text }));
}
