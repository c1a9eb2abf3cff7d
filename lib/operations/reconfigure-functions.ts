import type { Construct } from 'constructs';
import type { PlanReconfigurationInput, ReconfigurationPlan } from '../../lambdas/contracts/reconfigure';
import { LambdaFunction } from '../foundation/lambda-function';

/** The Lambda that only a reconfiguration needs, beside those of `operationFunctions`. */
export const reconfigureFunctions = (scope: Construct) => ({
  planReconfiguration: new LambdaFunction<PlanReconfigurationInput, ReconfigurationPlan>(scope, 'PlanReconfiguration', {
    name: 'plan-reconfiguration',
    description: 'Computes what the settings change in a running cluster, and on which nodes',
  }),
});

export type ReconfigureFunctions = ReturnType<typeof reconfigureFunctions>;
