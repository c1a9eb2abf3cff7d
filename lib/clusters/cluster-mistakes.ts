import { z } from 'zod';
import { clusterConfig } from '../../lambdas/contracts/cluster-config';
import type { YamlFile } from './yaml-file';

/** Says what is allowed where the schema itself has no sentence for it. */
export const requestMissing: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${UNITS[issue.origin] ?? ''}`;
    case 'too_small':
      return `must be at least ${issue.minimum}${UNITS[issue.origin] ?? ''}`;
    case 'invalid_format':
      return issue.format === 'email' ? 'must be an e-mail address' : `must match ${issue.pattern}`;
    default:
      return issue.message;
  }
};

const TYPES: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of settings',
};
const UNITS: Record<string, string> = { string: ' characters long', array: ' entries long' };

/** `<file>:<line>: <field> is <what was got>; it <what is allowed>.`, once for each mistake of an issue. */
export function inOneSentence(issue: z.core.$ZodIssue, file: YamlFile): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      return `${file.at(path)}: ${path.join('.')} is not a setting; allowed ${issue.path.length ? `in ${issue.path.join('.')}` : 'here'}: ${settingsOf(issue.path).join(', ')}.`;
    });
  }
  const got = file.valueAt(issue.path);
  const field = issue.path.length ? issue.path.join('.') : 'the file';
  return [
    `${file.at(issue.path)}: ${field} is ${got === undefined ? 'missing' : JSON.stringify(got)}; it ${issue.message}.`,
  ];
}

/** The names of the settings of the mapping at a path. */
function settingsOf(path: PropertyKey[]): string[] {
  let schema: unknown = clusterConfig;
  for (const key of path) {
    const outer = unwrapped(schema);
    schema = unwrapped(outer instanceof z.ZodArray ? outer.element : (outer as z.ZodObject).shape[String(key)]);
  }
  return Object.keys((unwrapped(schema) as z.ZodObject).shape);
}

/** Without its default. */
const unwrapped = (schema: unknown): unknown =>
  schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault ? schema.unwrap() : schema;
