/**
 * The text on one line, at most `most` characters long, with an ellipsis where something was cut. Nodes and tags write into it what
 * they like, and it ends in mails and terminals: characters that steer those (escapes, overrides of the direction) are left out.
 */
export function shorten(text: string, most: number): string {
  const line = text
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim();
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
}

/** "a, b and 3 more": the first `most` names, the rest counted. */
export function listNames(names: string[], most = 8): string {
  const rest = names.length - most;
  if (rest > 0) return `${names.slice(0, most).join(', ')} and ${rest} more`;
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : (names[0] ?? '');
}

/** "1 node", "2 nodes". */
export function count(amount: number, noun: string, plural = `${noun}s`): string {
  return `${amount} ${amount === 1 ? noun : plural}`;
}
