import { z } from 'zod';
import { ACCOUNT, AwsError, REGION, type Permission } from '../../aws/aws-call';
import type { Node } from '../../nodes/node';
import { MOST_DOCUMENT_BYTES } from '../documents/document';
import { documentArn, type DocumentStore } from '../documents/document-store';
import { parameterValues } from '../documents/parameter-values';
import { nodesOf, targets } from '../instances/targets';
import type { CommandRequest } from './command';

const amount = (most: RegExp, expected: string) => z.string().regex(most, `expected ${expected}`);

export const sendCommand = z.strictObject({
  DocumentName: z.string().min(1),
  DocumentVersion: z
    .string()
    .regex(/^(\$LATEST|\$DEFAULT|[1-9]\d*)$/, 'expected $LATEST, $DEFAULT or a number')
    .default('$DEFAULT'),
  DocumentHash: z.string().max(256).optional(),
  DocumentHashType: z.literal('Sha256', 'expected Sha256').optional(),
  InstanceIds: z.array(z.string()).max(50, 'at most 50 instance ids are allowed').default([]),
  Targets: targets.default([]),
  Parameters: z.record(z.string(), z.array(z.string())).default({}),
  TimeoutSeconds: z
    .number()
    .int()
    .min(30, 'expected 30 to 2592000')
    .max(2_592_000, 'expected 30 to 2592000')
    .default(3600),
  Comment: z.string().max(100, 'at most 100 characters are allowed').default(''),
  MaxConcurrency: amount(/^([1-9]\d{0,6}|[1-9]\d?%|100%)$/, 'a number or a percentage').default('50'),
  MaxErrors: amount(/^(\d{1,7}|\d{1,2}%|100%)$/, 'a number or a percentage').default('0'),
});
export type SendCommandInput = z.output<typeof sendCommand>;

/** @throws AwsError with the reason why the command cannot be sent; nothing has happened then. */
export function commandRequest(
  input: SendCommandInput,
  documents: DocumentStore,
  nodes: Node[],
  now: Date,
): CommandRequest {
  const document = documents.getVersion(input.DocumentName, input.DocumentVersion);
  if (input.DocumentHash !== undefined && input.DocumentHash !== document.hash) {
    throw new AwsError(
      'InvalidDocument',
      `The hash of ${document.name} version ${document.version} is ${document.hash}, not ${input.DocumentHash}.`,
    );
  }
  const chosen = chosenNodes(input, nodes);
  const values = parameterValues(document.document, input.Parameters);
  checkSize(document.content, values);
  return {
    document,
    requestedVersion: input.DocumentVersion,
    values,
    parameters: input.Parameters,
    comment: input.Comment,
    instanceIds: input.InstanceIds,
    targets: input.Targets,
    timeoutSeconds: input.TimeoutSeconds,
    maxConcurrency: input.MaxConcurrency,
    maxErrors: input.MaxErrors,
    nodes: chosen,
    requestedAt: now,
  };
}

function chosenNodes({ InstanceIds, Targets }: SendCommandInput, nodes: Node[]): Node[] {
  if (!InstanceIds.length === !Targets.length) {
    throw new AwsError(
      'ValidationException',
      'SendCommand takes either InstanceIds or Targets, and one of them is needed.',
    );
  }
  if (Targets.length) return nodesOf(Targets, nodes);
  const twice = InstanceIds.find((id, index) => InstanceIds.indexOf(id) !== index);
  if (twice) throw new AwsError('DuplicateInstanceId', `The instance id ${twice} was given twice.`);
  return InstanceIds.map((id) => {
    const node = nodes.find(({ instanceId }) => instanceId === id);
    // What the real one says of an instance that it does not know, without telling whether it exists.
    if (!node?.agentVersion)
      throw new AwsError('InvalidInstanceId', `Instances [[${id}]] not in a valid state for account ${ACCOUNT}`);
    return node;
  });
}

function checkSize(content: string, values: object) {
  const bytes = Buffer.byteLength(content) + Buffer.byteLength(JSON.stringify(values));
  if (bytes > MOST_DOCUMENT_BYTES) {
    const limit = `at most ${MOST_DOCUMENT_BYTES} are allowed`;
    throw new AwsError(
      'MaxDocumentSizeExceeded',
      `The document and the values of its parameters have ${bytes} bytes; ${limit}.`,
    );
  }
}

/** SendCommand needs the document and every instance; only on the instances can a policy ask for a tag. */
export function sendCommandPermissions(
  { DocumentName, InstanceIds, Targets }: SendCommandInput,
  nodes: Node[],
): Permission[] {
  const ids = Targets.length ? nodesOf(Targets, nodes).map(({ instanceId }) => instanceId) : InstanceIds;
  return [
    { action: 'ssm:SendCommand', resource: DocumentName.startsWith('arn:') ? DocumentName : documentArn(DocumentName) },
    ...ids.map((id) => ({
      action: 'ssm:SendCommand',
      resource: `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${id}`,
      conditionKeys: resourceTags(nodes.find(({ instanceId }) => instanceId === id)),
    })),
  ];
}

function resourceTags(node: Node | undefined): Record<string, string> {
  if (!node) return {};
  const tags = { ...node.tags, Name: node.name };
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`ssm:resourceTag/${key}`, value]));
}
