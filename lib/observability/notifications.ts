import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { ClusterConfig } from '../../lambdas/contracts/cluster-config';

/**
 * The SNS topic that tells people. Not encrypted with a key of its own: messages hold names and dates, no secrets, and a customer key
 * would have to be opened to CloudWatch, Lambda and Step Functions for nothing.
 */
export class Notifications extends Topic {
  constructor(scope: Construct, id: string, clusters: ClusterConfig[]) {
    super(scope, id, { displayName: 'kubeadm-autopilot', enforceSSL: true });
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    const emails = new Set(clusters.flatMap(({ notifications }) => notifications.emails));
    for (const email of emails) this.addSubscription(new EmailSubscription(email));
  }
}
