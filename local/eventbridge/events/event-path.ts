import { AwsError } from '../../aws/aws-call';

const PATH = /^\$(\.[A-Za-z0-9_-]+|\[\d+\]|\['[^']+'\])*$/;

/** @throws AwsError ValidationException for a path beyond `$.detail.key`, `$.list[0]`, `$['key']`. */
export function checkPath(path: string): void {
  if (!PATH.test(path))
    throw new AwsError(
      'ValidationException',
      `The path ${path} is not one that EventBridge knows; an example is $.detail.state.`,
    );
}

/** The part of an event that a path names; undefined when it has none. */
export function atPath(value: unknown, path: string): unknown {
  const keys = [...path.matchAll(/\.([A-Za-z0-9_-]+)|\[(\d+)\]|\['([^']+)'\]/g)].map(
    ([, name, index, quoted]) => name ?? index ?? quoted!,
  );
  return keys.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
    value,
  );
}
