import { sentByAgent, standardError } from './agent-output';
import type { Command, Invocation } from './command';
import type { StepResult } from './step-result';

const STEP_STATUS: Record<StepResult['status'], { Status: string; StatusDetails: string }> = {
  Pending: { Status: 'Pending', StatusDetails: 'Pending' },
  InProgress: { Status: 'InProgress', StatusDetails: 'InProgress' },
  SuccessAndReboot: { Status: 'InProgress', StatusDetails: 'InProgress' },
  Success: { Status: 'Success', StatusDetails: 'Success' },
  // For the agent, skipped is a form of success.
  Skipped: { Status: 'Success', StatusDetails: 'Skipped' },
  Failed: { Status: 'Failed', StatusDetails: 'Failed' },
  Cancelled: { Status: 'Cancelled', StatusDetails: 'Cancelled' },
  TimedOut: { Status: 'TimedOut', StatusDetails: 'Execution Timed Out' },
};

/** A step that never began shares the fate of its invocation. */
function stepStatus(step: StepResult, { status, details, isOver }: Invocation) {
  return isOver && !step.endedAt ? { Status: status, StatusDetails: details } : STEP_STATUS[step.status];
}

const NO_CLOUDWATCH = { CloudWatchLogGroupName: '', CloudWatchOutputEnabled: false };

export function commandAnswer(command: Command) {
  const { request, document } = command;
  return {
    CommandId: command.id,
    DocumentName: document.name,
    DocumentVersion: request.requestedVersion,
    Comment: request.comment,
    ExpiresAfter: command.expiresAfter,
    Parameters: request.parameters,
    InstanceIds: request.instanceIds,
    Targets: request.targets,
    RequestedDateTime: request.requestedAt,
    Status: command.status,
    StatusDetails: command.details,
    MaxConcurrency: request.maxConcurrency,
    MaxErrors: request.maxErrors,
    TargetCount: command.invocations.length,
    CompletedCount: command.completed,
    ErrorCount: command.errors,
    DeliveryTimedOutCount: command.deliveryTimedOut,
    OutputS3BucketName: '',
    OutputS3KeyPrefix: '',
    ServiceRole: '',
    NotificationConfig: { NotificationArn: '', NotificationEvents: [], NotificationType: '' },
    CloudWatchOutputConfig: NO_CLOUDWATCH,
    TimeoutSeconds: request.timeoutSeconds,
  };
}

/** An invocation in ListCommandInvocations. */
export function invocationAnswer(invocation: Invocation, details: boolean) {
  const { command, node } = invocation;
  return {
    CommandId: command.id,
    InstanceId: node.instanceId,
    InstanceName: node.name,
    Comment: command.request.comment,
    DocumentName: command.document.name,
    DocumentVersion: command.request.requestedVersion,
    RequestedDateTime: command.request.requestedAt,
    Status: invocation.status,
    StatusDetails: invocation.details,
    StandardOutputUrl: '',
    StandardErrorUrl: '',
    CommandPlugins: details ? invocation.steps.map((step) => pluginAnswer(step, invocation)) : [],
    ServiceRole: '',
    CloudWatchOutputConfig: NO_CLOUDWATCH,
  };
}

function pluginAnswer(step: StepResult, invocation: Invocation) {
  return {
    Name: step.name,
    ...stepStatus(step, invocation),
    ResponseCode: step.endedAt ? step.code : -1,
    ...(step.startedAt && { ResponseStartDateTime: step.startedAt }),
    ...(step.endedAt && { ResponseFinishDateTime: step.endedAt }),
    Output: step.endedAt ? step.output : '',
    StandardOutputUrl: '',
    StandardErrorUrl: '',
    OutputS3Region: '',
    OutputS3BucketName: '',
    OutputS3KeyPrefix: '',
  };
}

/** One step of an invocation in GetCommandInvocation. Its streams are empty until it has ended. */
export function stepAnswer(invocation: Invocation, step: StepResult) {
  const { command, node } = invocation;
  const { startedAt, endedAt } = step;
  const elapsed = startedAt && endedAt ? `PT${(endedAt.getTime() - startedAt.getTime()) / 1000}S` : '';
  return {
    CommandId: command.id,
    InstanceId: node.instanceId,
    Comment: command.request.comment,
    DocumentName: command.document.name,
    DocumentVersion: command.request.requestedVersion,
    PluginName: step.name,
    ResponseCode: endedAt ? step.code : -1,
    ExecutionStartDateTime: startedAt?.toISOString() ?? '',
    ExecutionElapsedTime: elapsed,
    ExecutionEndDateTime: endedAt?.toISOString() ?? '',
    ...stepStatus(step, invocation),
    StandardOutputContent: endedAt ? sentByAgent(step.stdout) : '',
    StandardOutputUrl: '',
    StandardErrorContent: endedAt ? standardError(step.stderr) : '',
    StandardErrorUrl: '',
    CloudWatchOutputConfig: NO_CLOUDWATCH,
  };
}
