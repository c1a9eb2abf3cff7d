/** The task token among a command's parameters, as the event or ListCommands shows them; undefined when it has none. */
export function findTaskToken(parameters: unknown): string | undefined {
  const values = typeof parameters === 'string' ? fromJson(parameters) : parameters;
  if (values === null || typeof values !== 'object') return undefined;
  const value = (values as Record<string, unknown>).TaskToken;
  const token: unknown = Array.isArray(value) ? value[0] : value;
  // Commands that a person sent by hand carry the document's default.
  return typeof token === 'string' && token.length > 0 && token !== 'none' ? token : undefined;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
