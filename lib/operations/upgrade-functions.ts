import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { PlanUpgradePayload, UpgradePlan } from '../../lambdas/contracts/upgrade';
import type {
  AssessMinorInput,
  AssessedMinor,
  PlanWavesInput,
  ProvenUpgrade,
  VerifyUpgradePayload,
  Waves,
} from '../../lambdas/contracts/upgrade-outcomes';
import { LambdaFunction } from '../foundation/lambda-function';
import { readResultsOfNodes } from '../foundation/operation-arns';
import { describeTargets } from '../foundation/permissions';

/** The Lambdas that an upgrade's state machines call beside those of all operations. */
export const upgradeFunctions = (scope: Construct) => ({
  planUpgrade: new LambdaFunction<PlanUpgradePayload, UpgradePlan>(scope, 'PlanUpgrade', {
    name: 'plan-upgrade',
    description: 'Computes the way to another version of Kubernetes, node by node, or why there is none',
    // One call for each target group of the network, where there are many.
    timeout: Duration.minutes(2),
    permissions: [
      readResultsOfNodes(scope),
      describeTargets(
        'elasticloadbalancing:DescribeTargetGroups',
        'elasticloadbalancing:DescribeTargetGroupAttributes',
      ),
    ],
  }),
  planWaves: new LambdaFunction<PlanWavesInput, Waves>(scope, 'PlanWaves', {
    name: 'plan-waves',
    description:
      'Tells which workers of a group are left to upgrade, in which waves, and which control plane drains which',
  }),
  assessMinor: new LambdaFunction<AssessMinorInput, AssessedMinor>(scope, 'AssessMinor', {
    name: 'assess-minor',
    description:
      'Decides whether the control plane has the version of a hop as a whole, so that the workers may follow',
  }),
  verifyUpgrade: new LambdaFunction<VerifyUpgradePayload, ProvenUpgrade>(scope, 'VerifyUpgrade', {
    name: 'verify-upgrade',
    description: 'Compares the versions before and after an upgrade, and reports',
    permissions: [readResultsOfNodes(scope)],
  }),
});
