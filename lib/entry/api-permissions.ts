import { Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { clusterParameterName } from '../../lambdas/contracts/cluster-config';
import { EVERY_FREEZE } from '../../lambdas/contracts/freeze';
import { EVERY_STOP_REQUEST } from '../../lambdas/contracts/stop-request';
import type { Permission } from '../foundation/lambda-function';
import { describeExecutions, stateMachineArns, watchExecutions } from '../foundation/operation-arns';

// What the code of lambdas/functions/api needs, for each function that it is part of.

/** Start operations, list them, read what they have done, stop them. */
export const operate = (scope: Construct, startOperation: IFunction): Permission[] => [
  { actions: ['lambda:InvokeFunction'], resources: [startOperation.functionArn] },
  { actions: ['states:ListExecutions'], resources: Object.values(stateMachineArns(scope)) },
  describeExecutions(scope),
  watchExecutions(scope),
];

export const readSettings = (scope: Construct): Permission => ({
  actions: ['ssm:GetParameter'],
  resources: [parameterArn(scope, clusterParameterName('*'))],
  because: 'The settings of any cluster, also of one that has none.',
});

export const describeNodes = (...more: string[]): Permission => ({
  actions: ['ec2:DescribeInstances', 'ssm:DescribeInstanceInformation', ...more],
  resources: ['*'],
  because: 'IAM knows no resource for describing instances and Auto Scaling groups, and none for listing commands.',
});

/** Changes freezes and stop requests in the lock table: never a lock. */
export const changeFreezes = (table: ITable): Permission => ({
  actions: ['dynamodb:PutItem', 'dynamodb:DeleteItem'],
  resources: [table.tableArn],
  conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [EVERY_FREEZE, EVERY_STOP_REQUEST] } },
});

export const parameterArn = (scope: Construct, name: string): string =>
  Stack.of(scope).formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.slice(1) });
