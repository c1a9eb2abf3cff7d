import { Duration, Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { BackUpPlan, PlanBackUpInput } from '../../lambdas/contracts/back-up';
import type {
  PreparedSnapshot,
  PrepareSnapshotInput,
  Snapshot,
  VerifySnapshotInput,
} from '../../lambdas/contracts/snapshot';
import type { BootstrapSecret, BootstrapSecretInput } from '../../lambdas/contracts/repair';
import { SECRETS } from '../../lambdas/contracts/secrets';
import type { AssessCertificatesInput, CertificateReport } from '../../lambdas/contracts/certificate-check';
import type { TakeOverLockInput, TakenLock } from '../../lambdas/contracts/cluster-lock';
import type { FindNodesInput, FoundNodes } from '../../lambdas/contracts/find-nodes';
import type {
  LeaveLoadBalancerInput,
  LoadBalancerTurn,
  ReturnToLoadBalancerInput,
} from '../../lambdas/contracts/load-balancer';
import type { ConcludeFailureInput, ConcludedFailure } from '../../lambdas/contracts/failures';
import type {
  AssessGateInput,
  OpenGates,
  PlanRenewalInput,
  RenewalPlan,
  ProvenRenewal,
  VerifyRenewalInput,
} from '../../lambdas/contracts/renewal';
import { clusterParameterName } from '../../lambdas/contracts/cluster-config';
import { METRICS_NAMESPACE } from '../../lambdas/contracts/events';
import type { Approvals } from '../foundation/approvals';
import type { Permission } from '../foundation/lambda-function';
import { LambdaFunction } from '../foundation/lambda-function';
import { describeExecutions } from '../foundation/operation-arns';
import type { OperationsBucket } from '../foundation/operations-bucket';
import { changeTargets, describeTargets } from '../foundation/permissions';
import { approvalFunctions } from './approval-functions';
import { upgradeFunctions } from './upgrade-functions';

export interface OperationFunctionsProps {
  lockTable: ITable;
  approvals: Approvals;
  eventBus: IEventBus;
  topic: ITopic;
  operationsBucket: OperationsBucket;
}

const PUT_METRICS: Permission = {
  actions: ['cloudwatch:PutMetricData'],
  resources: ['*'],
  conditions: { StringEquals: { 'cloudwatch:namespace': METRICS_NAMESPACE } },
  because: 'PutMetricData has no resource-level permissions; a condition limits it to our namespace.',
};

/** The Lambdas that the operations' state machines call, each with the rights that its decision needs. */
export function operationFunctions(
  scope: Construct,
  { lockTable, approvals, eventBus, topic, operationsBucket }: OperationFunctionsProps,
) {
  const putEvents: Permission = { actions: ['events:PutEvents'], resources: [eventBus.eventBusArn] };
  return {
    findNodes: new LambdaFunction<FindNodesInput, FoundNodes>(scope, 'FindNodes', {
      name: 'find-nodes',
      description: "Validates an operation's input and finds the cluster's nodes",
      timeout: Duration.minutes(1),
      environment: { LOCK_TABLE: lockTable.tableName },
      permissions: [
        useLock(lockTable, 'Get'),
        {
          actions: ['ssm:GetParameter'],
          resources: [
            Stack.of(scope).formatArn({
              service: 'ssm',
              resource: 'parameter',
              resourceName: clusterParameterName('*').slice(1),
            }),
          ],
          because:
            'The settings of any cluster, also of one that has none: not found is an answer, access denied is not.',
        },
        {
          actions: ['ec2:DescribeInstances', 'ssm:DescribeInstanceInformation'],
          resources: ['*'],
          because: 'These actions have no resource-level permissions.',
        },
      ],
    }),
    assessCertificates: new LambdaFunction<AssessCertificatesInput, CertificateReport>(scope, 'AssessCertificates', {
      name: 'assess-certificates',
      description: 'Judges the certificates of a cluster and decides what follows',
      environment: { BUS_NAME: eventBus.eventBusName },
      permissions: [PUT_METRICS, putEvents],
    }),
    planRenewal: new LambdaFunction<PlanRenewalInput, RenewalPlan>(scope, 'PlanRenewal', {
      name: 'plan-renewal',
      description: 'Computes which control planes get new certificates, in which order, or why none',
    }),
    takeOverLock: new LambdaFunction<TakeOverLockInput, TakenLock>(scope, 'TakeOverLock', {
      name: 'take-over-lock',
      description: "Takes a cluster's lock from an execution that no longer runs",
      environment: { LOCK_TABLE: lockTable.tableName },
      permissions: [
        deleteSecrets(scope),
        useLock(lockTable, 'Get', 'Put', 'Delete'),
        ...changeTargets(scope, 'Register'),
        describeExecutions(scope),
      ],
    }),
    assessGate: new LambdaFunction<AssessGateInput, OpenGates>(scope, 'AssessGate', {
      name: 'assess-gate',
      description: 'Decides whether the next control plane may be restarted now',
    }),
    leaveLoadBalancer: new LambdaFunction<LeaveLoadBalancerInput, LoadBalancerTurn>(scope, 'LeaveLoadBalancer', {
      name: 'leave-load-balancer',
      description: 'Takes a control plane out of its target groups before its turn, and tells when it has left',
      // One call for each target group of the network, where there are many.
      timeout: Duration.minutes(2),
      environment: { LOCK_TABLE: lockTable.tableName, BUS_NAME: eventBus.eventBusName, TOPIC_ARN: topic.topicArn },
      permissions: [
        describeTargets('elasticloadbalancing:DescribeTargetGroups', 'ec2:DescribeInstances'),
        ...changeTargets(scope, 'Register', 'Deregister'),
        useLock(lockTable, 'Get', 'Put', 'Delete'),
        describeExecutions(scope),
        ...[putEvents, tell(topic)],
      ],
    }),
    returnToLoadBalancer: new LambdaFunction<ReturnToLoadBalancerInput, LoadBalancerTurn>(
      scope,
      'ReturnToLoadBalancer',
      {
        name: 'return-to-load-balancer',
        description:
          'Puts a control plane back into its target groups after its turn, and tells when it is healthy there',
        environment: { LOCK_TABLE: lockTable.tableName },
        permissions: [describeTargets(), ...changeTargets(scope, 'Register'), useLock(lockTable, 'Delete')],
      },
    ),
    verifyRenewal: new LambdaFunction<VerifyRenewalInput, ProvenRenewal>(scope, 'VerifyRenewal', {
      name: 'verify-renewal',
      description: 'Compares the certificates before and after a renewal, on disk and as served',
      permissions: [PUT_METRICS],
    }),
    ...approvalFunctions(scope, approvals),
    ...upgradeFunctions(scope),
    bootstrapSecret: new LambdaFunction<BootstrapSecretInput, BootstrapSecret | null>(scope, 'BootstrapSecret', {
      name: 'bootstrap-secret',
      description:
        'Makes the secrets of kubelets and of nodes that join, which nodes read themselves, and deletes them',
      environment: { LOCK_TABLE: lockTable.tableName },
      permissions: [
        useLock(lockTable, 'Get', 'Put', 'Delete'),
        {
          actions: ['ssm:PutParameter', 'ssm:DeleteParameter'],
          resources: secretParameters(scope),
          because: ANY_SECRET,
        },
        describeExecutions(scope),
      ],
    }),
    planBackUp: new LambdaFunction<PlanBackUpInput, BackUpPlan>(scope, 'PlanBackUp', {
      name: 'plan-back-up',
      description: 'Chooses the node that saves etcd, or says why none can',
    }),
    prepareSnapshot: new LambdaFunction<PrepareSnapshotInput, PreparedSnapshot>(scope, 'PrepareSnapshot', {
      name: 'prepare-snapshot',
      description: 'Makes a presigned URL for each node, which the node reads itself',
      timeout: Duration.minutes(1),
      environment: { OPERATIONS_BUCKET: operationsBucket.bucketName, LOCK_TABLE: lockTable.tableName },
      permissions: [
        useLock(lockTable, 'Get', 'Put', 'Delete'),
        { actions: ['ssm:PutParameter'], resources: secretParameters(scope), because: ANY_SECRET },
        ...[deleteSecrets(scope), describeExecutions(scope)],
        ...operationsBucket.uploadSnapshots(),
      ],
    }),
    verifySnapshot: new LambdaFunction<VerifySnapshotInput, Snapshot>(scope, 'VerifySnapshot', {
      name: 'verify-snapshot',
      description: 'Reads a snapshot back from the bucket and compares it with what was saved',
      // 5 GiB for each node at the worst: S3 gives about 90 MB a second.
      timeout: Duration.minutes(15),
      environment: { LOCK_TABLE: lockTable.tableName },
      permissions: [
        PUT_METRICS,
        useLock(lockTable, 'Get', 'Delete'),
        deleteSecrets(scope),
        ...operationsBucket.readSnapshots(),
      ],
    }),
    concludeFailure: new LambdaFunction<ConcludeFailureInput, ConcludedFailure>(scope, 'ConcludeFailure', {
      name: 'conclude-failure',
      description: "Puts an operation's failure into a sentence, gives the lock back and tells people",
      environment: { LOCK_TABLE: lockTable.tableName, BUS_NAME: eventBus.eventBusName, TOPIC_ARN: topic.topicArn },
      permissions: [
        ...[useLock(lockTable, 'Get', 'Delete'), ...changeTargets(scope, 'Register')],
        ...[deleteSecrets(scope), putEvents, tell(topic)],
      ],
    }),
  };
}

export type OperationFunctions = ReturnType<typeof operationFunctions>;

/** Of the lock and of what stands beside it in its table: what is out of a load balancer, and the names of secrets. */
export const useLock = (table: ITable, ...verbs: ('Get' | 'Put' | 'Delete')[]): Permission => ({
  actions: verbs.map((verb) => `dynamodb:${verb}Item`),
  resources: [table.tableArn],
});
export const tell = (topic: ITopic): Permission => ({ actions: ['sns:Publish'], resources: [topic.topicArn] });

const ANY_SECRET = 'The secret of any execution: their names are not known beforehand.';
const secretParameters = (scope: Construct): string[] => [
  Stack.of(scope).formatArn({
    service: 'ssm',
    resource: 'parameter',
    resourceName: `${SECRETS.slice(1)}/*`,
  }),
];
export const deleteSecrets = (scope: Construct): Permission => ({
  actions: ['ssm:DeleteParameter'],
  resources: secretParameters(scope),
  because: ANY_SECRET,
});
