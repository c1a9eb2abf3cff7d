import { CHAT_RIGHTS } from '../../lambdas/contracts/chat/rights';
import type { BusEvent } from '../../local/eventbridge/bus-event';
import { once } from '../operations/helpers/scripted';
import { apiOf } from '../helpers/api';
import { ChatWorld, ELSEWHERE, OPS } from './chat-world';

let chat: ChatWorld;
beforeAll(async () => {
  chat = await ChatWorld.start();
});
afterAll(() => chat.stop());

const everything = { allow: [...CHAT_RIGHTS], users: ['U0ADA'], channels: [OPS] };
const buttonsOf = (message: { blocks: { type: string }[] }) => message.blocks.filter(({ type }) => type === 'actions');

test('a whole conversation: help, status, a plan, Start, the progress in one message, its end in the thread', async () => {
  await chat.cluster('demo', [everything], { controlPlanes: 3, workers: 1 });
  const ada = chat.person('U0ADA');
  const say = (text: string) => chat.whispered(() => ada.type(OPS, text));
  expect(await say('help')).toContain('`upgrade CLUSTER VERSION`');
  expect(await say('help')).toContain('`remove CLUSTER NODE`');
  expect(await say('help')).toContain('`replace CLUSTER NODE --with MACHINE`');
  expect(await say('')).toContain('Commands:');
  expect(await say('status demo')).toMatch(/^\*demo\*: 3 control planes, 1 worker\nRun Command reaches every node\.$/m);
  expect(await say('certificates demo')).toContain('No check of the certificates of demo has succeeded yet.');

  expect((await ada.type(OPS, 'plan renew demo')).status).toBe(200);
  const message = await chat.message('the plan', (one) => buttonsOf(one).length === 1);
  expect(message).toMatchObject({
    channel: OPS,
    from: 'app',
    text: expect.stringMatching(/^\*renew-certificates\* of \*demo\*\n/),
  });
  expect(message.blocks.find(({ type }) => type === 'table')).toMatchObject({
    rows: [
      expect.anything(),
      ...Array(3).fill(expect.arrayContaining([{ type: 'raw_text', text: 'renew certificates' }])),
    ],
  });
  expect(chat.world.sent().filter((sent) => sent.startsWith('renew-certificates'))).toEqual([]);

  const clicked = await Promise.all([ada.click(message, 'start'), ada.click(message, 'start')]);
  expect(clicked.map(({ status }) => status)).toEqual([200, 200]);
  const end = await chat.message('the end', ({ thread }) => thread === message.ts);
  expect(end.text).toMatch(/^:white_check_mark: \*renew-certificates\* of \*demo\* is done, after .+\.\n/);
  expect(message.text).toMatch(/is done, after/);
  expect(message.text).toMatch(/✔ cp-1: refresh-kubeconfigs, /);
  expect(buttonsOf(message)).toEqual([]);
  expect(message.blocks.find(({ type }) => type === 'plan')).toMatchObject({
    title: 'renew-certificates of demo: 3 of 3 nodes done',
    tasks: ['cp-2', 'cp-3', 'cp-1'].map((title) => ({ title, status: 'complete' })).map(expect.objectContaining),
  });
  expect(message.edits).toBeGreaterThan(3);

  // Two clicks, one renewal; who asked is known to every other way in.
  expect(await chat.world.executions('renew-certificates')).toHaveLength(2);
  const api = await apiOf(chat.world);
  const { operations } = await api.call('listOperations', { query: { cluster: 'demo' } });
  expect(operations.map(({ status, planOnly, requester }) => ({ status, planOnly, requester }))).toEqual(
    [false, true].map((planOnly) => ({
      ...{ status: 'SUCCEEDED', planOnly },
      requester: { source: 'slack', who: 'slack:T0AUTOPILOT/U0ADA' },
    })),
  );
  expect(await say(`show ${operations[0]!.id}`)).toContain('succeeded');

  // What it cost, and the page in the bucket; nothing for the plan, whose message it is as well.
  const { id } = operations[0]!;
  const { text } = await chat.report(message);
  const { cost } = await api.call('reportOperation', { parameters: { id } });
  expect(text).toContain(
    `Cost: $${cost!.dollars.toFixed(4)} at AWS list prices (${cost!.stateTransitions} state transitions).`,
  );
  expect(text).toContain(`\`autopilot report ${id} --html FILE\``);
  const link = new URL(/<(.+)\|open it in the S3 console>/.exec(text)![1]!.replaceAll('&amp;', '&'));
  expect(link.host).toBe('eu-central-1.console.aws.amazon.com');
  expect(link.pathname).toBe(`/s3/object/${chat.world.aws.physicalId('Autopilot/OperationsBucket/Bucket')}`);
  expect(link.searchParams.get('prefix')).toBe(`reports/demo/${id}.html`);
  expect(chat.messages.filter((one) => one.text.includes('Report: '))).toHaveLength(1);
  expect(chat.world.problems).toEqual([]);
});

