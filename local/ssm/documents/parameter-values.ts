import { RE2JS } from 're2js';
import { AwsError } from '../../aws/aws-call';
import type { CommandDocument } from './document';
import type { DocumentParameter, ParameterValue } from './document-parameter';

/**
 * The value of each parameter of a document: what SendCommand was given, else the default.
 * @throws AwsError InvalidParameters with what is wrong about the first one that is.
 */
export function parameterValues(
  document: CommandDocument,
  given: Record<string, string[]>,
): Record<string, ParameterValue> {
  const unknown = Object.keys(given).find((name) => !(name in document.parameters));
  if (unknown !== undefined) {
    const known = Object.keys(document.parameters).join(', ') || 'none';
    throw new AwsError('InvalidParameters', `The document has no parameter ${unknown}; it has: ${known}.`);
  }
  return Object.fromEntries(
    Object.entries(document.parameters).map(([name, parameter]) => {
      const value = name in given ? readValue(name, parameter, given[name]!) : parameter.default;
      if (value === undefined)
        throw new AwsError('InvalidParameters', `The parameter ${name} has no value and no default.`);
      const problem = checkParameterValue(parameter, value);
      if (problem) throw new AwsError('InvalidParameters', `The value of the parameter ${name} ${problem}.`);
      return [name, value];
    }),
  );
}

/** SendCommand gives every value as a list of strings, whatever its type. */
function readValue(name: string, parameter: DocumentParameter, values: string[]): ParameterValue {
  const fromStore = values.find((value) => /\{\{\s*ssm:/.test(value));
  if (fromStore)
    throw new AwsError(
      'InvalidParameters',
      `The local SSM does not resolve references to Parameter Store such as ${fromStore}.`,
    );
  if (parameter.type === 'StringList') return values;
  const [value] = values;
  if (value === undefined || values.length > 1) {
    throw new AwsError(
      'InvalidParameters',
      `The parameter ${name} is a ${parameter.type} and takes 1 value, not ${values.length}.`,
    );
  }
  if (parameter.type === 'String') return value;
  const wellFormed = parameter.type === 'Integer' ? /^-?\d{1,10}$/ : /^(true|false)$/;
  if (!wellFormed.test(value))
    throw new AwsError('InvalidParameters', `The parameter ${name} is a ${parameter.type}, not "${value}".`);
  return parameter.type === 'Integer' ? Number(value) : value === 'true';
}

/** Why a value is not allowed, as the end of a sentence; undefined when it is. */
export function checkParameterValue(parameter: DocumentParameter, value: ParameterValue): string | undefined {
  const items = (Array.isArray(value) ? value : [value]).map(String);
  const { allowedValues } = parameter;
  const notAllowed = allowedValues && items.find((item) => !allowedValues.includes(item));
  if (notAllowed !== undefined) return `is "${notAllowed}", not one of ${allowedValues!.join(', ')}`;
  if (parameter.type === 'Integer' || parameter.type === 'Boolean') return undefined;
  if (parameter.type === 'StringList') {
    if (items.length < (parameter.minItems ?? 0))
      return `has ${items.length} items; at least ${parameter.minItems} are needed`;
    if (items.length > (parameter.maxItems ?? Infinity))
      return `has ${items.length} items; at most ${parameter.maxItems} are allowed`;
  }
  return items.map((item) => checkText(parameter, item)).find((problem) => problem !== undefined);
}

function checkText(parameter: DocumentParameter & { type: 'String' | 'StringList' }, item: string): string | undefined {
  const bytes = Buffer.byteLength(item);
  if (bytes < (parameter.minChars ?? 0)) return `has ${bytes} characters; at least ${parameter.minChars} are needed`;
  if (bytes > (parameter.maxChars ?? Infinity))
    return `has ${bytes} characters; at most ${parameter.maxChars} are allowed`;
  // A search, as in the agent: a pattern without ^ and $ lets through whatever contains a match.
  if (parameter.allowedPattern && !RE2JS.compile(parameter.allowedPattern).matcher(item).find()) {
    return `is "${item}", which does not match the allowed pattern ${parameter.allowedPattern}`;
  }
  return undefined;
}
