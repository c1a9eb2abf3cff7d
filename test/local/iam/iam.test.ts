import type { Caller, Permission } from '../../../local/aws/aws-call';
import { callerArn } from '../../../local/iam/caller-arn';
import { Iam } from '../../../local/iam/iam';

const trust = (service: string, Condition?: object) => ({
  Statement: [
    { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service }, ...(Condition && { Condition }) },
  ],
});
const allow = (Action: string | string[], Resource: string | string[] = '*', Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const deny = (Action: string, Resource = '*', Condition?: object) => ({
  ...allow(Action, Resource, Condition),
  Effect: 'Deny',
});

function decide(statements: object[], permission: Permission) {
  const iam = new Iam();
  const principal = iam.createRole('r', '/', trust('lambda.amazonaws.com'));
  iam.attach('r', { Statement: statements }, 'p');
  return iam.decide({ principal }, permission);
}

const document = 'arn:aws:ssm:eu-central-1:000000000000:document/kubeadm-autopilot-check-certificates';
const send = { action: 'ssm:SendCommand', resource: document };

test.each<[string, object[], Permission, boolean]>([
  ['nothing is allowed by default', [allow('ssm:GetParameter')], send, false],
  ['an exact action and resource', [allow('ssm:SendCommand', document)], send, true],
  ['another resource', [allow('ssm:SendCommand', `${document}-2`)], send, false],
  ['one of several actions and resources', [allow(['a:B', 'ssm:SendCommand'], ['x', document])], send, true],
  ['actions have no case', [allow('SSM:sendcommand', document)], send, true],
  ['resources have', [allow('ssm:SendCommand', document.toUpperCase())], send, false],
  ['* in an action', [allow('ssm:Send*')], send, true],
  ['* alone', [allow('*')], send, true],
  ['* spans : and /', [allow('ssm:SendCommand', 'arn:aws:ssm:*certificates')], send, true],
  ['* in the middle has to leave the end', [allow('ssm:SendCommand', 'arn:*/other')], send, false],
  ['? is one character', [allow('ssm:SendComman?')], send, true],
  ['? is not none', [allow('ssm:SendCommand?')], send, false],
  ['a dot is a dot', [allow('ssm:Send.ommand')], send, false],
  ['an explicit deny wins over any allow', [allow('*'), deny('ssm:SendCommand')], send, false],
  ['the order does not matter', [deny('ssm:*'), allow('*')], send, false],
  ['a deny for something else', [allow('*'), deny('ssm:SendCommand', `${document}-2`)], send, true],
])('%s', (_what, statements, permission, allowed) => {
  expect(decide(statements, permission).allowed).toBe(allowed);
});

const onInstance = (cluster?: string): Permission => ({
  action: 'ssm:SendCommand',
  resource: 'arn:aws:ec2:eu-central-1:000000000000:instance/i-1',
  ...(cluster && { conditionKeys: { 'ssm:resourceTag/kubeadm-autopilot:cluster': cluster } }),
});
const tag = 'ssm:resourceTag/kubeadm-autopilot:cluster';

test.each<[string, object, string | undefined, boolean]>([
  ['StringEquals, same', { StringEquals: { [tag]: 'demo' } }, 'demo', true],
  ['StringEquals, one of', { StringEquals: { [tag]: ['x', 'demo'] } }, 'demo', true],
  ['StringEquals, other', { StringEquals: { [tag]: 'demo' } }, 'prod', false],
  ['StringEquals takes no wildcards', { StringEquals: { [tag]: 'd*' } }, 'demo', false],
  ['StringEquals, key absent', { StringEquals: { [tag]: 'demo' } }, undefined, false],
  ['names of keys have no case', { StringEquals: { [tag.toUpperCase()]: 'demo' } }, 'demo', true],
  ['StringEqualsIfExists, key absent', { StringEqualsIfExists: { [tag]: 'demo' } }, undefined, true],
  ['StringEqualsIfExists, other', { StringEqualsIfExists: { [tag]: 'demo' } }, 'prod', false],
  ['StringLike', { StringLike: { [tag]: 'd?m*' } }, 'demo', true],
  ['StringLike * wants the key to be there', { StringLike: { [tag]: '*' } }, undefined, false],
  ['StringNotEquals, other', { StringNotEquals: { [tag]: 'demo' } }, 'prod', true],
  ['StringNotEquals, one of', { StringNotEquals: { [tag]: ['prod', 'demo'] } }, 'prod', false],
  ['StringNotEquals, key absent', { StringNotEquals: { [tag]: 'demo' } }, undefined, true],
  ['StringNotLike', { StringNotLike: { [tag]: 'p*' } }, 'prod', false],
  [
    'two operators both have to hold',
    { StringLike: { [tag]: 'd*' }, StringNotEquals: { [tag]: 'demo' } },
    'demo',
    false,
  ],
  [
    'global keys',
    { StringEquals: { 'aws:RequestedRegion': 'eu-central-1' }, Bool: { 'aws:SecureTransport': true } },
    'demo',
    true,
  ],
])('condition %s', (_what, condition, cluster, allowed) => {
  expect(decide([allow('ssm:SendCommand', '*', condition)], onInstance(cluster)).allowed).toBe(allowed);
});

test.each<[string, object, RegExp]>([
  [
    'an unknown operator',
    allow('a:B', '*', { NumericLessThan: { 'a:b': '1' } }),
    /NumericLessThan is not supported .*StringEquals/,
  ],
  [
    'a set operator',
    allow('a:B', '*', { 'ForAnyValue:StringEquals': { 'a:b': '1' } }),
    /ForAnyValue:StringEquals is not supported/,
  ],
  ['NotAction', { Effect: 'Allow', NotAction: 'a:B', Resource: '*' }, /statement 1 has NotAction, which/],
  ['NotResource beside Resource', { ...allow('a:B'), NotResource: 'x' }, /both Resource and NotResource/],
  [
    'a policy variable',
    allow('a:B', 'arn:aws:s3:::${aws:username}'),
    /policy variable arn:aws:s3:::\$\{aws:username\}/,
  ],
  ['an effect that is none', { Effect: 'Maybe', Action: 'a:B', Resource: '*' }, /Allow or Deny, not "Maybe"/],
  ['a resource that is no text', { ...allow('a:B'), Resource: { Ref: 'X' } }, /Resource must be text/],
])('%s is an error when the policy is made', (_what, statement, message) => {
  const iam = new Iam();
  iam.createRole('r', '/', trust('lambda.amazonaws.com'));
  expect(() => iam.attach('r', { Statement: [statement] }, 'p')).toThrow(message);
});

test('a field that no policy has is an error when the policy is made', () => {
  const iam = new Iam();
  iam.createRole('r', '/', trust('lambda.amazonaws.com'));
  const document = { Version: '2012-10-17', Statement: [allow('a:B')], Statements: [deny('*')] };
  expect(() => iam.attach('r', document, 'p')).toThrow(/has Statements, which .* it knows Version, Id, Statement\./);
});

test('AWS words a refusal by its kind', () => {
  expect(decide([], send).because).toBe('because no identity-based policy allows the ssm:SendCommand action');
  expect(decide([deny('*')], send).because).toBe('with an explicit deny in an identity-based policy');
});

test("managed policies: AWS's own as far as known, and the stack's", () => {
  const iam = new Iam();
  const principal = iam.createRole('r', '/', trust('lambda.amazonaws.com'));
  iam.attach('r', 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole', 'basic');
  expect(iam.decide({ principal }, { action: 'logs:PutLogEvents', resource: 'x' }).allowed).toBe(true);
  expect(iam.decide({ principal }, send).allowed).toBe(false);
  iam.attach('r', iam.createManagedPolicy('m', '/', { Statement: allow('ssm:*') }), 'm');
  expect(iam.decide({ principal }, send).allowed).toBe(true);
  expect(() => iam.attach('r', 'arn:aws:iam::aws:policy/AdministratorAccess', 'admin')).toThrow(
    /does not know .*AdministratorAccess/,
  );
});

test('a user may do everything; a role that there is not is an error', () => {
  const iam = new Iam();
  expect(iam.decide({ principal: 'user' }, send).allowed).toBe(true);
  expect(() => iam.decide({ principal: 'arn:aws:iam::000000000000:role/none' }, send)).toThrow('There is no role');
});

describe('trust', () => {
  test('only the service that the trust policy names', () => {
    const iam = new Iam();
    const role = iam.createRole('r', '/', trust('states.amazonaws.com'));
    expect(() => iam.assertTrusts(role, 'states.amazonaws.com')).not.toThrow();
    expect(() => iam.assertTrusts(role, 'lambda.amazonaws.com')).toThrow(/cannot be assumed by lambda.amazonaws.com/);
  });

  test('with its conditions', () => {
    const iam = new Iam();
    const group = 'arn:aws:scheduler:eu-central-1:000000000000:schedule-group/a';
    const condition = { StringEquals: { 'aws:SourceAccount': '000000000000', 'aws:SourceArn': group } };
    const role = iam.createRole('r', '/', trust('scheduler.amazonaws.com', condition));
    expect(() => iam.assertTrusts(role, 'scheduler.amazonaws.com', group)).not.toThrow();
    expect(() => iam.assertTrusts(role, 'scheduler.amazonaws.com', `${group}2`)).toThrow(/cannot be assumed/);
  });
});

describe('policies on resources', () => {
  const queue = 'arn:aws:sqs:eu-central-1:000000000000:q';
  const permission = { action: 'sqs:SendMessage', resource: queue };
  const events = (sourceArn: string): Caller => ({ principal: 'events.amazonaws.com', sourceArn });
  const policy = (statement: object) => ({
    Statement: { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: queue, ...statement },
  });

  test('a service may do only what one allows', () => {
    const iam = new Iam();
    expect(iam.decide(events('rule/a'), permission)).toEqual({
      allowed: false,
      because: 'because no resource-based policy allows the sqs:SendMessage action',
    });
    const condition = { ArnEquals: { 'aws:SourceArn': 'rule/a' } };
    iam.addResourcePolicy(
      queue,
      policy({ Principal: { Service: 'events.amazonaws.com' }, Condition: condition }),
      'queue policy',
    );
    expect(iam.decide(events('rule/a'), permission).allowed).toBe(true);
    expect(iam.decide(events('rule/b'), permission).allowed).toBe(false);
    expect(iam.decide({ principal: 'sns.amazonaws.com', sourceArn: 'rule/a' }, permission).allowed).toBe(false);
    expect(iam.decide(events('rule/a'), { ...permission, action: 'sqs:ReceiveMessage' }).allowed).toBe(false);
  });

  test('one that denies everybody plain HTTP denies nobody here', () => {
    const iam = new Iam();
    const role = iam.createRole('r', '/', trust('lambda.amazonaws.com'));
    iam.attach('r', { Statement: [allow('sqs:SendMessage', queue)] }, 'p');
    iam.addResourcePolicy(
      queue,
      policy({ Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      'q',
    );
    expect(iam.decide({ principal: role }, permission).allowed).toBe(true);
  });

  test("a deny on the resource wins over the role's own allow", () => {
    const iam = new Iam();
    const role = iam.createRole('r', '/', trust('lambda.amazonaws.com'));
    iam.attach('r', { Statement: [allow('*')] }, 'p');
    iam.addResourcePolicy(queue, policy({ Effect: 'Deny', Principal: { AWS: role } }), 'q');
    expect(iam.decide({ principal: role }, permission).because).toBe(
      'with an explicit deny in a resource-based policy',
    );
  });

  test("an allow for the role is enough, one for the account's root is not", () => {
    const iam = new Iam();
    const role = iam.createRole('r', '/', trust('lambda.amazonaws.com'));
    iam.addResourcePolicy(queue, policy({ Principal: { AWS: 'arn:aws:iam::000000000000:root' } }), 'q');
    expect(iam.decide({ principal: role }, permission).allowed).toBe(false);
    iam.addResourcePolicy(queue, policy({ Principal: { AWS: role } }), 'q');
    expect(iam.decide({ principal: role }, permission).allowed).toBe(true);
  });
});

test.each<[Caller, string]>([
  [{ principal: 'user' }, 'arn:aws:iam::000000000000:user/local'],
  [
    { principal: 'arn:aws:iam::000000000000:role/service/R', session: 'fn' },
    'arn:aws:sts::000000000000:assumed-role/R/fn',
  ],
  [{ principal: 'events.amazonaws.com' }, 'events.amazonaws.com'],
])('%j is shown as %s', (caller, arn) => {
  expect(callerArn(caller)).toBe(arn);
});
