import { AwsError } from '../../aws/aws-call';
import { valueMatcher, type ValueMatcher } from './value-matcher';

/** Says whether an event is one that the pattern describes. */
export type EventMatcher = (event: Record<string, unknown>) => boolean;

/** A field's matcher sees the values at its place: none when the field is absent, several when it is or lies in a list. */
type FieldMatcher = (values: unknown[]) => boolean;

/**
 * Compiles an event pattern.
 * @throws AwsError InvalidEventPatternException that names the operator or field.
 */
export function eventPattern(pattern: unknown): EventMatcher {
  const matches = objectMatcher(pattern, '');
  return (event) => matches([event]);
}

const invalid = (problem: string) =>
  new AwsError('InvalidEventPatternException', `The event pattern is not valid: ${problem}.`);
const show = (path: string) => path || 'the pattern';

function objectMatcher(pattern: unknown, path: string): FieldMatcher {
  if (typeof pattern !== 'object' || pattern === null || Array.isArray(pattern))
    throw invalid(`${show(path)} has to be an object`);
  const fields = Object.entries(pattern);
  if (!fields.length) throw invalid(`${show(path)} is empty`);
  const matchers = fields.map(([key, value]) => {
    const at = path ? `${path}.${key}` : key;
    if (key === '$or') return alternatives(value, path);
    const matches = Array.isArray(value) ? leafMatcher(value, at) : objectMatcher(value, at);
    return (objects: unknown[]) => matches(objects.flatMap((object) => valuesOf(object, key)));
  });
  // Each object of a list is looked at by itself, so that one of them has to match as a whole. No object at all can still match { exists: false }.
  return (objects) =>
    (objects.length ? objects : [undefined]).some((object) => matchers.every((matches) => matches(objectsIn(object))));
}

const objectsIn = (value: unknown) => (typeof value === 'object' && value !== null ? [value] : []);

function valuesOf(object: unknown, key: string): unknown[] {
  if (typeof object !== 'object' || object === null || !Object.hasOwn(object, key)) return [];
  const value = (object as Record<string, unknown>)[key];
  return Array.isArray(value) ? value.flat(Infinity) : [value];
}

function alternatives(value: unknown, path: string): FieldMatcher {
  if (!Array.isArray(value) || value.length < 2)
    throw invalid(`$or in ${show(path)} has to be a list of at least 2 patterns`);
  const matchers = value.map((one) => objectMatcher(one, path));
  return (objects) => matchers.some((matches) => matches(objects));
}

function leafMatcher(rules: unknown[], path: string): FieldMatcher {
  if (!rules.length) throw invalid(`the list of ${path} is empty`);
  const matchers = rules.map((rule) => presence(rule, path) ?? any(valueMatcher(rule, path, invalid)));
  return (values) => matchers.some((matches) => matches(values));
}

const any =
  (matches: ValueMatcher): FieldMatcher =>
  (values) =>
    values.some(matches);

/** { exists: true | false } is about the field and not about its value; only leaf fields exist in its sense. */
function presence(rule: unknown, path: string): FieldMatcher | undefined {
  if (typeof rule !== 'object' || rule === null || !('exists' in rule)) return undefined;
  const { exists } = rule;
  if (typeof exists !== 'boolean' || Object.keys(rule).length !== 1)
    throw invalid(`exists of ${path} has to be true or false, alone`);
  return (values) => values.some((value) => typeof value !== 'object' || value === null) === exists;
}