test('a plan that is discarded starts nothing, and cannot be started', async () => {
  await chat.cluster('put-off', [everything]);
  const ada = chat.person('U0ADA');
  await ada.type(OPS, 'renew put-off');
  const message = await chat.message('the plan', (one) => one.text.includes('put-off') && buttonsOf(one).length === 1);
  const kept = structuredClone(message);
  await ada.click(message, 'discard');
  await chat.message('the end of it', (one) => one === message && one.text.includes('was discarded by <@U0ADA>'));
  expect(buttonsOf(message)).toEqual([]);
  expect(await chat.whispered(() => ada.click(kept, 'start'))).toBe('This plan is discarded already.');
});

test('a plan that refuses has no buttons and says why; a freeze comes and goes', async () => {
  await chat.cluster('frosty', [everything]);
  const ada = chat.person('U0ADA');
  expect(await chat.whispered(() => ada.type(OPS, 'freeze frosty release week & <!channel>'))).toBe(
    ':snowflake: frozen (slack:T0AUTOPILOT/U0ADA): release week &amp; &lt;!channel&gt;',
  );
  await ada.type(OPS, 'renew frosty');
  const message = await chat.message('the plan', (one) => /frosty[^]*no_entry/.test(one.text));
  expect(message.text).toContain('release week &amp; &lt;!channel&gt;');
  expect(buttonsOf(message)).toEqual([]);
  expect(await chat.whispered(() => ada.type(OPS, 'unfreeze frosty'))).toBe('*frosty* is not frozen.');
});

test('--yes starts at once; stop ends it, and its message says so', async () => {
  const cluster = await chat.cluster('slow', [everything]);
  const ada = chat.person('U0ADA');
  let stopped = '';
  once(cluster, 'renew-certificates', async (answer) => {
    await chat.world.despite(1, async () => {
      const [id = ''] = chat.world.runningOf('renew-certificates').map((arn) => arn.split(':').at(-1)!);
      stopped = await chat.whispered(() => ada.type(OPS, `stop ${id} wrong cluster`));
    });
    return answer();
  });
  await ada.type(OPS, 'renew slow --yes');
  const end = await chat.message('the end', ({ thread, text }) => thread !== undefined && text.includes('slow'));
  expect(stopped).toMatch(/^`renew-certificates-slow-[0-9a-f]{20}` is stopped/);
  expect(end.text).toMatch(/was stopped after .*\n.*wrong cluster/);
});

test('Slack gets its answer before anything is done; Lambda may do it twice, and one operation comes of it', async () => {
  await chat.cluster('twice', [everything]);
  const since = chat.world.calls.length;
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  chat.world.onCall = async (call, next) => {
    if (call.caller.principal.includes('ChatCommandRole')) await held;
    return next();
  };
  const before = chat.messages.length;
  try {
    expect((await chat.person('U0ADA').type(OPS, 'renew twice --yes')).status).toBe(200);
    expect(chat.messages).toHaveLength(before);
  } finally {
    release();
    chat.world.onCall = undefined;
  }
  const invoked = chat.world.calls
    .slice(since)
    .find(({ action, input }) => action === 'Invoke' && input.InvocationType === 'Event');
  await chat.invokeAgain(invoked!);
  await chat.message('the end', ({ thread, text }) => thread !== undefined && text.includes('twice'));
  await chat.invokeAgain(invoked!);
  await chat.report(chat.messages[before]!);
  const about = chat.messages.slice(before).filter(({ text }) => text.includes('twice'));
  expect(about.map(({ thread }) => thread === undefined)).toEqual([true, false, false]);
  expect(about[0]!.text).toContain('is done, after');
  const started = await chat.world.executions('renew-certificates');
  expect(started.filter((arn) => arn.includes('renew-certificates-twice-'))).toHaveLength(1);
});

