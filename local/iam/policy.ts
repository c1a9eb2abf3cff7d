import type { Condition } from './conditions';
import { readTexts } from './read-texts';
import { readConditions } from './conditions';

/** Who a statement of a resource policy or trust policy is about. */
export type Principal = { kind: 'any' } | { kind: 'aws' | 'service'; names: string[] };

export interface Statement {
  effect: 'Allow' | 'Deny';
  actions: string[];
  resources: string[];
  /** Absent, or the statement is about all resources but these. */
  notResources?: string[];
  principal?: Principal;
  conditions: Condition[];
}

const KNOWN_IN_DOCUMENT = ['Version', 'Id', 'Statement'];
const KNOWN = ['Sid', 'Effect', 'Action', 'Resource', 'NotResource', 'Principal', 'Condition'];

/**
 * Reads a policy document. What the local AWS would not honour (NotAction, policy variables, an unknown condition operator ...) is an
 * error here, when the policy is created, and never a silent yes or no later. `where` names the policy in that error.
 */
export function readPolicy(document: unknown, where: string): Statement[] {
  assertKnown(document as object, KNOWN_IN_DOCUMENT, where);
  const { Statement: statements } = document as { Statement?: unknown };
  if (!statements) throw new Error(`${where} has no Statement.`);
  return (Array.isArray(statements) ? statements : [statements]).map((statement, index) =>
    readStatement(statement as Record<string, unknown>, `${where}, statement ${index + 1}`),
  );
}

function readStatement(raw: Record<string, unknown>, where: string): Statement {
  assertKnown(raw, KNOWN, where);
  if (raw['Effect'] !== 'Allow' && raw['Effect'] !== 'Deny')
    throw new Error(`${where}: Effect must be Allow or Deny, not ${JSON.stringify(raw['Effect'])}.`);
  if (raw['Resource'] !== undefined && raw['NotResource'] !== undefined)
    throw new Error(`${where} has both Resource and NotResource: keep one of them.`);
  return {
    effect: raw['Effect'],
    actions: readTexts(raw['Action'], `${where}: Action`),
    resources: readTexts(raw['Resource'] ?? [], `${where}: Resource`),
    ...(raw['NotResource'] !== undefined && {
      notResources: readTexts(raw['NotResource'], `${where}: NotResource`),
    }),
    ...(raw['Principal'] !== undefined && { principal: readPrincipal(raw['Principal'], where) }),
    conditions: readConditions(raw['Condition'], where),
  };
}

function assertKnown(object: object, known: string[], where: string): void {
  const unknown = Object.keys(object).filter((key) => !known.includes(key));
  if (unknown.length)
    throw new Error(
      `${where} has ${unknown.join(', ')}, which the local AWS does not support; it knows ${known.join(', ')}.`,
    );
}

function readPrincipal(raw: unknown, where: string): Principal {
  if (raw === '*') return { kind: 'any' };
  const { AWS: aws, Service: service, ...others } = raw as Record<string, unknown>;
  if (Object.keys(others).length || (aws !== undefined && service !== undefined)) {
    throw new Error(`${where}: Principal must be "*", one AWS list or one Service list, not ${JSON.stringify(raw)}.`);
  }
  if (service !== undefined) return { kind: 'service', names: readTexts(service, `${where}: Principal.Service`) };
  const names = readTexts(aws, `${where}: Principal.AWS`);
  return names.includes('*') ? { kind: 'any' } : { kind: 'aws', names };
}
