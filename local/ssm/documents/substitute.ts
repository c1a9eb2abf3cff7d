import type { ParameterValue } from './document-parameter';

/**
 * Puts values in the place of `{{ name }}`, as text: what the agent does for every parameter, and the reason why a value can become
 * a command. A string that is nothing but one reference becomes the value itself; within other text a list is written as JSON.
 * A value that looks like a reference is not replaced again.
 */
export function substitute(text: string, values: Record<string, ParameterValue>): ParameterValue {
  const single = /^\{\{\s*([a-zA-Z0-9]+)\s*\}\}$/.exec(text);
  if (single && single[1]! in values) return values[single[1]!]!;
  return text.replace(/\{\{\s*([a-zA-Z0-9]+)\s*\}\}/g, (reference, name: string) =>
    name in values ? asText(values[name]!) : reference,
  );
}

/** The agent turns `$$` into `$`, for documents that once worked around a mistake of its own. */
function asText(value: ParameterValue): string {
  return (typeof value === 'string' ? value : goJson(value)).replaceAll('$$', '$');
}

/** A value as Go's encoding/json writes it. */
export function goJson(value: ParameterValue): string {
  return JSON.stringify(value).replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
}
