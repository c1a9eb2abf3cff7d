import { ChatWorld, OPS, SECRETS } from './chat-world';
import { recorded } from './recorded';

let chat: ChatWorld;
beforeAll(async () => {
  chat = await ChatWorld.start();
  await chat.cluster('demo', [{ allow: ['look', 'plan', 'start'], channels: [OPS] }]);
});
afterAll(() => chat.stop());

const FORM = 'application/x-www-form-urlencoded';
const type = (deviation: Parameters<ReturnType<ChatWorld['person']>['type']>[2], team?: string) =>
  chat.person('U0ADA', team).type(OPS, 'renew demo --yes', deviation);
const click = (fields: Record<string, unknown>, team?: string) => {
  const message = { channel: OPS, ts: '1900000001.000100', from: 'app', text: 'x', blocks: [], edits: 0 };
  const actions = [{ action_id: 'start', value: 'renew-certificates-demo-00000000000000000000' }];
  return chat.person('U0ADA', team).click(message, 'start', { fields: { actions, ...fields } });
};

/** What is sent, the status and the name of the refusal, what the log says. */
const CASES: [string, () => Promise<Response>, number, string, string][] = [
  ['forged: another secret', () => type({ secret: 'guessed' }), 401, 'NotAuthentic', 'does not match'],
  ['changed on its way', () => type({ body: 'text=renew+demo+--yes' }), 401, 'NotAuthentic', 'does not match'],
  ['six minutes old', () => type({ at: -360 }), 401, 'NotAuthentic', 'seconds in the past'],
  ['six minutes ahead', () => type({ at: 360 }), 401, 'NotAuthentic', 'seconds in the future'],
  ['without a signature', () => type({ headers: { 'x-slack-signature': '' } }), 401, 'NotAuthentic', 'no signature'],
  [
    'of another version',
    () => type({ headers: { 'x-slack-signature': `v1=${'0'.repeat(64)}` } }),
    401,
    'NotAuthentic',
    'no signature of version 0',
  ],
  [
    'without a time',
    () => type({ headers: { 'x-slack-request-timestamp': '' } }),
    401,
    'NotAuthentic',
    'no time stamp',
  ],
  [
    'a time that is no number',
    () => type({ headers: { 'x-slack-request-timestamp': '1e9' } }),
    401,
    'NotAuthentic',
    'no time stamp',
  ],
  [
    'another content type',
    () => type({ headers: { 'content-type': 'application/json' } }),
    415,
    'UnsupportedType',
    FORM,
  ],
  ['oversized', () => type({ fields: { text: 'x'.repeat(20_000) } }), 413, 'TooLarge', 'at most 16384 bytes'],
  ['a command that is too long', () => type({ fields: { text: 'x'.repeat(501) } }), 400, 'Malformed', 'text'],
  ['no user', () => type({ fields: { user_id: '' } }), 400, 'Malformed', 'user'],
  ['a user that is no id', () => type({ fields: { user_id: '<!channel>' } }), 400, 'Malformed', 'user'],
  [
    'an answer to another host',
    () => type({ fields: { response_url: 'https://hooks.slack.com.example.org/x' } }),
    400,
    'Malformed',
    'response_url',
  ],
  [
    'an answer to the metadata service',
    () => type({ fields: { response_url: 'http://169.254.169.254/' } }),
    400,
    'Malformed',
    'response_url',
  ],
  ['another workspace', () => type({}, 'T0OTHER'), 403, 'AnotherWorkspace', 'T0OTHER'],
  ['a click of somebody of another workspace', () => click({}, 'T0OTHER'), 403, 'AnotherWorkspace', 'T0OTHER'],
  ['a click in another workspace', () => click({ team: { id: 'T0OTHER' } }), 403, 'AnotherWorkspace', 'T0OTHER'],
  ['a click without a user', () => click({ user: {} }), 400, 'Malformed', 'user'],
  [
    'a button that there is not',
    () => click({ actions: [{ action_id: 'approve-all', value: 'x' }] }),
    400,
    'Malformed',
    'actions',
  ],
  [
    'two buttons at once',
    () => click({ actions: Array(2).fill({ action_id: 'start', value: 'x' }) }),
    400,
    'Malformed',
    'actions',
  ],
  ['another kind of interaction', () => click({ type: 'view_submission' }), 400, 'Malformed', 'type'],
  [
    'webhook: forged',
    () => chat.call('ci', 'renew demo --yes', { secret: 'guessed' }),
    401,
    'NotAuthentic',
    'does not match',
  ],
  [
    "webhook: with another caller's secret",
    () => chat.call('other', 'renew demo --yes', { secret: SECRETS.ci }),
    401,
    'NotAuthentic',
    'does not match',
  ],
  ['webhook: an unknown caller', () => chat.call('nobody', 'renew demo --yes'), 401, 'NotAuthentic', 'not configured'],
  ['webhook: old', () => chat.call('ci', 'status demo', { at: -301 }), 401, 'NotAuthentic', 'in the past'],
  [
    'webhook: no JSON',
    () => chat.call('ci', 'status demo', { headers: { 'content-type': FORM } }),
    415,
    'UnsupportedType',
    'application/json',
  ],
  ['webhook: no command', () => chat.call('ci', 7), 400, 'Malformed', 'command'],
  ['webhook: a name that is none', () => chat.call('CI%2F..', 'status demo'), 404, 'NotFound', 'no such route'],
];

test.each(CASES)(
  '%s: refused in a sentence, kept in the log, nothing done',
  async (_what, send, status, error, reason) => {
    const [calls, logs] = [chat.world.calls.length, chat.world.logs.length];
    const answer = await send();
    expect({ status: answer.status, ...((await answer.json()) as object) }).toEqual({
      status,
      error,
      message: expect.any(String),
    });
    const log = chat.world.logs.slice(logs).filter((line) => line.includes('Delivery refused'));
    expect(log).toHaveLength(1);
    expect(log[0]).toContain(reason);
    // The webhook itself is invoked, and invokes nothing.
    expect(chat.world.calls.slice(calls).filter(({ action }) => action === 'Invoke')).toHaveLength(1);
  },
);

test.each([
  ['Slack', () => chat.person('U0ADA').type(OPS, 'help')],
  ['webhook', () => chat.call('ci', 'help')],
])('%s: the same delivery again is refused, also when both come at once', async (_way, send) => {
  const again = await recorded(send);
  const answers = await Promise.all([again(), again(), again()]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
});

test("Slack's question whether somebody is there is answered, once it is signed", async () => {
  const answer = await type({ fields: { ssl_check: '1' } });
  expect([answer.status, await answer.text()]).toEqual([200, '{}']);
});

test('no log, table or parameter in the clear holds a signature or a secret', async () => {
  const sent = chat.world.logs.join('\n');
  expect(sent).not.toMatch(/v0=[0-9a-f]/);
  for (const secret of Object.values(SECRETS)) expect(sent.includes(secret)).toBe(false);
  const environments = JSON.stringify(
    chat.world.calls.filter(({ action }) => action !== 'PutParameter').map(({ action, input }) => [action, input]),
  );
  for (const secret of Object.values(SECRETS)) expect(environments.includes(secret)).toBe(false);
});
