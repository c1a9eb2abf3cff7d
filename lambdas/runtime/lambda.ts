import { chatSettings, type ChatSettings } from '../contracts/chat/settings';
import type * as z from 'zod';
import { describeProblems } from '../domain/text/describe-problem';
import { Logger } from '@aws-lambda-powertools/logger';
import { logKeys } from './log-keys';

/** The Lambda's payload in its contract's form; from then on log lines say what it is about. What the state machine sends otherwise is our mistake, not a user's. */
export function parsePayload<Schema extends z.ZodType>(schema: Schema, payload: unknown): z.output<Schema> {
  const parsed = schema.safeParse(payload);
  if (parsed.success) {
    logger.resetKeys();
    logger.appendKeys(logKeys(parsed.data));
    return parsed.data;
  }
  throw new Error(`The payload is not what this function expects: ${describeProblems(parsed.error, payload)}.`);
}

type Variable =
  | 'TOPIC_ARN'
  | 'BUS_NAME'
  | 'LOCK_TABLE'
  | 'APPROVALS_TABLE'
  | 'OPERATIONS_BUCKET'
  | 'STATE_MACHINES'
  | 'START_OPERATION'
  | 'UNCORDON_NODES'
  | 'CHAT_SETTINGS'
  | 'CHAT_TABLE'
  | 'CHAT_COMMAND';

/** Value of an environment variable that the stack gives to this function. */
export function environment(name: Variable): string {
  const value = process.env[name];
  if (!value) throw new Error(`The environment variable ${name} is not set: deploy the app again.`);
  return value;
}

/** ARN of the state machine of each operation, by the operation's name. */
export function stateMachines(): Record<string, string> {
  return JSON.parse(environment('STATE_MACHINES')) as Record<string, string>;
}

/** Which workspace and which callers are heard, and the names of the parameters that hold their secrets. */
export function chatSettingsOf(): ChatSettings {
  return chatSettings.parse(JSON.parse(environment('CHAT_SETTINGS')));
}

/** One JSON line for each event of interest; never whole payloads, which may be large and hold what nodes printed. */
export const logger = new Logger({ serviceName: 'kubeadm-autopilot' });
