/** IAM's wildcards: `*` is any text (also across : and /), `?` one character. */
export function matchesWildcard(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/\*+/g, '.*').replace(/\?/g, '.')}$`, 's').test(text);
}
