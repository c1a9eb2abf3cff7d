import {
  readDelivery,
  Refusal,
  senderOf,
  type ChatEvent,
  type Sender,
} from '../../../../lambdas/functions/chat-webhook/delivery';
import { readRequest } from '../../../../lambdas/functions/chat-webhook/read-request';
import { findFault, sign } from '../../../../lambdas/functions/chat-webhook/verify-signature';
import { chatRequest } from '../../../../lambdas/contracts/chat/request';
import { slackAddresses } from '../../../../lambdas/aws/slack-addresses';
import fc from '../../../helpers/property';

const NOW = new Date('2026-11-29T12:00:00Z');
const TIMESTAMP = String(NOW.getTime() / 1000);
const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const EXPECTED = { workspace: 'T0OURS', responseOrigin: 'https://hooks.slack.com' };
const SENDERS: Sender[] = [{ kind: 'slack-command' }, { kind: 'slack-interaction' }, { kind: 'webhook', name: 'ci' }];

describe('the signature', () => {
  test("is Slack's: the example of its documentation", () => {
    const body = Buffer.from(
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
    );
    expect(sign(SECRET, '1531420618', body)).toBe(
      'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    );
  });

  test.each([
    [-301, 'past'],
    [-300, undefined],
    [0, undefined],
    [300, undefined],
    [301, 'future'],
  ])('%i seconds from now', (at, fault) => {
    const timestamp = String(Number(TIMESTAMP) + at);
    const found = findFault(
      { timestamp, signature: sign(SECRET, timestamp, Buffer.from('x')), body: Buffer.from('x') },
      SECRET,
      NOW,
    );
    expect(found?.includes(fault ?? '?') ?? undefined).toBe(fault === undefined ? undefined : true);
  });

  test('holds for every body, and for none that differs in one byte', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (bytes, place, bits) => {
          const body = Buffer.from(bytes);
          const signature = sign(SECRET, TIMESTAMP, body);
          expect(findFault({ timestamp: TIMESTAMP, signature, body }, SECRET, NOW)).toBeUndefined();
          const changed = Buffer.from(bytes);
          changed[place % changed.length]! ^= bits;
          expect(findFault({ timestamp: TIMESTAMP, signature, body: changed }, SECRET, NOW)).toContain(
            'does not match',
          );
        },
      ),
    );
  });

  test('anything else in its place is refused, and never an exception', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^v0=[0-9a-f]{60,70}$/), fc.constant(undefined));
    fc.assert(
      fc.property(text, fc.oneof(text, fc.stringMatching(/^\d{9,11}$/)), fc.string(), (signature, timestamp, body) => {
        expect(findFault({ timestamp, signature, body: Buffer.from(body) }, SECRET, NOW)).toEqual(expect.any(String));
      }),
    );
  });
});

/** Runs it, and takes a Refusal for an answer; any other error is a defect. */
function refusalOr<T>(run: () => T): T | Refusal {
  try {
    return run();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

test('no event makes reading a delivery fail otherwise than by a refusal', () => {
  const event = fc.record({
    routeKey: fc.oneof(
      fc.string(),
      fc.constantFrom('POST /slack/commands', 'POST /slack/interactions', 'POST /webhooks/{caller}'),
    ),
    headers: fc.dictionary(fc.constantFrom('content-type', 'x-slack-signature', 'x'), fc.string()),
    pathParameters: fc.dictionary(fc.constantFrom('caller', 'x'), fc.string()),
    body: fc.oneof(fc.string(), fc.base64String()),
    isBase64Encoded: fc.boolean(),
    requestContext: fc.constant({ http: { sourceIp: '192.0.2.1' } }),
  });
  fc.assert(
    fc.property(event, (one) => {
      const found = refusalOr(() => readDelivery(senderOf(one as ChatEvent), one as ChatEvent));
      expect(found instanceof Refusal || Buffer.isBuffer(found.body)).toBe(true);
    }),
  );
});

test('no body that is signed makes it fail otherwise, and what is heard is what the worker takes', () => {
  const field = fc.oneof(fc.string(), fc.constantFrom('T0OURS', 'U0ADA', 'C0OPS', 'https://hooks.slack.com/x', '1.2'));
  const form = fc
    .dictionary(fc.constantFrom('team_id', 'user_id', 'channel_id', 'text', 'response_url', 'ssl_check'), field)
    .map((fields) => new URLSearchParams(fields).toString());
  const interaction = fc
    .record(
      {
        type: fc.constantFrom('block_actions', 'x'),
        team: fc.oneof(fc.constant({ id: 'T0OURS' }), fc.jsonValue()),
        user: fc.oneof(fc.constant({ id: 'U0ADA', team_id: 'T0OURS' }), fc.jsonValue()),
        channel: fc.oneof(fc.constant({ id: 'C0OPS' }), fc.jsonValue()),
        message: fc.oneof(fc.constant({ ts: '1.2' }), fc.jsonValue()),
        actions: fc.oneof(fc.constant([{ action_id: 'start', value: 'upgrade-x' }]), fc.jsonValue()),
        response_url: field,
      },
      { requiredKeys: [] },
    )
    .map((payload) => new URLSearchParams({ payload: JSON.stringify(payload) }).toString());
  const json = fc.oneof(
    fc.json(),
    fc.string().map((command) => JSON.stringify({ command })),
  );
  fc.assert(
    fc.property(fc.constantFrom(...SENDERS), fc.oneof(fc.string(), form, interaction, json), (sender, text) => {
      const heard = refusalOr(() => readRequest(sender, Buffer.from(text), EXPECTED));
      if (heard instanceof Refusal || heard === 'ping') return;
      expect(chatRequest.safeParse({ delivery: 'd', ...heard }).success).toBe(true);
      if (heard.caller.kind === 'slack') expect(heard.caller.workspace).toBe('T0OURS');
      if (heard.responseUrl) expect(new URL(heard.responseUrl).host).toBe('hooks.slack.com');
    }),
    { numRuns: 1000 },
  );
});

test.each([
  'https://hooks.slack.com.evil.example/x',
  'https://hooks.slack.com@evil.example/x',
  'https://user:pass@hooks.slack.com/x',
  'http://hooks.slack.com/x',
  'https://hooks.slack.com:8443/x',
  '//hooks.slack.com/x',
  'file:///etc/passwd',
  'https://HOOKS.slack.com.',
])('response_url %s is refused', (url) => {
  const form = new URLSearchParams({ team_id: 'T0OURS', user_id: 'U0ADA', channel_id: 'C0OPS', response_url: url });
  const found = refusalOr(() => readRequest({ kind: 'slack-command' }, Buffer.from(form.toString()), EXPECTED));
  expect(found).toMatchObject({ status: 400, error: 'Malformed' });
});

test('without a workspace in the settings nobody is heard', () => {
  const form = new URLSearchParams({ team_id: 'T0OURS', user_id: 'U0ADA', channel_id: 'C0OPS' });
  const read = () =>
    readRequest({ kind: 'slack-command' }, Buffer.from(form.toString()), { ...EXPECTED, workspace: undefined });
  expect(refusalOr(read)).toMatchObject({ status: 403 });
});

test.each(['https://evil.example', 'http://127.0.0.1.evil.example:80', 'http://10.0.0.1:80', 'http://127.0.0.1:80/x'])(
  'the bot token does not go to %s',
  (address) => expect(() => slackAddresses(address)).toThrow('loopback'),
);
