import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPERATIONS } from '../../../lambdas/contracts/operation';
import { Iam } from '../../../local/iam/iam';
import { resourcesOf } from '../../helpers/template';

/** A role with the policies that the README has people attach. */
function role(file: string, ...managed: string[]) {
  const iam = new Iam();
  const trust = {
    Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ec2.amazonaws.com' } },
  };
  const arn = iam.createRole('theirs', '/', trust);
  for (const policy of managed) iam.attach(arn, policy, policy);
  const text = readFileSync(join(__dirname, '../../../docs/policies', file), 'utf8').replaceAll('CLUSTER', 'demo');
  iam.attach(arn, JSON.parse(text), file);
  return (action: string, resource: string) => iam.decide({ principal: arn }, { action, resource }).allowed;
}

const STATES = 'arn:aws:states:eu-central-1:000000000000';
test.each([
  ['states:StartExecution', 'stateMachine:kubeadm-autopilot-renew-certificates', true],
  ['states:RedriveExecution', 'execution:kubeadm-autopilot-renew-certificates:x', true],
  ['states:StartExecution', 'stateMachine:kubeadm-autopilot-run-on-nodes', false],
  ['states:RedriveExecution', 'execution:kubeadm-autopilot-run-on-nodes:x', false],
  ['states:DescribeExecution', 'execution:kubeadm-autopilot-run-on-nodes:x', true],
  ['states:SendTaskSuccess', 'stateMachine:kubeadm-autopilot-run-on-nodes', false],
  ['states:UpdateStateMachine', 'stateMachine:kubeadm-autopilot-renew-certificates', false],
])('who operates: %s on %s: %s', (action, resource, allowed) =>
  expect(role('operate.json')(action, `${STATES}:${resource}`)).toBe(allowed),
);

/** They hold no lock of their own: whoever starts one while an operation runs would skip plan and gates. */
test('nobody who operates starts a state machine that works for an operation', () => {
  const names = Object.values(resourcesOf<{ StateMachineName?: string }>('AWS::StepFunctions::StateMachine')).map(
    ({ StateMachineName }) => StateMachineName!,
  );
  const may = role('operate.json');
  expect(names.filter((name) => may('states:StartExecution', `${STATES}:stateMachine:${name}`)).sort()).toEqual(
    OPERATIONS.map((operation) => `kubeadm-autopilot-${operation}`).sort(),
  );
});

const PARAMETERS = 'arn:aws:ssm:eu-central-1:000000000000:parameter';
const PARAMETER = `${PARAMETERS}/kubeadm-autopilot`;
test.each([
  ['secrets/demo/bootstrap-token-1', true],
  ['secrets/prod/bootstrap-token-1', false],
  ['secrets/demo2/bootstrap-token-1', false],
  ['clusters/demo', false],
])('a node of demo reads %s: %s', (name, allowed) => {
  const may = role('node-secrets.json', 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore');
  expect(may('ssm:GetParameter', `${PARAMETER}/${name}`)).toBe(allowed);
  expect(may('ssm:GetParametersByPath', `${PARAMETER}/secrets/demo`)).toBe(false);
  expect(may('ssm:UpdateInstanceInformation', '*')).toBe(true);
});

test.each(['AmazonCloudWatch-linux', 'app/settings', 'aws/service/ami-amazon-linux-latest/x'])(
  'the Deny for nodes takes every other parameter as well, such as %s',
  (name) => {
    const managed = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';
    expect(role('node-secrets.json', managed)('ssm:GetParameter', `${PARAMETERS}/${name}`)).toBe(false);
  },
);

test.each([
  ['events:PutEvents', 'arn:aws:events:eu-central-1:000000000000:event-bus/kubeadm-autopilot'],
  ['events:PutEvents', 'arn:aws:events:eu-central-1:000000000000:event-bus/default'],
  ['states:SendTaskSuccess', `${STATES}:stateMachine:kubeadm-autopilot-run-on-nodes`],
  ['states:StartExecution', `${STATES}:stateMachine:kubeadm-autopilot-renew-certificates`],
  ['ssm:SendCommand', 'arn:aws:ssm:eu-central-1:000000000000:document/kubeadm-autopilot-renew-certificates'],
  ['ssm:PutParameter', `${PARAMETER}/clusters/demo`],
])('a node forges nothing: it may not %s on %s', (action, resource) => {
  const may = role('node-secrets.json', 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore');
  expect(may(action, resource)).toBe(false);
});
