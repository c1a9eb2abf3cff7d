/** Characters that steer a terminal or a mail program (escapes, overrides of the direction), or are none (halves of a pair). */
const STEERING = /[\p{Cc}\p{Cf}\p{Cs}]/gu;

/**
 * The text on one line, at most `most` characters long, with an ellipsis where something was cut. Nodes and tags write into it what
 * they like, and it ends in mails and terminals: characters that steer those are left out.
 */
export function shorten(text: string, most: number): string {
  // Line and paragraph separators (U+2028, U+2029) are white space here.
  const line = text.replace(/\s+/g, ' ').replace(STEERING, '').trim();
  // A cut in the middle of a pair leaves half a character.
  return line.length <= most ? line : `${line.slice(0, most - 1).replace(STEERING, '')}…`;
}

/** As `shorten`, of a text of several lines: they stay, whichever way they end, and nothing is cut. */
export function plainLines(text: string): string {
  return text
    .split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/)
    .map((line) => line.replace(/\t/g, ' ').replace(STEERING, ''))
    .join('\n');
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

/** SNS takes at most 100 characters of printable ASCII, beginning with a letter, digit or punctuation; others make Publish fail. */
export function notificationSubject(subject: string): string {
  const ascii = subject
    .replace(/…/g, '...')
    .replace(/[^\x20-\x7e]/g, '?')
    .trim();
  return ascii.length <= 100 ? shorten(ascii, 100) : `${ascii.slice(0, 97)}...`;
}

/** What may be a secret, by its form: a cause is mailed to people and kept for 90 days. */
const SECRETS: [RegExp, string][] = [
  [/-----BEGIN [A-Z0-9 ]+-----[\s\S]*?(-----END [A-Z0-9 ]+-----|$)/g, '[key or certificate]'],
  [/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, '[bootstrap token]'],
  [/\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, '[token]'],
  [/\b(AKIA|ASIA)[A-Z0-9]{16}\b/g, '[access key]'],
  [/\b((?:bearer|password|passwd|secret|token|certificate-key)["']?\s*[:=]\s*["']?)[^\s"',;]{6,}/gi, '$1[left out]'],
  // After a space it may as well be the next word of a sentence, which has no digit in it.
  [/\b((?:bearer|password|passwd|secret|token|certificate-key) ["']?)(?=[^\s"',;]*\d)[^\s"',;]{6,}/gi, '$1[left out]'],
  // Keys, task tokens and encoded certificates: long runs without a space, a colon or a dot, of letters and digits together.
  [
    /(?<![A-Za-z0-9+/=_-])(?=[A-Za-z0-9+/=_-]*\d)(?=[A-Za-z0-9+/=_-]*[A-Za-z])[A-Za-z0-9+=_]{64,}(?![A-Za-z0-9])/g,
    '[left out]',
  ],
];

/** The text without what looks like a secret. */
export function redact(text: string): string {
  return SECRETS.reduce((clean, [pattern, instead]) => clean.replace(pattern, instead), text);
}
