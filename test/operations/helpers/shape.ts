/** Every path in a result with the type of its value, and booleans as they are; lists by what any of their items has. */
export function shapeOf(value: unknown, path = ''): string[] {
  const inside =
    Array.isArray(value) && value.length
      ? value.flatMap((item) => shapeOf(item, `${path}[]`))
      : value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.entries(value).flatMap(([name, part]) => shapeOf(part, path ? `${path}.${name}` : name))
        : [`${path}: ${Array.isArray(value) ? 'empty list' : typeof value === 'boolean' ? value : typeof value}`];
  return [...new Set(inside)].sort();
}
