import { clusterName } from '../contracts/cluster-config';

/** The cluster that an execution's input names; undefined where it names none that could exist. */
export function clusterOfInput(input: unknown): string | undefined {
  const cluster = input !== null && typeof input === 'object' ? (input as Record<string, unknown>).cluster : undefined;
  const parsed = clusterName.safeParse(cluster);
  return parsed.success ? parsed.data : undefined;
}
