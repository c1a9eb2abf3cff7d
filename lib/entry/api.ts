import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { API_PARAMETER, ROUTES } from '../../lambdas/contracts/api/routes';
import { clusterParameterName } from '../../lambdas/contracts/cluster-config';
import { wakeOperations, type Approvals } from '../foundation/approvals';
import { LambdaFunction } from '../foundation/lambda-function';
import { APP } from '../foundation/names';
import { readNestedHistories, stateMachineArns } from '../foundation/operation-arns';
import type { OperationsBucket } from '../foundation/operations-bucket';
import { describeTargets } from '../foundation/permissions';
import { changeFreezes, describeNodes, operate, parameterArn, readSettings } from './api-permissions';

export interface ApiProps {
  startOperation: IFunction;
  lockTable: ITable;
  approvals: Approvals;
  operationsBucket: OperationsBucket;
}

/**
 * For people and their scripts, not for load: `autopilot watch` asks once a second, and what a request reads from AWS has quotas of its
 * own.
 */
const THROTTLE = { rateLimit: 20, burstLimit: 50 };

/** The HTTPS API. Only IAM identities of this account that may `execute-api:Invoke` a route get to the function behind it. */
export class Api extends Construct {
  readonly httpApi: HttpApi;
  readonly stage: HttpStage;

  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id);
    const api = (this.httpApi = new HttpApi(this, 'HttpApi', {
      apiName: APP,
      description: 'What autopilot, the command line, speaks to',
      createDefaultStage: false,
      defaultAuthorizer: new HttpIamAuthorizer(),
    }));
    const integration = new HttpLambdaIntegration('Function', this.function(props), {
      // One permission for all routes: one for each would be thirteen times the same.
      scopePermissionToRoute: false,
    });
    for (const { method, path } of Object.values(ROUTES))
      api.addRoutes({ path, methods: [HttpMethod[method]], integration });
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: THROTTLE,
      accessLogSettings: { destination: new LogGroupLogDestination(this.accessLog()), format: ACCESS_LOG },
    });
    new StringParameter(this, 'Address', {
      parameterName: API_PARAMETER,
      description: 'Address of the HTTPS API, for the command line',
      stringValue: api.apiEndpoint,
    });
  }

  private function({ startOperation, lockTable, approvals, operationsBucket }: ApiProps): LambdaFunction {
    return new LambdaFunction(this, 'Function', {
      name: 'api',
      description: 'Answers the HTTPS API',
      // API Gateway waits no longer than 30 seconds.
      timeout: Duration.seconds(29),
      environment: {
        LOCK_TABLE: lockTable.tableName,
        APPROVALS_TABLE: approvals.tableName,
        OPERATIONS_BUCKET: operationsBucket.bucketName,
        START_OPERATION: startOperation.functionName,
        STATE_MACHINES: JSON.stringify(stateMachineArns(this)),
      },
      permissions: [
        ...operate(this, startOperation),
        readSettings(this),
        {
          actions: ['ssm:GetParametersByPath'],
          resources: [parameterArn(this, clusterParameterName('').slice(0, -1))],
        },
        describeNodes(
          'ssm:ListCommandInvocations',
          'ssm:GetCommandInvocation',
          'autoscaling:DescribeAutoScalingGroups',
        ),
        describeTargets('elasticloadbalancing:DescribeTargetGroups'),
        { actions: ['dynamodb:GetItem', 'dynamodb:Scan'], resources: [lockTable.tableArn] },
        changeFreezes(lockTable),
        approvals.decide(),
        wakeOperations(this),
        readNestedHistories(this),
        ...operationsBucket.readReports(),
      ],
    });
  }

  private accessLog(): LogGroup {
    return new LogGroup(this, 'AccessLog', {
      logGroupName: `/aws/vendedlogs/apis/${APP}`,
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }
}

/** Who asked for what, with which answer; nothing of queries and bodies. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    time: AccessLogField.contextRequestTime(),
    sourceIp: AccessLogField.contextIdentitySourceIp(),
    who: AccessLogField.contextIdentityUserArn(),
    method: AccessLogField.contextHttpMethod(),
    path: AccessLogField.contextPath(),
    status: AccessLogField.contextStatus(),
    latencyMs: AccessLogField.contextResponseLatency(),
    failure: AccessLogField.contextErrorMessage(),
  }),
);
