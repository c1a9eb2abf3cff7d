import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export interface StaticPod {
  name: string;
  namespace: string;
  labels: Record<string, string>;
  image: string;
  /** Of the manifest's text: another text is another pod. */
  hash: string;
  flag(name: string): string | undefined;
}

interface Manifest {
  kind?: string;
  metadata?: { name?: string; namespace?: string; labels?: Record<string, string> };
  spec?: { containers?: { name?: string; image?: string; command?: string[] }[] };
}

/** The manifests that a kubelet would run: it skips hidden files and what it cannot read. */
export function readStaticPods(folder: string): StaticPod[] {
  return namesIn(folder)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => readStaticPod(join(folder, name)) ?? []);
}

function readStaticPod(file: string): StaticPod | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    const { kind, metadata, spec } = parse(text) as Manifest;
    const container = spec?.containers?.[0];
    if (kind !== 'Pod' || !metadata?.name || !container?.command) return undefined;
    const flags = container.command.slice(1);
    return {
      name: metadata.name,
      namespace: metadata.namespace ?? 'default',
      labels: metadata.labels ?? {},
      image: container.image ?? '',
      hash: createHash('md5').update(text).digest('hex'),
      flag: (name) => flags.find((flag) => flag.startsWith(`--${name}=`))?.slice(name.length + 3),
    };
  } catch {
    // Half-written: the next look finds it whole.
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
