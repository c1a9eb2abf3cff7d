import type { Caller } from '../../../local/aws/aws-call';
import { Door } from '../../../local/aws/door';
import { DEPENDENT_ACTIONS } from '../../../local/iam/dependent-actions';
import { Iam } from '../../../local/iam/iam';
import { ElasticLoadBalancingService } from '../../../local/services/elastic-load-balancing/elastic-load-balancing-service';
import { targetGroupArn } from '../../../local/services/elastic-load-balancing/target-groups';
import { TestNode } from '../services/test-node';
import { TestTargetGroup } from '../services/test-target-group';

const REGISTER = 'elasticloadbalancing:RegisterTargets';
const DEREGISTER = 'elasticloadbalancing:DeregisterTargets';
const DEPENDENT = DEPENDENT_ACTIONS[REGISTER]!;

const node = new TestNode(1);
const statement = (Effect: string, Action: string | string[], Resource = '*', Condition?: object) => ({
  Effect,
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const allow = (...actions: string[]) => statement('Allow', actions);

/** What is registered after a call under a role with these statements, or by a user. */
async function call(action: 'RegisterTargets' | 'DeregisterTargets', statements: object[] | 'user'): Promise<string[]> {
  const group = new TestTargetGroup('api');
  if (action === 'DeregisterTargets') group.set(node.instanceId, 'healthy');
  const iam = new Iam();
  const door = new Door(iam, { stateTransitions: 0, lambdaInvocations: 0, apiCalls: {} });
  door.register(new ElasticLoadBalancingService([group], [node]));
  const input = { TargetGroupArn: targetGroupArn(group), Targets: [{ Id: node.instanceId }] };
  let caller: Caller = { principal: 'user' };
  if (statements !== 'user') {
    const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } };
    caller = { principal: iam.createRole('r', '/', { Statement: [trust] }), session: 's' };
    iam.attach('r', { Statement: statements }, 'p');
  }
  await door.call({ service: 'elasticloadbalancing', action, input, caller });
  return group.listed;
}
const refused = (action: string, because = `because no identity-based policy allows the ${action} action`) => ({
  name: 'AccessDenied',
  status: 403,
  message: `User: arn:aws:sts::000000000000:assumed-role/r/s is not authorized to perform: ${action} ${because}`,
});

test('the right to register targets alone is refused for what it depends on, in the words of AWS', async () => {
  await expect(call('RegisterTargets', [allow(REGISTER)])).rejects.toMatchObject(refused('ec2:DescribeInstances'));
});

test.each(DEPENDENT)('registering needs %s', async (action) => {
  const others = DEPENDENT.filter((other) => other !== action);
  await expect(call('RegisterTargets', [allow(REGISTER, ...others)])).rejects.toMatchObject(refused(action));
  const inOneVpc = statement('Allow', action, 'arn:aws:ec2:eu-central-1:000000000000:vpc/vpc-1');
  await expect(call('RegisterTargets', [allow(REGISTER, ...others), inOneVpc])).rejects.toMatchObject(refused(action));
  const deny = statement('Deny', action);
  await expect(call('RegisterTargets', [allow('*'), deny])).rejects.toMatchObject(
    refused(action, 'with an explicit deny in an identity-based policy'),
  );
});

test('its own right comes first', async () => {
  await expect(call('RegisterTargets', [allow(...DEPENDENT)])).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringMatching(
      /not authorized to perform: elasticloadbalancing:RegisterTargets on resource: \S+:targetgroup\/api\/\S+ because/,
    ),
  });
});

test.each<[string, object[] | 'user']>([
  ['with all of them', [allow(REGISTER, ...DEPENDENT)]],
  ['with wildcards', [allow('elasticloadbalancing:*', 'ec2:Describe*')]],
  ['for a user of the account', 'user'],
])('registering works %s', async (_who, statements) => {
  expect(await call('RegisterTargets', statements)).toEqual([`${node.instanceId}:6443 initial`]);
});

test('taking targets out depends on nothing', async () => {
  expect(await call('DeregisterTargets', [allow(DEREGISTER)])).toEqual([]);
});
