import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { YamlFile } from './yaml-file';

const PATH = ['kubernetes', 'configuration'];
/** Far more than the settings take. */
const MOST_BYTES = 100_000;

/**
 * The settings with `kubernetes.configuration` as the list of documents that the schema knows: it may be the text of them, or
 * `{ file: PATH }`, relative to the cluster's file.
 */
export function withConfiguration(file: YamlFile): { value: unknown; mistakes: string[] } {
  const got = file.valueAt(PATH);
  if (typeof got === 'string') return withDocuments(file, got);
  const named = (got as { file?: unknown } | null | undefined)?.file;
  if (typeof named !== 'string') return { value: file.value, mistakes: [] };
  const path = join(dirname(file.path), named);
  if (existsSync(path) && statSync(path).isFile() && statSync(path).size <= MOST_BYTES)
    return withDocuments(file, readFileSync(path, 'utf8'));
  const mistake = `${file.at([...PATH, 'file'])}: kubernetes.configuration.file is "${named}"; ${path} must be a file of at most ${MOST_BYTES} bytes, in a folder beside the cluster's file.`;
  return { value: replaced(file, undefined), mistakes: [mistake] };
}

function withDocuments(file: YamlFile, text: string): { value: unknown; mistakes: string[] } {
  const documents = parseAllDocuments(text);
  const error = documents.flatMap(({ errors }) => errors)[0];
  if (!error) {
    const values = documents.map((document) => document.toJS({ maxAliasCount: 10 }) as unknown);
    return {
      value: replaced(
        file,
        values.filter((value) => value !== null),
      ),
      mistakes: [],
    };
  }
  const why = error.message.split('\n')[0]!.replace(/[:.]$/, '');
  return {
    value: replaced(file, undefined),
    mistakes: [`${file.at(PATH)}: kubernetes.configuration is no YAML: ${why}.`],
  };
}

function replaced(file: YamlFile, configuration: unknown): object {
  const settings = file.value as { kubernetes: object };
  return { ...settings, kubernetes: { ...settings.kubernetes, configuration } };
}
