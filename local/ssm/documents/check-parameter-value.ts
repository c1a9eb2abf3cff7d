import { RE2JS } from 're2js';
import type { DocumentParameter, ParameterValue } from './document-parameter';

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
