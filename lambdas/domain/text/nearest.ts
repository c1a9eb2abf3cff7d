/** The known word that somebody most likely meant by another one: a few letters off, or the only one that begins or ends with it. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  const wanted = typed.toLowerCase();
  const ranked = [...new Set(known)]
    .map((word) => ({ word, off: distance(wanted, word.toLowerCase()) }))
    .sort((a, b) => a.off - b.off);
  const [best] = ranked;
  if (best && best.off <= Math.max(1, Math.floor(wanted.length / 3))) return best.word;
  const parts = ranked.filter(({ word }) => wanted.length >= 3 && isPart(wanted, word.toLowerCase()));
  return parts.length === 1 ? parts[0]!.word : undefined;
}

/** "Did you mean prod?", to be put behind a sentence; empty where nothing is near. */
export function didYouMean(typed: string, known: readonly string[]): string {
  const word = nearest(typed, known);
  return word === undefined ? '' : ` Did you mean ${word}?`;
}

const isPart = (a: string, b: string): boolean => [a, b].some((one) => one !== '' && isEdgeOf(one, one === a ? b : a));
const isEdgeOf = (part: string, whole: string): boolean => whole.startsWith(part) || whole.endsWith(part);

/** How many letters are to be added, left out, replaced or swapped with the next one. */
function distance(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        rows[row - 1]![column]! + 1,
        current[column - 1]! + 1,
        rows[row - 1]![column - 1]! + (same ? 0 : 1),
        ...(swapped ? [rows[row - 2]![column - 2]! + 1] : []),
      );
    }
    rows.push(current);
  }
  return rows[from.length]![to.length]!;
}
