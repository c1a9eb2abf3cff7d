import { z } from 'zod';
import type { CommandDocument } from '../documents/document';
import type { ParameterValue } from '../documents/document-parameter';

/** A command as the agent is given it: the whole document, and the values that are not the document's own defaults. */
export interface JobOrder {
  commandId: string;
  instanceId: string;
  documentName: string;
  document: CommandDocument;
  parameters: Record<string, ParameterValue>;
}

/** The name of a job. The agent reads the command's id out of it: what is between the last two dots. */
export const jobIdOf = (id: string, instanceId: string) => `aws.ssm.${id}.${instanceId}`;

/** Payload of the agent_job that runs a document. */
export function sendCommandJob({ commandId, instanceId, documentName, document, parameters }: JobOrder): string {
  return job(jobIdOf(commandId, instanceId), 'aws.ssm.sendCommand.local', {
    Parameters: parameters,
    DocumentContent: document,
    CommandId: commandId,
    DocumentName: documentName,
    OutputS3BucketName: '',
    OutputS3KeyPrefix: '',
    CloudWatchLogGroupName: '',
    // A string: the agent parses it.
    CloudWatchOutputEnabled: 'false',
  });
}

/** Payload of the agent_job that ends another one. `id` is a new UUID: to cancel is a job of its own. */
export function cancelCommandJob(id: string, commandId: string, instanceId: string): string {
  return job(jobIdOf(id, instanceId), 'aws.ssm.cancelCommand.local', {
    CancelMessageId: jobIdOf(commandId, instanceId),
  });
}

const job = (JobId: string, Topic: string, content: object) =>
  JSON.stringify({ SchemaVersion: 1, JobId, Topic, Content: JSON.stringify(content) });

/** Payload of the agent_job_reply_ack: a reply that gets none is sent again minutes later. */
export const replyAck = (jobId: string, messageId: string) =>
  JSON.stringify({ jobId, acknowledgedMessageId: messageId });

/** Payload of agent_job_ack. */
export const jobAck = z.object({ jobId: z.string(), statusCode: z.string(), errorMessage: z.string().default('') });

/** The agent has the job: 200; 51405, it had it before; 51408, it could not read it and answers that it failed. */
export const hasTaken = ({ statusCode }: z.output<typeof jobAck>) => ['200', '51405', '51408'].includes(statusCode);

const status = z.enum([
  'NotStarted',
  'InProgress',
  'Success',
  'SuccessAndReboot',
  'PassedAndReboot',
  'Failed',
  'Cancelled',
  'TimedOut',
  'Skipped',
]);

/** What the agent tells about one step; dates are ISO 8601, or of the year 1 when there is none. */
const stepReply = z.object({
  status,
  code: z.number().int(),
  output: z.string(),
  standardOutput: z.string(),
  standardError: z.string(),
  startDateTime: z.string(),
  endDateTime: z.string(),
});
export type StepReply = z.output<typeof stepReply>;

const replyContent = z.object({
  documentStatus: status,
  runtimeStatus: z
    .record(z.string(), stepReply)
    .nullish()
    .transform((steps) => steps ?? {}),
});

/** What the agent tells about a document: its status, and that of the step that the reply is about, by the step's name. */
export type DocumentReply = z.output<typeof replyContent>;

/** Payload of agent_job_reply: JSON whose content is JSON again. */
export const jobReply = z.object({
  jobId: z.string(),
  content: z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'expected JSON' });
        return z.NEVER;
      }
    })
    .pipe(replyContent),
});
