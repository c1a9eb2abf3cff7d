import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { HttpMethod, type CfnStage, type HttpRoute } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpNoneAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { AttributeType, BillingMode, Table, TableEncryption, type ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, type IEventBus } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { CHAT_ROUTES } from '../../lambdas/contracts/chat/request';
import type { ChatSettings } from '../../lambdas/contracts/chat/settings';
import { EVENT, EVENT_SOURCE } from '../../lambdas/contracts/events';
import { wakeOperations, type Approvals } from '../foundation/approvals';
import { LambdaFunction, type Permission } from '../foundation/lambda-function';
import { describeExecutions, stateMachineArns } from '../foundation/operation-arns';
import type { Api } from './api';
import { changeFreezes, describeNodes, operate, parameterArn, readSettings } from './api-permissions';

export interface ChatProps {
  settings: ChatSettings;
  api: Api;
  startOperation: IFunction;
  lockTable: ITable;
  approvals: Approvals;
  eventBus: IEventBus;
}

/**
 * For each of the routes, which strangers reach: people type a few commands a minute. A limit of its own, so that a flood of them leaves the
 * signed routes alone. No reserved concurrency: AWS refuses it in accounts that have the smallest quota.
 */
const THROTTLE = { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 20 };

/**
 * Slack and the signed webhook: `chat-webhook` proves who asks and may do nothing else, `chat-command` does what is asked through the code of
 * the HTTPS API, `chat-progress` edits messages as events come.
 */
export class Chat extends Construct {
  private readonly table: Table;

  constructor(scope: Construct, id: string, props: ChatProps) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'id', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.DEFAULT,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: 'expires',
      // Deliveries of the last minutes, and messages of operations that run.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const command = this.command(props);
    this.routes(props, this.webhook(props, command));
    if (props.settings.slack) this.progress(props);
  }

  private webhook({ settings }: ChatProps, command: LambdaFunction): LambdaFunction {
    const { slack, webhooks } = settings;
    return new LambdaFunction(this, 'Webhook', {
      name: 'chat-webhook',
      description: 'Proves who sends a command from Slack or to the signed webhook',
      timeout: Duration.seconds(29),
      environment: { ...this.shared(settings), CHAT_COMMAND: command.functionName },
      permissions: [
        this.readSecrets(...(slack ? [slack.signingSecret] : []), ...webhooks.map(({ secret }) => secret)),
        this.items('delivery/*', 'dynamodb:PutItem'),
        { actions: ['lambda:InvokeFunction'], resources: [command.functionArn] },
      ],
    });
  }

  private command({ settings, startOperation, lockTable, approvals }: ChatProps): LambdaFunction {
    return new LambdaFunction(this, 'Command', {
      name: 'chat-command',
      description: 'Does what somebody has asked for in a chat',
      timeout: Duration.minutes(1),
      environment: {
        ...this.shared(settings),
        LOCK_TABLE: lockTable.tableName,
        APPROVALS_TABLE: approvals.tableName,
        START_OPERATION: startOperation.functionName,
        STATE_MACHINES: JSON.stringify(stateMachineArns(this)),
      },
      permissions: [
        ...(settings.slack ? [this.readSecrets(settings.slack.botToken)] : []),
        this.items('message/*', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'),
        ...operate(this, startOperation),
        readSettings(this),
        describeNodes(),
        { actions: ['dynamodb:GetItem'], resources: [lockTable.tableArn] },
        changeFreezes(lockTable),
        approvals.decide(),
        wakeOperations(this),
      ],
    });
  }

  private routes({ api: { httpApi, stage } }: ChatProps, webhook: LambdaFunction): void {
    const integration = new HttpLambdaIntegration('Integration', webhook, { scopePermissionToRoute: false });
    const settings = (stage.node.defaultChild as CfnStage) ?? undefined;
    for (const path of Object.values(CHAT_ROUTES)) {
      const [route] = httpApi.addRoutes({
        path,
        methods: [HttpMethod.POST],
        integration,
        authorizer: new HttpNoneAuthorizer(),
      }) as [HttpRoute];
      settings.addPropertyOverride(`RouteSettings.POST ${path}`, THROTTLE);
      stage.node.addDependency(route);
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason: 'Slack cannot sign for IAM: chat-webhook checks the signature of each request before it does anything.',
      });
    }
  }

  private progress({ settings, approvals, eventBus }: ChatProps): void {
    const progress = new LambdaFunction(this, 'Progress', {
      name: 'chat-progress',
      description: 'Edits messages in Slack as their operations go on',
      // It waits for its turn, and as long as Slack asks it to.
      timeout: Duration.minutes(2),
      environment: {
        ...this.shared(settings),
        APPROVALS_TABLE: approvals.tableName,
        STATE_MACHINES: JSON.stringify(stateMachineArns(this)),
      },
      permissions: [
        this.readSecrets(settings.slack!.botToken),
        this.items('message/*', 'dynamodb:GetItem', 'dynamodb:UpdateItem'),
        describeExecutions(this),
        approvals.read(),
      ],
    });
    new Rule(this, 'NodeChanged', {
      description: 'A step on a node has begun or ended, an operation waits for approval, or its report is written',
      eventBus,
      eventPattern: {
        source: [EVENT_SOURCE],
        detailType: [EVENT.nodeProgress, EVENT.approvalWanted, EVENT.reportWritten],
      },
      targets: [new LambdaTarget(progress)],
    });
    new Rule(this, 'OperationEnded', {
      description: 'An operation that was asked for in Slack has ended',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          stateMachineArn: Object.values(stateMachineArns(this)),
          status: ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'],
          input: [{ wildcard: '*"source":"slack"*' }],
        },
      },
      targets: [new LambdaTarget(progress)],
    });
  }

  private readonly shared = (settings: ChatSettings) => ({
    CHAT_SETTINGS: JSON.stringify(settings),
    CHAT_TABLE: this.table.tableName,
  });

  /** SecureString parameters under SSM's own key, which needs no right of its own. */
  private readSecrets(...names: string[]): Permission {
    return { actions: ['ssm:GetParameter'], resources: names.map((name) => parameterArn(this, name)) };
  }

  private items(keys: string, ...actions: string[]): Permission {
    return {
      actions,
      resources: [this.table.tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [keys] } },
    };
  }
}
