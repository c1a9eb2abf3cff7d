import type { ExpressionFunction } from '../expressions/functions';
import type { Json, JsonObject } from '../json';
import { isObject } from '../json';
import { parseScope } from './parse-scope';
import { Problems } from './problems';
import { Reader } from './reader';
import type { Definition } from './types';

export interface Parsed {
  /** Only without problems. */
  definition?: Definition;
  problems: Problems;
}

/**
 * Reads a definition in the Amazon States Language, JSONata only. What the engine does not know is a problem that names it, never
 * ignored; so are the mistakes that can be seen without running it.
 */
export async function parseDefinition(text: string, functions: Record<string, ExpressionFunction>): Promise<Parsed> {
  const problems = new Problems();
  const json = readJson(text, problems);
  if (!json) return { problems };

  const reader = new Reader(json, '', problems, functions);
  reader.allow('A state machine', ['Comment', 'QueryLanguage', 'StartAt', 'States', 'TimeoutSeconds', 'Version']);
  reader.string('Comment');
  reader.oneOf('Version', ['1.0']);
  const isJsonata = json.QueryLanguage === 'JSONata';
  if (json.QueryLanguage !== undefined && !isJsonata) {
    reader.wrong(
      `The local engine runs only the query language JSONata, not ${JSON.stringify(json.QueryLanguage)}`,
      'QueryLanguage',
    );
  }
  const timeoutSeconds = reader.number(
    'TimeoutSeconds',
    'a whole number of seconds above 0',
    (value) => Number.isInteger(value) && value > 0,
  );
  const scope = await parseScope(reader, { isJsonata, outerVariables: new Set(), stateNames: new Set() });
  if (problems.all.length || !scope) return { problems };
  return { problems, definition: { scope, ...(timeoutSeconds !== undefined && { timeoutSeconds }) } };
}

function readJson(text: string, problems: Problems): JsonObject | undefined {
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch (error) {
    problems.add('/', (error as Error).message, 'INVALID_JSON_DESCRIPTION');
    return undefined;
  }
  if (isObject(json)) return json;
  problems.add('/', 'Definition must be a valid JSON object');
  return undefined;
}