test('events that come twice, late and in any order: the message ends with the end; end and report are told once, in this order', async () => {
  await chat.cluster('doubled', [everything]);
  const late: BusEvent[] = [];
  chat.world.onEvent = (event) => {
    const isOurs = ['Node Progress', 'Report Written'].includes(event['detail-type']);
    if (isOurs) late.push(event);
    return isOurs || event.source === 'aws.states' ? [event, event] : [event];
  };
  try {
    await chat.person('U0ADA').type(OPS, 'renew doubled --yes');
    await chat.report(await chat.message('the message', ({ text }) => text.includes('*doubled*')));
    // Each delivery of the end writes the report.
    await chat.world.passUntil(() => late.filter((event) => event['detail-type'] === 'Report Written').length === 2);
  } finally {
    chat.world.onEvent = undefined;
  }
  for (const event of late.reverse()) await chat.deliverAgain(event);
  const about = chat.messages.filter(({ text }) => text.includes('doubled'));
  expect(about.map(({ text }) => /is done|Report: /.exec(text)?.[0])).toEqual(['is done', 'is done', 'Report: ']);
  expect(about[0]!.text).toMatch(/^:white_check_mark: .*\n.*\n✔ cp-1: refresh-kubeconfigs/);
});

test('a message that somebody deletes does not come back, and the operation goes on', async () => {
  const cluster = await chat.cluster('deleted', [everything]);
  once(cluster, 'renew-certificates', async (answer) => {
    const index = chat.messages.findIndex(({ text }) => text.includes('deleted'));
    chat.messages.splice(index, 1);
    return answer();
  });
  await chat.person('U0ADA').type(OPS, 'renew deleted --yes');
  await chat.message('the report', ({ thread, text }) => thread !== undefined && /Report: .*deleted/.test(text));
  const about = chat.messages.filter(({ text }) => text.includes('deleted'));
  expect(about.map(({ thread }) => thread !== undefined)).toEqual([true, true]);
});

test('where the app is no member of the channel, nothing is started and it asks to be invited', async () => {
  await chat.cluster('outside', [{ allow: ['plan', 'start'], users: ['U0ADA'] }]);
  const before = chat.world.calls.length;
  const said = await chat.whispered(() => chat.person('U0ADA').type('C0PRIVATE', 'renew outside --yes'));
  expect(said).toContain('/invite @autopilot');
  expect(chat.world.calls.slice(before).filter(({ action }) => action === 'StartExecution')).toEqual([]);
});

test('Slack says "too many", and that it does not know a kind of block: the message comes all the same', async () => {
  await chat.cluster('busy', [everything]);
  chat.slack.tooMany = { times: 1, seconds: 1 };
  chat.slack.refusedBlock = 'plan';
  try {
    await chat.person('U0ADA').type(OPS, 'renew busy --yes');
    await chat.message('the end', ({ thread, text }) => thread !== undefined && text.includes('busy'));
  } finally {
    chat.slack.refusedBlock = undefined;
  }
  expect(chat.slack.tooMany.times).toBe(0);
  const message = chat.messages.find(({ text, thread }) => text.includes('busy') && thread === undefined)!;
  expect(message.blocks).toEqual([
    { type: 'section', text: { type: 'mrkdwn', text: expect.stringContaining('✔ cp-1') } },
  ]);
});

test.each([
  ['statsu demo', 'There is no command or operation "statsu"'],
  ['status', 'status needs more: expected status CLUSTER.'],
  ['status demo now', '"now" is too much'],
  ['upgrade demo', 'version is missing: expected upgrade CLUSTER VERSION.'],
  ['remove demo', 'node is missing: expected remove CLUSTER NODE.'],
  ['replace demo cp-3', '--with is missing: expected replace CLUSTER NODE --with MACHINE.'],
  ['upgrade demo latest', 'must be a version such as'],
  [
    'renew demo --forse',
    'renew-certificates has no option "--forse"; expected --yes, --force, --kubelets, --wait-for-window.',
  ],
  ['check demo --threshold-days soon', 'thresholdDays is "soon"'],
  ['freeze demo', 'The reason is missing'],
])('%s: a sentence, and nothing has happened', async (text, sentence) => {
  const before = chat.world.calls.length;
  expect(await chat.whispered(() => chat.person('U0ADA').type(OPS, text))).toContain(sentence);
  expect(chat.world.calls.slice(before).map(({ action }) => action)).not.toContain('StartExecution');
});

