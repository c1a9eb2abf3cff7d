import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { parseClusterConfig } from '../../../lambdas/domain/parse-cluster-config';
import { Notifications } from '../../../lib/observability/notifications';

const settings = (cluster: string, ...emails: string[]) =>
  parseClusterConfig(cluster, JSON.stringify({ cluster, notifications: { emails } }));

test('each address hears of its own clusters, of their alarms, and of what is about no cluster', () => {
  const stack = new Stack(new App());
  const clusters = [settings('prod', 'a@b.com', 'on-call@b.com'), settings('dev', 'a@b.com'), settings('lone')];
  const topics = new Notifications(stack, 'Notifications', clusters);
  const subscriptions = Object.values(Template.fromStack(stack).findResources('AWS::SNS::Subscription')).map(
    ({ Properties: { TopicArn, Endpoint, FilterPolicy } }) => [TopicArn.Ref, Endpoint, FilterPolicy],
  );
  const id = (topic: Notifications | ReturnType<Notifications['ofAlarms']>) => stack.resolve(topic.topicArn).Ref;
  expect(subscriptions).toHaveLength(5);
  expect(subscriptions).toEqual(
    expect.arrayContaining([
      [id(topics), 'a@b.com', { cluster: ['prod', 'dev', { exists: false }] }],
      [id(topics), 'on-call@b.com', { cluster: ['prod', { exists: false }] }],
      [id(topics.ofAlarms('prod')), 'a@b.com', undefined],
      [id(topics.ofAlarms('prod')), 'on-call@b.com', undefined],
      [id(topics.ofAlarms('dev')), 'a@b.com', undefined],
    ]),
  );
});
