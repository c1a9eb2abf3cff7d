import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { AwsError } from '../../aws/aws-call';
import { mistakes } from '../../aws/checked-action';
import { checkParameterValue } from './check-parameter-value';
import { documentParameter, type DocumentParameter } from './document-parameter';

/** With the values of the parameters that SendCommand adds. */
export const MOST_DOCUMENT_BYTES = 64 * 1024;

const referenceTo = z
  .string()
  .regex(/^\{\{\s*[a-zA-Z0-9]+\s*\}\}$/, 'expected a list of lines or a reference to one parameter');
const flag = z.union([z.boolean(), z.enum(['true', 'false'])]).transform((value) => value === true || value === 'true');

const stepInputs = z.strictObject({
  runCommand: z.union([z.array(z.string()).min(1), referenceTo]),
  /** 5 to 172800; the agent silently takes 3600 for anything else. */
  timeoutSeconds: z.union([z.string(), z.number()]).optional(),
  workingDirectory: z.string().optional(),
  // The agent reads these three among the inputs, and ignores them elsewhere.
  onFailure: z.enum(['exit', 'successAndExit']).optional(),
  onSuccess: z.enum(['exit']).optional(),
  finallyStep: flag.optional(),
});

const step = z.strictObject({
  action: z.literal('aws:runShellScript', 'expected aws:runShellScript, the only plugin of the local SSM'),
  name: z.string().regex(/^[a-zA-Z0-9_\-.:]{1,128}$/, 'expected 1 to 128 letters, digits, "_", "-", "." or ":"'),
  precondition: z.strictObject({ StringEquals: z.tuple([z.string(), z.string()]) }).optional(),
  inputs: stepInputs,
});

const commandDocument = z.strictObject({
  schemaVersion: z.literal('2.2', 'expected "2.2", the only schema of the local SSM'),
  description: z.string().optional(),
  parameters: z
    .record(z.string().regex(/^[a-zA-Z0-9]+$/, 'the agent takes letters and digits only'), documentParameter)
    .default({}),
  mainSteps: z.array(step).min(1),
});

export type CommandDocument = z.output<typeof commandDocument>;
export type DocumentStep = CommandDocument['mainSteps'][number];

/**
 * Reads a Command document of schema 2.2.
 * @throws AwsError InvalidDocumentContent (or MaxDocumentSizeExceeded) that names the field, plugin or parameter.
 */
export function parseDocument(content: string, format: 'JSON' | 'YAML' = 'JSON'): CommandDocument {
  if (Buffer.byteLength(content) > MOST_DOCUMENT_BYTES) {
    throw new AwsError(
      'MaxDocumentSizeExceeded',
      `The document has ${Buffer.byteLength(content)} bytes; at most ${MOST_DOCUMENT_BYTES} are allowed.`,
    );
  }
  const result = commandDocument.safeParse(readText(content, format));
  if (!result.success) throw invalid(mistakes(result.error));
  const document = result.data;
  checkStepNames(document.mainSteps);
  checkReferences(document);
  for (const [name, parameter] of Object.entries(document.parameters)) checkDefault(name, parameter);
  return document;
}

const invalid = (problem: string) => new AwsError('InvalidDocumentContent', `The document is not valid: ${problem}`);

function readText(content: string, format: 'JSON' | 'YAML'): unknown {
  try {
    return format === 'JSON' ? JSON.parse(content) : parseYaml(content);
  } catch (error) {
    throw invalid(`it is not ${format}: ${(error as Error).message}`);
  }
}

function checkStepNames(steps: DocumentStep[]) {
  const twice = steps.map(({ name }) => name).find((name, index, names) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalid(`two steps have the name ${twice}.`);
}

/** Every reference has to be to a declared parameter; references into Parameter Store are not something the local agent resolves. */
function checkReferences({ parameters, mainSteps }: CommandDocument) {
  const text = JSON.stringify([mainSteps, Object.values(parameters).map((parameter) => parameter.default)]);
  const fromStore = /\{\{\s*ssm(-secure)?:[^}]*\}\}/.exec(text);
  if (fromStore) throw invalid(`the local SSM does not resolve references to Parameter Store such as ${fromStore[0]}.`);
  for (const [, name] of JSON.stringify(mainSteps).matchAll(/\{\{\s*([a-zA-Z0-9]+)\s*\}\}/g)) {
    if (!(name! in parameters)) throw invalid(`a step refers to the parameter ${name}, which is not declared.`);
  }
}

function checkDefault(name: string, parameter: DocumentParameter) {
  if (parameter.default === undefined) return;
  const problem = checkParameterValue(parameter, parameter.default);
  if (problem) throw invalid(`the default of the parameter ${name} ${problem}.`);
}
