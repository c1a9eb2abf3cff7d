import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface CachedFolderProps {
  /** Folder that holds the folders of several states of the sources; those that nobody has used for a day are deleted. */
  cache: string;
  /** Files and folders that the contents are made of. */
  sources: string[];
  /** Writes the contents into an empty folder. */
  make(folder: string): void;
}

/** Path of a folder with what `make` makes of the sources as they are now; made once for the same sources. It must not be changed. */
export function cachedFolder({ cache, sources, make }: CachedFolderProps): string {
  const folder = cachedPath(cache, sources);
  if (!existsSync(folder)) {
    forgetOld(cache);
    mkdirSync(cache, { recursive: true });
    const unfinished = mkdtempSync(join(cache, 'unfinished-'));
    try {
      make(unfinished);
      renameSync(unfinished, folder);
    } catch (error) {
      rmSync(unfinished, { recursive: true, force: true });
      // Another process may have been quicker; what it made is the same.
      if (!existsSync(folder)) throw error;
    }
  }
  utimesSync(folder, new Date(), new Date());
  return folder;
}

/** Where `cachedFolder` has it, or will have it. */
export const cachedPath = (cache: string, sources: string[]): string => join(cache, hashOf(sources));

function forgetOld(cache: string): void {
  for (const name of existsSync(cache) ? readdirSync(cache) : []) {
    // Another process may just have renamed it.
    const found = statSync(join(cache, name), { throwIfNoEntry: false });
    if (found && Date.now() - found.mtimeMs > DAY_MS) rmSync(join(cache, name), { recursive: true, force: true });
  }
}

function hashOf(paths: string[]): string {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesIn)) hash.update(path).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex').slice(0, 20);
}

function filesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesIn(join(path, name)));
}
