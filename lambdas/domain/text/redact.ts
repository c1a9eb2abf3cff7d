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
