import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { PlanReplacementInput, ReplacementPlan } from '../../lambdas/contracts/replace';
import type {
  DeregisteredNode,
  DeregisterNodeInput,
  PlanRemovalInput,
  RemovalPlan,
} from '../../lambdas/contracts/remove';
import { LambdaFunction } from '../foundation/lambda-function';
import { changeTargets, describeTargets } from '../foundation/permissions';
import { useLock } from './operation-functions';

/** The Lambdas that only the removal and the replacement of a node need, beside those of `operationFunctions`. */
export function removeFunctions(scope: Construct, { lockTable }: { lockTable: ITable }) {
  return {
    planRemoval: new LambdaFunction<PlanRemovalInput, RemovalPlan>(scope, 'PlanRemoval', {
      name: 'plan-removal',
      description: 'Computes how a node leaves its cluster for good, or why it has to stay',
    }),
    planReplacement: new LambdaFunction<PlanReplacementInput, ReplacementPlan>(scope, 'PlanReplacement', {
      name: 'plan-replacement',
      description: 'Puts the plans of a removal and of a join together',
    }),
    deregisterNode: new LambdaFunction<DeregisterNodeInput, DeregisteredNode>(scope, 'DeregisterNode', {
      name: 'deregister-node',
      description: 'Takes a node that is removed out of all target groups for good',
      // One call for each target group of the account, where there are many.
      timeout: Duration.minutes(2),
      environment: { LOCK_TABLE: lockTable.tableName },
      permissions: [
        useLock(lockTable, 'Delete'),
        describeTargets('elasticloadbalancing:DescribeTargetGroups', 'ec2:DescribeInstances'),
        ...changeTargets(scope, 'Deregister'),
      ],
    }),
  };
}

export type RemoveFunctions = ReturnType<typeof removeFunctions>;
