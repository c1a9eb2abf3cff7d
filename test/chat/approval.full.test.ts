import { CHAT_RIGHTS } from '../../lambdas/contracts/chat/rights';
import type { Message } from '../../local/slack/workspace';
import { ChatWorld, OPS } from './chat-world';

let chat: ChatWorld;
beforeAll(async () => {
  chat = await ChatWorld.start();
});
afterAll(() => chat?.stop());

const NAMES = ['ada', 'bob', 'cyd'];
const PEOPLE = NAMES.map((name) => ({ name, slack: [`T0AUTOPILOT/U0${name.toUpperCase()}`] }));

/** Ada has started a renewal, and its message waits for approval. */
async function waitingRenewal(name: string, approval: object = {}, rights = [...CHAT_RIGHTS]): Promise<Message> {
  const settings = {
    people: PEOPLE,
    approval: { operations: ['renew-certificates'], approvers: NAMES, hours: 1, ...approval },
  };
  await chat.cluster(name, [{ allow: rights, channels: [OPS] }], {}, settings);
  await chat.person('U0ADA').type(OPS, `renew ${name} --yes`);
  return chat.message('the question', (one) => one.text.includes(`*${name}* waits for approval`));
}
const buttonsOf = ({ blocks }: Message) =>
  blocks.flatMap((block) => (block.type === 'actions' ? block.elements.map(({ action_id: id }) => id) : []));
const click = (user: string, message: Message, button: string) =>
  chat.whispered(() => chat.person(user).click(message, button));
const theEnd = (message: Message) => chat.message('the end', ({ thread }) => thread === message.ts);

test('Approve: not by the one who asked, then by another; the same message goes on, and the output has both', async () => {
  const message = await waitingRenewal('demo');
  const [arn = ''] = chat.world.runningOf('renew-certificates');
  expect(message.text).toContain('it has 0 of 1 approval and waits until ');
  expect(message.text).toMatch(/^Approvers: bob and cyd\.$/m);
  expect(buttonsOf(message)).toEqual(['approve', 'reject']);
  expect(await chat.whispered(() => chat.person('U0BOB').type(OPS, 'status demo'))).toContain('waits for approval');

  expect(await click('U0ADA', message, 'approve')).toMatch(/^ada asked for renew-certificates of demo, and cannot/);
  expect(await click('U0EVE', message, 'approve')).toMatch(/^slack:T0AUTOPILOT\/U0EVE may not decide on /);
  expect(chat.world.sent().filter((sent) => sent.startsWith('renew-certificates'))).toEqual([]);

  const kept = structuredClone(message);
  expect(await click('U0BOB', message, 'approve')).toMatch(
    /^`renew-certificates-demo-[0-9a-f]{20}` is approved\.\nplan `/,
  );
  expect((await theEnd(message)).text).toContain('is done, after');
  expect(buttonsOf(message)).toEqual([]);
  expect(await click('U0CYD', kept, 'approve')).toContain('has ended');
  const { output } = await chat.world.succeeded(arn);
  expect(output.approval).toMatchObject({
    requester: { source: 'slack', who: 'slack:T0AUTOPILOT/U0ADA', person: 'ada' },
    approvers: [{ person: 'bob', who: 'slack:T0AUTOPILOT/U0BOB' }],
  });
  expect(chat.world.problems).toEqual([]);
});

test('two approvers: the message shows the first, and keeps its buttons', async () => {
  const message = await waitingRenewal('two', { count: 2 });
  expect(await click('U0BOB', message, 'approve')).toContain('still waits: it has 1 of 2 approvals');
  await chat.message('the first', (one) => one === message && one.text.includes('Approved by bob.'));
  expect(buttonsOf(message)).toEqual(['approve', 'reject']);
  expect(await click('U0CYD', message, 'approve')).toContain('is approved');
  expect((await theEnd(message)).text).toContain('is done');
});

test('Reject ends it, and nothing has changed', async () => {
  const message = await waitingRenewal('refused');
  const before = chat.world.sent().length;
  expect(await click('U0BOB', message, 'reject')).toContain('is rejected');
  expect((await theEnd(message)).text).toContain('bob rejected it (in Slack)');
  expect(chat.world.sent().slice(before)).not.toContainEqual(expect.stringMatching(/^renew-certificates/));
  expect(buttonsOf(message)).toEqual([]);
});

test('by command: approve names the plan, reject says why, and neither is a way around the rules', async () => {
  const idOf = ({ blocks }: Message) => /renew-certificates-[a-z]+-[0-9a-f]{20}/.exec(JSON.stringify(blocks))![0];
  const say = (user: string, text: string) => chat.whispered(() => chat.person(user).type(OPS, text));
  const first = await waitingRenewal('typed');
  const digest = /plan `([0-9a-f]{12})`/.exec(JSON.stringify(first.blocks))![1]!;
  expect(await say('U0BOB', `approve ${idOf(first)} ffffffffffff`)).toContain(`another plan, ${digest}`);
  expect(await say('U0ADA', `approve ${idOf(first)}`)).toMatch(/^ada asked for renew-certificates of typed/);
  expect(await say('U0EVE', `reject ${idOf(first)} no`)).toContain('may not decide on');
  expect(await say('U0BOB', `approve ${idOf(first)} ${digest}`)).toContain(`is approved.\nplan \`${digest}\``);
  expect((await theEnd(first)).text).toContain('is done');
  expect(await say('U0BOB', 'history typed')).toMatch(/`: succeeded, .+, asked for by slack:T0AUTOPILOT\/U0ADA$/m);

  const second = await waitingRenewal('untyped');
  expect(await say('U0BOB', `reject ${idOf(second)}`)).toContain('The reason is missing');
  expect(await say('U0BOB', `reject ${idOf(second)} release <!channel> week`)).toContain(
    'bob rejected it (release &lt;!channel&gt; week)',
  );
  expect((await theEnd(second)).text).toContain('bob rejected it (release &lt;!channel&gt; week)');
  expect(second.text).toContain('bob rejected it (release');
});

test('an approver whom no rule lets approve in the channel clicks in vain', async () => {
  const message = await waitingRenewal('ruled', {}, ['look', 'start']);
  expect(await click('U0BOB', message, 'approve')).toContain('You may not do this here (approve renew-certificates)');
  expect(buttonsOf(message)).toEqual(['approve', 'reject']);
});
