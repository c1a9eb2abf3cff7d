import { AssemblyError } from './assembly-error';

/** One resource of a CloudFormation template, before its intrinsic functions are resolved. */
export interface TemplateResource {
  Type: string;
  Properties?: Record<string, unknown>;
  DependsOn?: string | string[];
  Condition?: string;
  Metadata?: Record<string, unknown>;
}

export interface Template {
  Parameters: Record<string, { Type: string; Default?: unknown }>;
  Mappings: Record<string, Record<string, Record<string, unknown>>>;
  Conditions: Record<string, unknown>;
  Resources: Record<string, TemplateResource>;
}

const SECTIONS = ['Parameters', 'Mappings', 'Conditions', 'Resources'];
/** Rules check parameters that an operator gives; Outputs are for people. */
const WITHOUT_EFFECT = ['AWSTemplateFormatVersion', 'Description', 'Metadata', 'Rules', 'Outputs'];
const RESOURCE_KEYS = ['Type', 'Properties', 'DependsOn', 'Condition', 'Metadata'];
/** What becomes of a resource that is removed: here all end with the process. */
const RESOURCE_KEYS_WITHOUT_EFFECT = ['DeletionPolicy', 'UpdateReplacePolicy'];

/** @throws AssemblyError for a section or resource attribute that the local AWS does not know. */
export function readTemplate(raw: Record<string, unknown>): Template {
  assertKnown(raw, [...SECTIONS, ...WITHOUT_EFFECT], 'The template');
  const template = { Parameters: {}, Mappings: {}, Conditions: {}, Resources: {}, ...raw } as Template;
  for (const [logicalId, resource] of Object.entries(template.Resources)) {
    assertKnown(resource, [...RESOURCE_KEYS, ...RESOURCE_KEYS_WITHOUT_EFFECT], `${logicalId} (${resource.Type})`);
  }
  return template;
}

function assertKnown(object: object, known: string[], what: string): void {
  const unknown = Object.keys(object).filter((key) => !known.includes(key));
  if (unknown.length)
    throw new AssemblyError(
      `${what} has ${unknown.join(', ')}, which the local AWS does not know; it knows ${known.join(', ')}.`,
    );
}
