import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { YamlFile } from './yaml-file';

const PATH = ['kubernetes', 'configuration'];
/** What the settings take of it (lambdas/contracts/kubernetes-settings.ts), and some. */
const MOST_BYTES = 100_000;

/** The settings with the text of the file that `kubernetes.configuration: { file: PATH }` names, which is relative to the cluster's file. */
export function configurationBeside(file: YamlFile): { value: unknown; mistakes: string[] } {
  const named = file.valueAt(PATH) as { file?: unknown } | undefined;
  if (typeof named !== 'object' || named === null || typeof named.file !== 'string')
    return { value: file.value, mistakes: [] };
  const path = join(dirname(file.path), named.file);
  const isThere = existsSync(path) && statSync(path).isFile() && statSync(path).size <= MOST_BYTES;
  const settings = file.value as { kubernetes: object };
  const value = (configuration?: string) => ({ ...settings, kubernetes: { ...settings.kubernetes, configuration } });
  if (isThere) return { value: value(readFileSync(path, 'utf8')), mistakes: [] };
  return {
    value: value(),
    mistakes: [
      `${file.at([...PATH, 'file'])}: kubernetes.configuration.file is "${named.file}"; ${path} must be a file of at most ${MOST_BYTES} bytes, in a folder beside the cluster's file.`,
    ],
  };
}
