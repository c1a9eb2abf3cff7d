import { compareVersions, isOlder, minorOf, newest, oldest } from './version';

/** A kubelet may be so many minors older than its API server (kubernetes.io/releases/version-skew-policy). */
export const KUBELET_SKEW = 3;

export interface PathQuestion {
  /** Versions of the API servers that run. */
  apiServers: string[];
  kubelets: string[];
  target: string;
  /** The releases of a minor (36) that every node can install, in any order, without known bad ones. */
  offered(minor: number): string[];
}

/** The way of a cluster to its target, a version a minor; or, in half a sentence, why there is none. */
export type Path = { hops: string[] } | { reason: string; minor: number };

/**
 * One minor at a time. Of a minor in between the newest release that every node can install is taken; where an earlier run has brought a
 * control plane to one already, that one, so that a chain that was cut off goes on where it stopped.
 */
export function findPath({ apiServers, kubelets, target, offered }: PathQuestion): Path {
  const [first, last] = [oldest(apiServers), newest(apiServers)];
  const [from, to] = [minorOf(first), minorOf(target)];
  if (first === undefined || last === undefined || from === undefined || to === undefined) return { hops: [] };
  const began = minorOf(last) as number;
  // The minor of the first hop: that of control planes which are there already, else the next one.
  const next = began > from ? began : Math.min(from + 1, to);
  const hops: string[] = [];
  for (let minor = next; minor < to; minor++) {
    const version = minor === began && began > from ? last : newest(offered(minor));
    if (version === undefined) return { minor, reason: `no release of 1.${minor} can be installed on every node` };
    hops.push(version);
  }
  hops.push(target);
  return { hops: catchUp(hops, kubelets, last, from === began) };
}

/** Kubelets that would be too old for the first API server on the way come to the version of today's first. */
function catchUp(hops: string[], kubelets: string[], present: string, finished: boolean): string[] {
  const lags = (minorOf(oldest(kubelets)) ?? Infinity) < (minorOf(hops[0]) ?? 0) - KUBELET_SKEW;
  return lags && finished && compareVersions(hops[0], present) !== 0 && !isOlder(hops[0], present)
    ? [present, ...hops]
    : hops;
}
