import { ACCOUNT, AwsError, REGION } from '../aws/aws-call';
import type { Iam } from './iam';

/** What a role must allow for a resource to be created with it: its service tries that then, and not only when it needs it. */
interface RoleRequirement {
  actions: string[];
  resource: string;
  code: string;
  /** In the words of AWS, without a full stop. */
  refusal(roleArn: string): string;
}

/** Each from the developer guide of its service. */
export const ROLE_REQUIREMENTS = {
  /** Step Functions, "Start workflow executions": a task with `states:startExecution.sync` learns of the end by a rule. */
  nestedExecutions: {
    actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
    resource: `arn:aws:events:${REGION}:${ACCOUNT}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`,
    code: 'AccessDeniedException',
    refusal: (roleArn) => `'${roleArn}' is not authorized to create managed-rule`,
  },
  /** Step Functions, "Using CloudWatch Logs to log execution history". */
  executionLogs: {
    actions: [
      ...['CreateLogDelivery', 'GetLogDelivery', 'UpdateLogDelivery', 'DeleteLogDelivery', 'ListLogDeliveries'],
      ...['PutResourcePolicy', 'DescribeResourcePolicies', 'DescribeLogGroups'],
    ].map((action) => `logs:${action}`),
    resource: '*',
    code: 'AccessDeniedException',
    refusal: () => 'The state machine IAM Role is not authorized to access the Log Destination',
  },
  /** Lambda, "Visualize Lambda function invocations using AWS X-Ray". */
  functionTraces: {
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    resource: '*',
    code: 'InvalidParameterValueException',
    refusal: () => 'The provided execution role does not have permissions to call PutTraceSegments on XRAY',
  },
} satisfies Record<string, RoleRequirement>;

/** @throws AwsError in the words of AWS, and with the action that the role lacks, which AWS leaves out. */
export function assertRoleMeets(iam: Iam, requirement: RoleRequirement, roleArn: `arn:${string}`): void {
  for (const action of requirement.actions) {
    const { allowed, because } = iam.decide({ principal: roleArn }, { action, resource: requirement.resource });
    if (!allowed)
      throw new AwsError(requirement.code, `${requirement.refusal(roleArn)} (${action} is refused ${because}).`);
  }
}
