import { z } from 'zod';
import type { AwsAction, Permission } from '../../aws/aws-call';
import { AwsError } from '../../aws/aws-call';
import { checkedAction } from '../../aws/checked-action';
import type { TaskTokens } from '../engine/task-tokens';
import type { Json } from '../json';
import { MAX_PAYLOAD_BYTES } from '../limits';
import { StatesError } from '../states-error';

const taskToken = z.string().min(1).max(2048);

/** SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat. */
export function taskCallbacks(tokens: TaskTokens): Record<string, AwsAction> {
  const permissions =
    (action: string) =>
    (input: { taskToken: string }): Permission[] => [
      { action: `states:${action}`, resource: tokens.stateMachineOf(input.taskToken) ?? '*' },
    ];
  return {
    SendTaskSuccess: checkedAction('SendTaskSuccess', z.strictObject({ taskToken, output: z.string() }), {
      permissions: permissions('SendTaskSuccess'),
      run: ({ taskToken: token, output }) => {
        const result = readOutput(output);
        const task = tokens.find(token);
        tokens.close(token);
        task.succeed(result);
        return {};
      },
    }),
    SendTaskFailure: checkedAction(
      'SendTaskFailure',
      z.strictObject({ taskToken, error: z.string().max(256).optional(), cause: z.string().max(32_768).optional() }),
      {
        permissions: permissions('SendTaskFailure'),
        run: ({ taskToken: token, error, cause }) => {
          const task = tokens.find(token);
          tokens.close(token);
          task.fail(new StatesError(error, cause));
          return {};
        },
      },
    ),
    SendTaskHeartbeat: checkedAction('SendTaskHeartbeat', z.strictObject({ taskToken }), {
      permissions: permissions('SendTaskHeartbeat'),
      run: ({ taskToken: token }) => {
        tokens.find(token).heartbeat();
        return {};
      },
    }),
  };
}

function readOutput(text: string): Json {
  if (Buffer.byteLength(text) > MAX_PAYLOAD_BYTES) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at 'output' failed to satisfy constraint: Member must have length less than or equal to ${MAX_PAYLOAD_BYTES}`,
    );
  }
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new AwsError('InvalidOutput', `Invalid Output: '${(error as Error).message}'`);
  }
}
