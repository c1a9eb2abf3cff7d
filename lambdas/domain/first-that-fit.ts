/** As many of the first as fit into `bytes`; `size` tells the bytes of one, of itself as JSON. */
export function firstThatFit<Item>(items: Item[], bytes: number, size: (item: Item) => number = bytesInList): Item[] {
  let left = bytes;
  const end = items.findIndex((item) => (left -= size(item)) < 0);
  return end < 0 ? items : items.slice(0, end);
}

/** With the comma after it. */
const bytesInList = (item: unknown): number => Buffer.byteLength(JSON.stringify(item)) + 1;
