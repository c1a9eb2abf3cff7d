import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { PolicyStatementProps } from 'aws-cdk-lib/aws-iam';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function, LoggingFormat, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct, IConstruct } from 'constructs';
import { acknowledgeWildcards } from './acknowledge';
import { lambdaBundle } from './lambda-bundles';

export interface Permission {
  actions: string[];
  resources: string[];
  conditions?: PolicyStatementProps['conditions'];
  /** Why the resources hold a wildcard, where they do. */
  because?: string;
}

export interface LambdaFunctionProps {
  /** Folder in lambdas/functions/. */
  name: string;
  description: string;
  timeout?: Duration;
  environment?: Record<string, string>;
  permissions?: Permission[];
}

/**
 * A Lambda function of lambdas/functions/ with this app's defaults, and a role of its own that holds what it needs and nothing else.
 * `Input` and `Output` are its contracts: a state that invokes it is checked against them.
 */
export class LambdaFunction<Input = never, Output = unknown> extends Function {
  declare readonly contract?: (input: Input) => Output;

  constructor(scope: Construct, id: string, props: LambdaFunctionProps) {
    const code = lambdaBundle(props.name);
    if (!existsSync(join(code, 'index.js')))
      throw new Error(`lambdas/functions/${props.name}/handler.ts does not exist, but ${id} needs it.`);
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    super(scope, id, {
      description: props.description,
      // Named, not "latest": the version that the tests ran with is the one that is deployed.
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(code),
      // More memory is more processor: parsing 50 nodes' answers at 128 MB takes seconds.
      memorySize: 512,
      timeout: props.timeout ?? Duration.seconds(30),
      tracing: Tracing.ACTIVE,
      environment: props.environment,
      loggingFormat: LoggingFormat.JSON,
      logGroup,
      role: functionRole(scope, `${id}Role`, logGroup, props.permissions ?? []),
    });
  }
}

function functionRole(scope: Construct, id: string, logGroup: LogGroup, permissions: Permission[]): Role {
  const role = new Role(scope, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  role.addToPolicy(
    new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }),
  );
  const reasons = new Map([['*', 'X-Ray takes trace segments only on *.']]);
  for (const { actions, resources, conditions, because } of permissions) {
    role.addToPolicy(new PolicyStatement({ actions, resources, conditions }));
    for (const resource of because ? resources : [])
      reasons.set(resource, [reasons.get(resource), because].filter(Boolean).join(' '));
  }
  for (const [resource, because] of reasons) acknowledgeWildcards(role, [resource], because);
  return role;
}

/** The CDK lets a state machine that invokes a function invoke each of its versions as well. */
export function acknowledgeVersionsOf(invoker: IConstruct, ...functions: LambdaFunction[]): void {
  for (const { functionArn } of functions)
    acknowledgeWildcards(invoker, [`${functionArn}:*`], 'Any version of this one function.');
}
