import type { Construct } from 'constructs';
import type { CreatePlan, PlanCreateInput } from '../../lambdas/contracts/create';
import type { LoadBalancerTurn, RegisterTargetsInput } from '../../lambdas/contracts/load-balancer';
import { LambdaFunction } from '../foundation/lambda-function';
import { changeTargets, describeTargets } from '../foundation/permissions';

/** The Lambdas that only new clusters and nodes need, beside those of `operationFunctions`. */
export function createFunctions(scope: Construct) {
  return {
    planCreate: new LambdaFunction<PlanCreateInput, CreatePlan>(scope, 'PlanCreate', {
      name: 'plan-create',
      description: 'Computes which machines become nodes of a cluster, in which order, or why none can',
    }),
    registerTargets: new LambdaFunction<RegisterTargetsInput, LoadBalancerTurn>(scope, 'RegisterTargets', {
      name: 'register-targets',
      description: "Registers a new control plane in the target groups of its cluster's settings",
      permissions: [
        describeTargets('elasticloadbalancing:DescribeTargetGroups', 'ec2:DescribeInstances'),
        ...changeTargets(scope, 'Register'),
      ],
    }),
  };
}

export type CreateFunctions = ReturnType<typeof createFunctions>;
