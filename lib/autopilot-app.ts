import { App, Stack, Validations } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { AwsSolutionsChecks } from 'cdk-nag';
import cdk from '../cdk.json';
import { readChat } from './clusters/chat-file';
import { readClusters } from './clusters/clusters';
import { KubeadmAutopilot } from './kubeadm-autopilot';

/**
 * The CDK app: one stack, checked by cdk-nag whenever it is synthesised. Feature flags come from cdk.json also when the app is run
 * without the CDK's command line. `-c clusters=FOLDER` reads the clusters' YAML files from another folder than clusters/; `-c encryptionKeyArn=ARN`
 * encrypts the operations bucket with a KMS key of yours; `-c chat=FILE` reads another file than chat.yaml, without which there is no chat; `-c runbookUrl=URL` is
 * where your operators open docs/operator-runbook.md, for the alarms.
 * @throws InvalidClusters
 */
export function autopilotApp(): App {
  const app = new App({ context: cdk.context });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  // Before there is a stack: the CDK would complain of an empty one beside the mistakes.
  const clusters = readClusters(app.node.tryGetContext('clusters') ?? 'clusters');
  const chat = readChat(app.node.tryGetContext('chat') ?? 'chat.yaml', clusters);
  const stack = new Stack(app, 'Autopilot', {
    // CloudFormation takes 1 MB; spaces are a third of it.
    suppressTemplateIndentation: true,
    description: 'Keeps self-managed kubeadm clusters alive: renews certificates, repairs dead clusters, backs up etcd',
  });
  Validations.of(stack).acknowledge({
    id: 'Annotation::@aws-cdk/core:Stack.templateSize',
    reason:
      'CloudFormation takes 1 MB, and the CDK begins to warn at 80 % of it; test/lib/cdk-nag.test.ts watches what is left.',
  });
  const keyArn = app.node.tryGetContext('encryptionKeyArn') as string | undefined;
  const encryptionKey = keyArn === undefined ? undefined : Key.fromKeyArn(stack, 'EncryptionKey', keyArn);
  const runbookUrl = app.node.tryGetContext('runbookUrl') as string | undefined;
  // Logical ids leave out this name.
  new KubeadmAutopilot(stack, 'Default', {
    clusters,
    ...(chat && { chat }),
    ...(encryptionKey && { encryptionKey }),
    ...(runbookUrl !== undefined && { runbookUrl }),
  });
  return app;
}
