import { ACCOUNT, REGION } from '../../aws/aws-call';
import { busEvent } from '../../eventbridge/bus-event';
import type { BusEvent } from '../../eventbridge/bus-event';
import type { Command, Invocation } from './command';

const arn = (instanceId: string) => `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${instanceId}`;

/** What SSM tells EventBridge when an invocation has a new status. */
export function invocationEvent({ command, node, status }: Invocation, now: Date): BusEvent {
  return busEvent(
    {
      source: 'aws.ssm',
      'detail-type': 'EC2 Command Invocation Status-change Notification',
      resources: [arn(node.instanceId)],
      detail: {
        'command-id': command.id,
        'document-name': command.document.name,
        'instance-id': node.instanceId,
        'requested-date-time': command.request.requestedAt.toISOString(),
        status,
      },
    },
    now,
  );
}

/** What SSM tells EventBridge when the command has a new status. The parameters are in it, in plain text. */
export function commandEvent(command: Command, now: Date): BusEvent {
  return busEvent(
    {
      source: 'aws.ssm',
      'detail-type': 'EC2 Command Status-change Notification',
      resources: command.invocations.map(({ node }) => arn(node.instanceId)),
      detail: {
        'command-id': command.id,
        'document-name': command.document.name,
        'expire-after': command.expiresAfter.toISOString(),
        parameters: command.request.parameters,
        'requested-date-time': command.request.requestedAt.toISOString(),
        status: command.status,
      },
    },
    now,
  );
}
