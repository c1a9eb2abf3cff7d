import type { Caller, Permission } from '../aws/aws-call';
import { ACCOUNT, AwsError, REGION } from '../aws/aws-call';
import { AWS_MANAGED_POLICIES } from './aws-managed-policies';
import type { ConditionContext } from './conditions';
import type { Statement } from './policy';
import { readPolicy } from './policy';
import { matchesWildcard } from './wildcards';

export interface Decision {
  allowed: boolean;
  /** End of AWS's sentence, such as "because no identity-based policy allows the ssm:SendCommand action". */
  because: string;
}

interface Role {
  arn: `arn:${string}`;
  trust: Statement[];
  statements: Statement[];
}

/** Roles, policies and their evaluation: denied by default, an explicit deny wins. */
export class Iam {
  private readonly roles = new Map<string, Role>();
  private readonly managedPolicies = new Map<string, Statement[]>();
  private readonly resourcePolicies = new Map<string, Statement[]>();

  /** Answers the role's ARN. */
  createRole(name: string, path: string, trust: unknown): `arn:${string}` {
    const arn = `arn:aws:iam::${ACCOUNT}:role${path}${name}` as const;
    if (this.roles.has(arn)) throw new Error(`The role ${name} exists already.`);
    this.roles.set(arn, { arn, trust: readPolicy(trust, `The trust policy of role ${name}`), statements: [] });
    return arn;
  }

  createManagedPolicy(name: string, path: string, document: unknown): string {
    const arn = `arn:aws:iam::${ACCOUNT}:policy${path}${name}`;
    this.managedPolicies.set(arn, readPolicy(document, `The managed policy ${name}`));
    return arn;
  }

  /** `policy` is a document or the ARN of a managed policy. */
  attach(roleNameOrArn: string, policy: unknown, policyName: string): void {
    const role = this.findRole(roleNameOrArn);
    role.statements.push(
      ...(typeof policy === 'string' ? this.findManaged(policy) : readPolicy(policy, `The policy ${policyName}`)),
    );
  }

  /** A policy on the resource itself (Lambda permission, queue or topic policy); several add up. */
  addResourcePolicy(resourceArn: string, document: unknown, where: string): void {
    const statements = readPolicy(document, where);
    this.resourcePolicies.set(resourceArn, [...(this.resourcePolicies.get(resourceArn) ?? []), ...statements]);
  }

  /** Throws unless the role's trust policy lets this service assume it; `sourceArn` is what the service acts for. */
  assertTrusts(roleArn: string, service: `${string}.amazonaws.com`, sourceArn?: string): void {
    const role = this.findRole(roleArn);
    const request: Permission = { action: 'sts:AssumeRole', resource: '*' };
    const caller: Caller = { principal: service, ...(sourceArn && { sourceArn }) };
    const matching = role.trust.filter((statement) => matches({ ...statement, resources: ['*'] }, caller, request));
    if (matching.some(({ effect }) => effect === 'Deny') || !matching.some(({ effect }) => effect === 'Allow')) {
      throw new AwsError(
        'AccessDeniedException',
        `The role ${roleArn} cannot be assumed by ${service}: its trust policy does not allow it.`,
      );
    }
  }

  decide(caller: Caller, permission: Permission): Decision {
    if (caller.principal === 'user') return { allowed: true, because: '' };
    const identity = caller.principal.startsWith('arn:') ? this.findRole(caller.principal).statements : [];
    const ownPolicies = identity.filter((statement) => matches(statement, caller, permission));
    const onResource = (this.resourcePolicies.get(withPolicy(permission.resource)) ?? []).filter(
      (statement) => statement.principal && matches(statement, caller, permission),
    );
    if (ownPolicies.some(({ effect }) => effect === 'Deny'))
      return denied('with an explicit deny in an identity-based policy');
    if (onResource.some(({ effect }) => effect === 'Deny'))
      return denied('with an explicit deny in a resource-based policy');
    if ([...ownPolicies, ...onResource].some(({ effect }) => effect === 'Allow')) return { allowed: true, because: '' };
    const kind = caller.principal.startsWith('arn:') ? 'identity-based' : 'resource-based';
    return denied(`because no ${kind} policy allows the ${permission.action} action`);
  }

  private findRole(nameOrArn: string): Role {
    const role = nameOrArn.startsWith('arn:')
      ? this.roles.get(nameOrArn)
      : [...this.roles.values()].find(({ arn }) => arn.endsWith(`/${nameOrArn}`));
    if (!role) throw new AwsError('InvalidClientTokenId', `There is no role ${nameOrArn}.`, 403);
    return role;
  }

  private findManaged(arn: string): Statement[] {
    const awsManaged = /^arn:aws:iam::aws:policy\/(.+)$/.exec(arn)?.[1];
    const statements = awsManaged ? AWS_MANAGED_POLICIES[awsManaged] : this.managedPolicies.get(arn);
    if (!statements) {
      const known = [...Object.keys(AWS_MANAGED_POLICIES), ...this.managedPolicies.keys()].join(', ');
      throw new Error(`The local AWS does not know the managed policy ${arn}; it knows ${known}.`);
    }
    return statements;
  }
}

/** The resource whose policy holds for `arn`: objects have their bucket's. */
const withPolicy = (arn: string): string => (arn.startsWith('arn:aws:s3:::') ? arn.split('/')[0]! : arn);

const denied = (because: string): Decision => ({ allowed: false, because });

function matches(statement: Statement, caller: Caller, permission: Permission): boolean {
  return (
    statement.actions.some((pattern) => matchesWildcard(pattern.toLowerCase(), permission.action.toLowerCase())) &&
    isAboutResource(statement, permission.resource) &&
    isAbout(statement, caller) &&
    statement.conditions.every((condition) => condition.holds(contextOf(caller, permission)))
  );
}

function isAboutResource({ resources, notResources }: Statement, resource: string): boolean {
  const among = (patterns: string[]) => patterns.some((pattern) => matchesWildcard(pattern, resource));
  return notResources ? !among(notResources) : among(resources);
}

function isAbout({ effect, principal }: Statement, caller: Caller): boolean {
  if (!principal || principal.kind === 'any') return true;
  const isRole = caller.principal.startsWith('arn:');
  if (principal.kind === 'service') return !isRole && principal.names.includes(caller.principal);
  // To allow the account's root only delegates to identity-based policies; to deny it denies everybody in the account.
  const wholeAccount = effect === 'Deny' ? [`arn:aws:iam::${ACCOUNT}:root`, ACCOUNT] : [];
  return isRole && principal.names.some((name) => [caller.principal, ...wholeAccount].includes(name));
}

/** The global condition keys, and those that the service gave. */
function contextOf(caller: Caller, { conditionKeys = {} }: Permission): ConditionContext {
  const keys: Record<string, string> = {
    'aws:PrincipalAccount': ACCOUNT,
    'aws:PrincipalArn': caller.principal,
    'aws:RequestedRegion': REGION,
    // The loopback stands for TLS: policies that refuse plain HTTP would refuse everything here.
    'aws:SecureTransport': 'true',
    ...(caller.principal.startsWith('arn:') ? {} : { 'aws:SourceAccount': ACCOUNT }),
    ...(caller.sourceArn && { 'aws:SourceArn': caller.sourceArn }),
    ...conditionKeys,
  };
  return new Map(Object.entries(keys).map(([key, value]) => [key.toLowerCase(), value]));
}
