/** Any text, also none. */
export const ANY = Symbol('any text');
/** Any one character. */
export const ONE = Symbol('any one character');
/** A character of a pattern, or what stands for some. */
export type PatternPart = string | typeof ANY | typeof ONE;

/** IAM's wildcards: `*` is any text (also across : and /), `?` one character. */
export function matchesWildcard(pattern: string, text: string): boolean {
  const parts = pattern.split('').map((part): PatternPart => (part === '*' ? ANY : part === '?' ? ONE : part));
  return matchesParts(parts, text);
}

/**
 * Whether the whole text is as the pattern says. A regular expression would try every way to share the text among the stars; this only ever
 * goes back to the last one, so it takes at most the two lengths multiplied.
 */
export function matchesParts(pattern: PatternPart[], text: string): boolean {
  let at = 0;
  let read = 0;
  /** Where the pattern goes on after its last star, and up to where that star has taken the text. */
  let afterStar = -1;
  let taken = 0;
  while (read < text.length) {
    if (pattern[at] === ANY) {
      afterStar = at += 1;
      taken = read;
    } else if (pattern[at] === ONE || pattern[at] === text[read]) {
      at += 1;
      read += 1;
    } else if (afterStar >= 0) {
      at = afterStar;
      read = taken += 1;
    } else return false;
  }
  while (pattern[at] === ANY) at += 1;
  return at === pattern.length;
}
