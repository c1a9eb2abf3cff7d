import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../aws-call';
import { readText, wrongType } from '../shapes';

/** `Filter.1.Value.1=x` as a tree: a node has a value, children by name, or both. */
interface Parameter {
  value?: string;
  children: Map<string, Parameter>;
}

export type QueryDialect = 'aws' | 'ec2';

/** Reads form parameters by schema. The dialects differ in names (EC2 capitalises) and lists (EC2's are always flat). */
export function readQueryParameters(
  form: URLSearchParams,
  input: NormalizedSchema,
  dialect: QueryDialect,
): Record<string, unknown> {
  const root: Parameter = { children: new Map() };
  for (const [name, value] of form) {
    if (name === 'Action' || name === 'Version') continue;
    put(root, name.split('.'), value);
  }
  return readNode(input, root, dialect, '') as Record<string, unknown>;
}

function put(node: Parameter, [first, ...rest]: string[], value: string): void {
  if (first === undefined) {
    node.value = value;
    return;
  }
  const child = node.children.get(first) ?? { children: new Map() };
  node.children.set(first, child);
  put(child, rest, value);
}

function readNode(schema: NormalizedSchema, node: Parameter, dialect: QueryDialect, path: string): unknown {
  if (schema.isListSchema()) return readList(schema, node, dialect, path);
  if (schema.isMapSchema()) return readMap(schema, node, dialect, path);
  if (schema.isStructSchema() || schema.isUnitSchema()) return readStruct(schema, node, dialect, path);
  if (node.value === undefined) throw wrongType(path, 'a value', [...node.children.keys()]);
  return readText(schema, node.value, path);
}

function readStruct(schema: NormalizedSchema, node: Parameter, dialect: QueryDialect, path: string): unknown {
  const members = schema.isUnitSchema() ? [] : Object.entries(schema.getMemberSchemas());
  const byKey = new Map(members.map(([name, member]) => [wireName(name, member, dialect), { name, member }]));
  const read: Record<string, unknown> = {};
  for (const [key, child] of node.children) {
    const known = byKey.get(key);
    const at = path ? `${path}.${key}` : key;
    if (!known) throw unrecognized(at, [...byKey.keys()]);
    read[known.name] = readNode(known.member, child, dialect, at);
  }
  return read;
}

function unrecognized(parameter: string, known: string[]): AwsError {
  return new AwsError(
    'UnknownParameter',
    `The parameter ${parameter} is not recognized; there is ${known.join(', ') || 'none'}.`,
  );
}

function wireName(name: string, member: NormalizedSchema, dialect: QueryDialect): string {
  const { xmlName, ec2QueryName } = member.getMergedTraits() as { xmlName?: string; ec2QueryName?: string };
  if (dialect === 'aws') return xmlName ?? name;
  const key = ec2QueryName ?? xmlName ?? name;
  return key.charAt(0).toUpperCase() + key.slice(1);
}

function readList(schema: NormalizedSchema, node: Parameter, dialect: QueryDialect, path: string): unknown[] {
  const item = schema.getValueSchema();
  const { xmlName } = item.getMergedTraits() as { xmlName?: string };
  const isFlat = dialect === 'ec2' || schema.getMergedTraits().xmlFlattened;
  // An empty list is sent as the list's own name with an empty value.
  const numbered = isFlat ? node : within(node, xmlName ?? 'member', path);
  return inOrder(numbered, path).map(([index, child]) => readNode(item, child, dialect, `${path}.${index}`));
}

function readMap(
  schema: NormalizedSchema,
  node: Parameter,
  dialect: QueryDialect,
  path: string,
): Record<string, unknown> {
  const numbered = schema.getMergedTraits().xmlFlattened ? node : within(node, 'entry', path);
  const keyName = (schema.getKeySchema().getMergedTraits() as { xmlName?: string }).xmlName ?? 'key';
  const valueName = (schema.getValueSchema().getMergedTraits() as { xmlName?: string }).xmlName ?? 'value';
  return Object.fromEntries(
    inOrder(numbered, path).map(([index, entry]) => {
      const at = `${path}.${index}`;
      const key = entry.children.get(keyName)?.value;
      const value = entry.children.get(valueName);
      if (key === undefined || !value)
        throw wrongType(at, `an entry with ${keyName} and ${valueName}`, [...entry.children.keys()]);
      return [key, readNode(schema.getValueSchema(), value, dialect, `${at}.${key}`)];
    }),
  );
}

/** The one child that the members of a list or map are below; none when it is empty. */
function within(node: Parameter, name: string, path: string): Parameter {
  const other = [...node.children.keys()].find((key) => key !== name);
  if (other !== undefined) throw unrecognized(`${path}.${other}`, [`${path}.${name}`]);
  return node.children.get(name) ?? node;
}

/** @throws AwsError for what is no numbered member; the list's own name with an empty value is an empty list. */
function inOrder(node: Parameter, path: string): [string, Parameter][] {
  if (node.value) throw wrongType(path, 'a list with numbered members', node.value);
  const odd = [...node.children.keys()].find((key) => !/^[1-9]\d*$/.test(key));
  if (odd !== undefined) throw unrecognized(`${path}.${odd}`, [`${path}.1`]);
  return [...node.children].sort(([a], [b]) => Number(a) - Number(b));
}
