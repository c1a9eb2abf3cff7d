import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloudAssembly } from './synth';

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
}

/** The synthesised CloudFormation template, with the resources of the stacks that are nested in it. */
export function template(): { Resources: Record<string, Resource> } {
  const read = (file: string) =>
    JSON.parse(readFileSync(join(cloudAssembly(), file), 'utf8')) as ReturnType<typeof template>;
  const nested = readdirSync(cloudAssembly()).filter((file) => file.endsWith('.nested.template.json'));
  const all = read('Autopilot.template.json');
  return { ...all, Resources: Object.assign({}, all.Resources, ...nested.map((file) => read(file).Resources)) };
}

/** Resources of one type by logical id, with every reference written out as a text: see `readable`. */
export function resourcesOf<Properties = Record<string, unknown>>(type: string): Record<string, Properties> {
  const found = Object.entries(template().Resources).filter(([, resource]) => resource.Type === type);
  return Object.fromEntries(found.map(([id, { Properties }]) => [id, readable(Properties) as Properties]));
}

/** Replaces Fn::Join by its text, `Ref` and `Fn::GetAtt` by `<LogicalId>` without the hash at its end; pseudo parameters by plain words. */
export function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  const {
    Ref: reference,
    'Fn::GetAtt': attribute,
    'Fn::Join': join_,
    'Fn::Select': select,
    'Fn::Split': split,
  } = value as Record<string, never>;
  if (reference) return PSEUDO[reference] ?? `<${withoutHash(reference)}>`;
  if (attribute) return `<${withoutHash(attribute[0])}>`;
  if (join_) return (join_[1] as unknown[]).map(readable).join(join_[0]);
  if (select) return `${String(readable((select as unknown[])[1]))}[${(select as unknown[])[0]}]`;
  if (split) return readable((split as unknown[])[1]);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, readable(member)]));
}

const PSEUDO: Record<string, string> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'REGION',
  'AWS::AccountId': 'ACCOUNT',
  'AWS::StackId': 'STACK',
};

const withoutHash = (logicalId: string) => logicalId.replace(/[0-9A-F]{8}$/, '');
