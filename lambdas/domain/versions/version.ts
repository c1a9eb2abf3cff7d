/** A release of Kubernetes, etcd, CoreDNS or a package: numbers that compare part by part. */
export interface Version {
  major: number;
  minor: number;
  patch: number;
  /** As it is shown: without a leading v, with whatever follows the three numbers. */
  text: string;
}

/** Of "v1.36.3", "1.36.3-1.1" or "3.6.8-0"; undefined for what does not begin with three numbers. */
export function parseVersion(text: string | undefined): Version | undefined {
  const parts = /^v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?![\d.])/.exec(text ?? '');
  if (!parts) return undefined;
  const [major, minor, patch] = parts.slice(1).map(Number) as [number, number, number];
  return { major, minor, patch, text: (text ?? '').replace(/^v/, '') };
}

/**
 * Below 0 when the first is older; 0 for the same release, whatever follows its numbers. What is no version is older than any.
 */
export function compareVersions(a: string | undefined, b: string | undefined): number {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  if (!left || !right) return Number(left !== undefined) - Number(right !== undefined);
  return left.major - right.major || left.minor - right.minor || left.patch - right.patch;
}

export const isOlder = (a: string | undefined, b: string | undefined): boolean => compareVersions(a, b) < 0;

/** The minor as a number, 36 of "v1.36.3"; undefined for what is no version. */
export const minorOf = (text: string | undefined): number | undefined => parseVersion(text)?.minor;

/** The oldest of several, what are no versions left out. */
export const oldest = (versions: (string | undefined)[]): string | undefined => inOrder(versions)[0];
export const newest = (versions: (string | undefined)[]): string | undefined => inOrder(versions).at(-1);

function inOrder(versions: (string | undefined)[]): string[] {
  return versions.flatMap((one) => parseVersion(one)?.text ?? []).sort(compareVersions);
}