describe('who may do what', () => {
  beforeAll(() =>
    chat.cluster('strict', [
      { allow: ['look'], channels: [OPS] },
      { allow: ['plan', 'start'], operations: ['check-certificates'], groups: ['S0UNKNOWN', 'S0ADMINS'] },
      { allow: ['look'], webhooks: ['ci'] },
    ]),
  );

  test.each<[string, string, string, string, boolean]>([
    ['somebody in the channel', 'U0BOB', OPS, 'status strict', true],
    ['the same elsewhere', 'U0BOB', ELSEWHERE, 'status strict', false],
    ['somebody without the right to start', 'U0BOB', OPS, 'check strict', false],
    ['a member of the group', 'U0GROUPIE', ELSEWHERE, 'plan check strict', true],
    ['a member of the group, another operation', 'U0GROUPIE', ELSEWHERE, 'plan renew strict', false],
    ['a member of the group, a right of nobody', 'U0GROUPIE', OPS, 'freeze strict because', false],
    ['anybody, a cluster that is not there', 'U0ADA', OPS, 'status nowhere', false],
    ['anybody, a name that is none', 'U0ADA', OPS, 'status ../strict', false],
  ])('%s', async (_who, user, channel, text, allowed) => {
    const logged = chat.world.logs.length;
    const before = chat.messages.length;
    await chat.person(user).type(channel, text);
    const answer = await chat.message('an answer', (one) => chat.messages.indexOf(one) >= before);
    expect(answer.text.startsWith('You may not do this here')).toBe(!allowed);
    const refusals = chat.world.logs.slice(logged).filter((line) => line.includes('"Not allowed"'));
    expect(refusals.some((line) => line.includes(user))).toBe(!allowed);
  });

  test('whoever sees a plan and may not start it clicks in vain', async () => {
    await chat.cluster('watched', [everything, { allow: ['look', 'plan'], channels: [OPS] }]);
    await chat.person('U0BOB').type(OPS, 'plan renew watched');
    const message = await chat.message(
      'the plan',
      (one) => one.text.includes('watched') && buttonsOf(one).length === 1,
    );
    const bob = chat.person('U0BOB');
    expect(await chat.whispered(() => bob.click(message, 'start'))).toContain(
      'You may not do this here (start renew-certificates)',
    );
    // A button that is not of this message, or of this channel.
    const value = 'renew-certificates-watched-00000000000000000000';
    const actions = [{ action_id: 'start', value }];
    const unknown = { fields: { actions } };
    expect(await chat.whispered(() => chat.person('U0ADA').click(message, 'start', unknown))).toContain(
      'not known here',
    );
    const moved = { ...message, channel: ELSEWHERE };
    expect(await chat.whispered(() => chat.person('U0ADA').click(moved, 'start'))).toContain('not known here');
    expect(buttonsOf(message)).toHaveLength(1);
  });

  test('the signed webhook: its caller is who its secret is, and it gets its answer at once', async () => {
    const looked = await chat.call('ci', 'status strict');
    expect(await looked.json()).toMatchObject({ ok: true, text: expect.stringContaining('*strict*') });
    const refused = await chat.call('ci', 'renew strict --yes');
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ ok: false, text: expect.stringContaining('You may not do this') });
    expect(await (await chat.call('other', 'status strict', { secret: 'secret-of-other' })).json()).toMatchObject({
      ok: false,
    });

    await chat.cluster('nightly', [{ allow: ['look', 'start'], webhooks: ['ci'] }]);
    const started = (await (await chat.call('ci', 'renew nightly --yes')).json()) as { operation: string };
    await chat.world.passUntil(() => chat.world.runningOf('renew-certificates').length === 0);
    const shown = await chat.call('ci', `show ${started.operation}`);
    expect(await shown.json()).toMatchObject({ ok: true, text: expect.stringContaining('succeeded') });
  });
});
