import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../../lambdas/contracts/cluster-config';
import type { OperationName } from '../../lambdas/contracts/operation';
import { APP } from '../foundation/names';

export interface SchedulesProps {
  clusters: ClusterConfig[];
  startOperation: IFunction;
}

/** A start that comes later than this would change nodes at an hour that nobody chose. */
const OLDEST_START = Duration.minutes(15);

/** Starts check-certificates and back-up-etcd for each cluster when its clusters/<name>.yaml says so. */
export class Schedules extends Construct {
  /** Starts that failed for good. */
  readonly deadLetters: Queue;
  private readonly role: Role;
  private readonly group: CfnScheduleGroup;

  constructor(scope: Construct, id: string, { clusters, startOperation }: SchedulesProps) {
    super(scope, id);
    this.deadLetters = new Queue(this, 'DeadLetters', {
      queueName: `${APP}-schedules`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this.deadLetters).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is a dead-letter queue itself, of EventBridge Scheduler, where cdk-nag does not look.',
    });
    this.group = new CfnScheduleGroup(this, 'Group', { name: APP });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account, 'aws:SourceArn': this.group.attrArn },
        },
      }),
    });
    this.role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [startOperation.functionArn] }),
    );
    this.role.addToPolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.deadLetters.queueArn] }),
    );
    for (const cluster of clusters) {
      this.schedule('check-certificates', cluster, cluster.certificates.schedule, startOperation);
      const { schedule } = cluster.etcdBackup;
      if (schedule !== undefined) this.schedule('back-up-etcd', cluster, schedule, startOperation);
    }
  }

  private schedule(
    operation: OperationName,
    { cluster, certificates }: ClusterConfig,
    scheduleExpression: string,
    startOperation: IFunction,
  ): void {
    const name = `${operation}-${cluster}`;
    const schedule = new CfnSchedule(this, name, {
      name,
      groupName: this.group.ref,
      description: `${operation} for the cluster ${cluster}, from clusters/${cluster}.yaml`,
      scheduleExpression,
      scheduleExpressionTimezone: certificates.timeZone,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: startOperation.functionArn,
        roleArn: this.role.roleArn,
        // The same scheduled time delivered twice gives the same id, and so starts one execution.
        input: JSON.stringify({
          operation,
          cluster,
          trigger: { source: 'schedule', id: `${name}/<aws.scheduler.scheduled-time>` },
        }),
        retryPolicy: { maximumRetryAttempts: certificates.retries, maximumEventAgeInSeconds: OLDEST_START.toSeconds() },
        deadLetterConfig: { arn: this.deadLetters.queueArn },
      },
    });
    // Without this the first start could come before its role may invoke anything.
    schedule.node.addDependency(this.role);
  }
}
