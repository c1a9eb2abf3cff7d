import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
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

/** The manifests in a folder; a file that has not changed is not parsed again. */
export class StaticPodSource {
  private readonly known = new Map<string, { version: string; pod?: StaticPod }>();

  constructor(private readonly folder: string) {}

  /** What a kubelet would run: it skips hidden files and what it cannot read. */
  read(): StaticPod[] {
    return namesIn(this.folder)
      .filter((name) => !name.startsWith('.'))
      .flatMap((name) => this.readFile(join(this.folder, name)) ?? []);
  }

  private readFile(file: string): StaticPod | undefined {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat) return undefined;
    const version = `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
    const known = this.known.get(file);
    if (known?.version === version) return known.pod;
    const pod = readStaticPod(file);
    this.known.set(file, { version, pod });
    return pod;
  }
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
    // Half-written: it will change once more.
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
