import { AwsError } from '../../aws/aws-call';
import { checkParameterValue } from './check-parameter-value';
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
