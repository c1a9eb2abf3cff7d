import { Tags } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { ChatSettings } from '../lambdas/contracts/chat/settings';
import type { ClusterConfig } from '../lambdas/contracts/cluster-config';
import { ClusterSettings } from './clusters/cluster-settings';
import { Approvals } from './foundation/approvals';
import { ClusterLock } from './foundation/lock';
import { APP } from './foundation/names';
import { LIFECYCLE } from './foundation/operation-arns';
import { OperationsBucket } from './foundation/operations-bucket';
import { Alarms } from './observability/alarms';
import { Dashboard } from './observability/dashboard';
import { Notifications } from './observability/notifications';
import { Reports } from './observability/reports';
import { BackUpEtcd } from './operations/back-up-etcd';
import { Progress } from './observability/progress';
import { CheckCertificates } from './operations/check-certificates';
import { CreateCluster } from './operations/create-cluster';
import { createFunctions } from './operations/create-functions';
import { JoinNode } from './operations/join-node';
import { OperationEnded } from './operations/operation-ended';
import { operationFunctions } from './operations/operation-functions';
import { removeFunctions } from './operations/remove-functions';
import { Reconfigure } from './operations/reconfigure';
import { reconfigureFunctions } from './operations/reconfigure-functions';
import { RemoveNode } from './operations/remove-node';
import { ReplaceNode } from './operations/replace-node';
import { RenewCertificates } from './operations/renew-certificates';
import { UncordonNodes } from './operations/uncordon-nodes';
import { Upgrade } from './operations/upgrade';
import { UpgradeWorker } from './operations/upgrade-worker';
import { UpgradeWorkers } from './operations/upgrade-workers';
import { NodeStepDocuments } from './node-access/node-step-document';
import { RunOnNodes } from './node-access/run-on-nodes';
import { Api } from './entry/api';
import { Chat } from './entry/chat';
import { LifecycleEvents } from './entry/lifecycle-events';
import { Schedules } from './entry/schedules';
import { StartOperation } from './entry/start-operation';

export interface KubeadmAutopilotProps {
  /** Those that have settings or a schedule of their own; others can be operated on as well. */
  clusters: ClusterConfig[];
  /** Slack, and programs that may call the signed webhook; absent: there are no such routes. */
  chat?: ChatSettings;
  /** Encrypts the operations bucket; without one, S3's own keys do. Its policy has to leave the rights on it to IAM. */
  encryptionKey?: IKey;
  /** Address of docs/operator-runbook.md as your operators open it, for alarms; its path in this repository by default. */
  runbookUrl?: string;
}

/**
 * Everything that keeps the kubeadm clusters of an account and region alive. One for an account and region: names are fixed, so that
 * operators, IAM policies and runbooks can rely on them.
 */
export class KubeadmAutopilot extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { clusters, chat, encryptionKey, runbookUrl = 'docs/operator-runbook.md' }: KubeadmAutopilotProps,
  ) {
    super(scope, id);
    Tags.of(this).add('app', APP);

    // What the operations need
    new ClusterSettings(this, 'ClusterSettings', clusters);
    const lock = new ClusterLock(this, 'Lock');
    const approvals = new Approvals(this, 'Approvals');
    const eventBus = new EventBus(this, 'EventBus', {
      eventBusName: APP,
      description: 'What kubeadm-autopilot found and did',
    });
    const topic = new Notifications(this, 'Notifications', clusters);
    const operationsBucket = new OperationsBucket(this, 'OperationsBucket', { clusters, encryptionKey });
    const shared = { eventBus, topic, lockTable: lock.table };

    // The one road to a node
    const documents = new NodeStepDocuments(this, 'NodeSteps');
    const runOnNodes = new RunOnNodes(this, 'RunOnNodes', { documents, lock });

    // Operations
    const functions = operationFunctions(this, { ...shared, approvals, operationsBucket });
    const startOperation = new StartOperation(this, 'StartOperation', approvals);
    const renewCertificates = new RenewCertificates(this, 'RenewCertificates', {
      runOnNodes,
      lock,
      eventBus,
      topic,
      ...functions,
    });
    const checkCertificates = new CheckCertificates(this, 'CheckCertificates', {
      runOnNodes,
      startOperation,
      topic,
      ...functions,
    });
    const backUpEtcd = new BackUpEtcd(this, 'BackUpEtcd', { runOnNodes, lock, eventBus, ...functions });
    const nodesToBe = { ...{ runOnNodes, lock, eventBus, topic }, ...functions, ...createFunctions(this) };
    const createCluster = new CreateCluster(this, 'CreateCluster', nodesToBe);
    const joinNode = new JoinNode(this, 'JoinNode', nodesToBe);
    const leaving = { ...{ runOnNodes, lock, eventBus, topic }, ...functions, ...removeFunctions(this, shared) };
    const removeNode = new RemoveNode(this, 'RemoveNode', leaving);
    const replaceNode = new ReplaceNode(this, 'ReplaceNode', { ...leaving, joinNode, removeNode });
    const reconfigure = new Reconfigure(this, 'Reconfigure', {
      ...{ runOnNodes, lock, eventBus, topic },
      ...functions,
      ...reconfigureFunctions(this),
    });
    const upgradeWorker = new UpgradeWorker(this, 'UpgradeWorker', { runOnNodes, eventBus, lock });
    const upgradeWorkers = new UpgradeWorkers(this, 'UpgradeWorkers', {
      runOnNodes,
      upgradeWorker,
      lock,
      ...functions,
    });
    const upgrade = new Upgrade(this, 'Upgrade', { runOnNodes, upgradeWorkers, lock, eventBus, topic, ...functions });
    const operations = {
      'check-certificates': checkCertificates,
      'renew-certificates': renewCertificates,
      'back-up-etcd': backUpEtcd,
      upgrade,
      'create-cluster': createCluster,
      'join-node': joinNode,
      'remove-node': removeNode,
      'replace-node': replaceNode,
      reconfigure,
    };
    const uncordonNodes = new UncordonNodes(this, 'UncordonNodes', { runOnNodes, lock, topic, ...functions });
    new OperationEnded(this, 'OperationEnded', { ...shared, uncordonNodes });

    // What starts them
    const schedules = new Schedules(this, 'Schedules', { clusters, startOperation });
    // start-operation names the operations' state machines without needing them.
    schedules.node.addDependency(...Object.values(operations));
    const { deadLetters } = schedules;
    const lifecycle = new LifecycleEvents(this, 'LifecycleEvents', { startOperation, ...shared });
    const entry = { startOperation, lockTable: lock.table, approvals };
    const api = new Api(this, 'Api', { ...entry, operationsBucket });
    if (chat) new Chat(this, 'Chat', { ...entry, settings: chat, api, eventBus });

    // What tells how they are
    new Progress(this, 'Progress', { runOnNodes, eventBus });
    new Reports(this, 'Reports', { operationsBucket, eventBus });
    const watched = { ...operations, [LIFECYCLE]: lifecycle.stateMachine };
    new Alarms(this, 'Alarms', {
      ...{ clusters, deadLetters, topic, runbookUrl },
      operations: watched,
      topicOf: (cluster) => topic.ofAlarms(cluster),
    });
    new Dashboard(this, 'Dashboard', { clusters, operations, deadLetters });
  }
}
