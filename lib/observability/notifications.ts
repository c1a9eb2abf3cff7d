import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { ClusterConfig } from '../../lambdas/contracts/cluster-config';
import { CLUSTER_ATTRIBUTE } from '../../lambdas/contracts/events';
import { APP } from '../foundation/names';

/**
 * The SNS topic of everything that operations tell people, and alarms that are about no single cluster. An address hears of the clusters whose
 * settings name it, and of what is about none. Not encrypted with a key of its own: messages hold names and dates, no secrets, and a customer key
 * would have to be opened to CloudWatch, Lambda and Step Functions for nothing.
 */
export class Notifications extends Topic {
  private readonly alarms = new Map<string, Topic>();

  constructor(scope: Construct, id: string, clusters: ClusterConfig[]) {
    super(scope, id, { displayName: APP, enforceSSL: true });
    letAlarmsPublish(this);
    const clustersOf = Map.groupBy(
      clusters.flatMap(({ cluster, notifications }) => notifications.emails.map((email) => ({ cluster, email }))),
      ({ email }) => email,
    );
    for (const [email, of] of clustersOf) {
      const names = [...new Set(of.map(({ cluster }) => cluster))];
      const filterPolicy = { [CLUSTER_ATTRIBUTE]: new SubscriptionFilter([...names, { exists: false }]) };
      this.addSubscription(new EmailSubscription(email, { filterPolicy }));
    }
    for (const { cluster, notifications } of clusters) {
      // Alarms carry no attributes, so those of a cluster have a topic of their own.
      const topic = new Topic(this, `${cluster}-Alarms`, {
        ...{ topicName: `${APP}-alarms-${cluster}`, displayName: `${APP}: ${cluster}`, enforceSSL: true },
      });
      letAlarmsPublish(topic);
      for (const email of new Set(notifications.emails)) topic.addSubscription(new EmailSubscription(email));
      this.alarms.set(cluster, topic);
    }
  }

  /** Where the alarms of a cluster go that has settings. */
  ofAlarms(cluster: string): Topic {
    return this.alarms.get(cluster)!;
  }
}

function letAlarmsPublish(topic: Topic): void {
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'Alarms',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(topic).account } },
    }),
  );
}
