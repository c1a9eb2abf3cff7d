import { CHAT_RIGHTS } from '../../lambdas/contracts/chat/rights';
import { AwsError } from '../../local/aws/aws-call';
import { resourcesOf } from '../helpers/template';
import { ChatWorld, OPS } from './chat-world';

let chat: ChatWorld;
beforeAll(async () => {
  chat = await ChatWorld.start();
  const rights = [...CHAT_RIGHTS];
  await chat.cluster('solo', [
    { allow: rights, users: ['U0ADA'] },
    { allow: rights, webhooks: ['ci'] },
  ]);
});
afterEach(() => (chat.world.onCall = undefined));
afterAll(() => chat.stop());

/** Denies an action to a role so many times. */
function deny(role: string, action: string, most = Infinity): { times: number } {
  const denied = { times: 0 };
  chat.world.onCall = async (call, next) => {
    // The action is called Invoke, the right to it InvokeFunction.
    const called = `${call.service}:${call.action === 'Invoke' ? 'InvokeFunction' : call.action}`;
    if (called !== action || !call.caller.principal.includes(role) || denied.times >= most) return next();
    denied.times += 1;
    throw new AwsError('AccessDeniedException', `User is not authorized to perform: ${action}`);
  };
  return denied;
}
const starts = () => chat.world.calls.filter(({ action }) => action === 'StartExecution').length;

/** The first one first: a secret that has been read is kept for a while. */
const WEBHOOK = ['ssm:GetParameter', 'dynamodb:PutItem', 'lambda:InvokeFunction'];
test.each(WEBHOOK)('the webhook without %s: it says that it did nothing, and did not', async (action) => {
  const before = starts();
  const denied = deny('ChatWebhookRole', action);
  const answer = await chat.person('U0ADA').type(OPS, 'renew solo --yes');
  expect([answer.status, await answer.json()]).toEqual([503, { error: 'InternalError', message: expect.any(String) }]);
  expect(denied.times).toBeGreaterThan(0);
  expect(starts()).toBe(before);
});

/** The end of an operation is told as soon as it can be, and its report after it. */
const PROGRESS = ['ssm:GetParameter', 'dynamodb:GetItem', 'dynamodb:UpdateItem', 'states:DescribeExecution'];
let last = '';
test.each(PROGRESS)('progress without %s once: end and report are told all the same', async (action) => {
  const denied = deny('ChatProgressRole', action, 1);
  const before = chat.messages.length;
  await chat.person('U0ADA').type(OPS, 'renew solo --yes --force');
  const end = await chat.message('the end', (one) => one.thread !== undefined && chat.messages.indexOf(one) >= before);
  await chat.report(chat.messages[before]!);
  expect(denied.times).toBe(1);
  expect(end.text).toContain('is done');
  last = /renew-certificates-solo-[0-9a-f]{20}/.exec(JSON.stringify(chat.messages[before]))![0];
});

const COMMAND: [string, () => string][] = [
  ...['ssm:GetParameter', 'ec2:DescribeInstances', 'ssm:DescribeInstanceInformation', 'states:ListExecutions'].map(
    (action): (typeof COMMAND)[number] => [action, () => 'status solo'],
  ),
  ['dynamodb:GetItem', () => 'status solo'],
  ['dynamodb:PutItem', () => 'freeze solo a test'],
  ['dynamodb:DeleteItem', () => 'unfreeze solo'],
  ['states:DescribeExecution', () => `show ${last}`],
  ['lambda:InvokeFunction', () => 'renew solo --yes'],
];
/** A delivery with the text and the time of another one is taken for a replay. */
let calls = 0;
test.each(COMMAND)('a command without %s: it fails with a sentence', async (action, text) => {
  const denied = deny('ChatCommandRole', action);
  const answer = await chat.call('ci', `${text()}${' '.repeat(calls++)}`);
  expect([answer.status, await answer.json()]).toEqual([
    409,
    { ok: false, text: expect.stringMatching(/^The API failed at a command of a chat\./) },
  ]);
  expect(denied.times).toBeGreaterThan(0);
});

test('a click without dynamodb:UpdateItem starts nothing', async () => {
  const ada = chat.person('U0ADA');
  const before = chat.messages.length;
  await ada.type(OPS, 'renew solo --force');
  const hasButtons = ({ blocks }: { blocks: { type: string }[] }) => blocks.some(({ type }) => type === 'actions');
  const plan = await chat.message('the plan', (one) => chat.messages.indexOf(one) >= before && hasButtons(one));
  const started = starts();
  const denied = deny('ChatCommandRole', 'dynamodb:UpdateItem');
  expect(await chat.whispered(() => ada.click(plan, 'start'))).toMatch(/^The API failed/);
  expect(denied.times).toBeGreaterThan(0);
  expect(starts()).toBe(started);
});

/** conversation.full.test.ts stops an operation that runs, which needs two; approval.full.test.ts wakes one. */
const ELSEWHERE = ['states:GetExecutionHistory', 'states:SendTaskSuccess', 'states:StopExecution'];

test('no right was left out', () => {
  const policies = resourcesOf<{ PolicyDocument: { Statement: { Action: string | string[] }[] } }>('AWS::IAM::Policy');
  const rightsOf = (name: string) => {
    const [, policy] = Object.entries(policies).find(([id]) => id.startsWith(`Chat${name}Role`))!;
    const actions = policy.PolicyDocument.Statement.flatMap(({ Action }) => [Action].flat());
    return [...new Set(actions.filter((action) => !/^(logs|xray):/.test(action)))].sort();
  };
  expect(rightsOf('Webhook')).toEqual([...WEBHOOK].sort());
  expect(rightsOf('Progress')).toEqual([...PROGRESS].sort());
  expect(rightsOf('Command')).toEqual(
    [...COMMAND.map(([action]) => action), 'dynamodb:UpdateItem', ...ELSEWHERE].sort(),
  );
});
