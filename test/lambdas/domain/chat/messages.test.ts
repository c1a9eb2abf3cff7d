import type { ApprovalStatus } from '../../../../lambdas/contracts/api/operations';
import type { ChatMessage } from '../../../../lambdas/contracts/chat/message';
import { groupsToAsk, isAllowed } from '../../../../lambdas/domain/chat/rights';
import { approvalMessage } from '../../../../lambdas/domain/chat/approval-message';
import { entities, escape, took } from '../../../../lambdas/domain/chat/mrkdwn';
import { planMessage, say } from '../../../../lambdas/domain/chat/plan-message';
import { progressMessage } from '../../../../lambdas/domain/chat/progress-message';
import { reportMessage } from '../../../../lambdas/domain/chat/report-message';
import { isStale } from '../../../../lambdas/functions/chat-command/buttons';
import { Mistake, parseCommand } from '../../../../lambdas/functions/chat-command/parse-command';
import { INTERVAL_MS, whenToEdit } from '../../../../lambdas/functions/chat-progress/when-to-edit';
import { blocks } from '../../../../local/slack/blocks';
import fc from '../../../helpers/property';

const ABOUT = { id: 'upgrade-demo-0', operation: 'upgrade', cluster: 'demo', user: 'U0ADA' } as const;
/** Nothing in a text mentions people, links, or calls a channel, but for the mention of who asked. */
const isHarmless = (text: string) => !/[<>]/.test(text.replaceAll('<@U0ADA>', ''));
const texts = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value
      ? Object.entries(value).flatMap(([key, inner]) => (key === 'type' ? [] : texts(inner)))
      : [];
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.constantFrom('<!channel>', '<@U0BOB>', '&lt;!here>', '`'),
);

test('whatever nodes and people write is shown as it is: Slack takes the blocks, and nobody is mentioned', () => {
  const step = fc.record({
    instanceId: hostile,
    name: hostile,
    action: hostile,
    why: hostile,
    predictedSeconds: fc.nat(),
  });
  const gate = fc.record({ name: hostile, passed: fc.constant(false), reason: hostile, whatToDo: hostile });
  const output = fc.record({
    ...{
      operation: fc.constant('upgrade'),
      cluster: fc.constant('demo'),
      kind: fc.string(),
      summary: hostile,
      digest: hostile,
    },
    ...{ decision: fc.constantFrom('act', 'nothing', 'refuse'), predictedSeconds: fc.nat() },
    ...{ steps: fc.array(step, { maxLength: 60 }), gates: fc.array(gate, { maxLength: 30 }) },
  });
  const node = fc.record({
    step: hostile,
    state: fc.constantFrom('started' as const, 'succeeded' as const, 'failed' as const),
    at: fc.constant('2026-01-01'),
    message: hostile,
  });
  const nodes = fc.dictionary(hostile, node, { maxKeys: 80 });
  fc.assert(
    fc.property(output, nodes, hostile, (plan, state, cause) => {
      const message: ChatMessage = {
        ...ABOUT,
        kind: 'run',
        state: 'running',
        channel: 'C0OPS',
        ts: '1.1',
        planned: ['cp-1'],
        nodes: state,
        nextAt: 0,
      };
      const failed = {
        status: 'FAILED',
        startedAt: '2026-01-01T00:00:00Z',
        endedAt: '2026-01-01T01:05:00Z',
        cause,
      } as const;
      const waiting: ApprovalStatus = {
        ...{ id: ABOUT.id, state: 'waiting', because: cause, digest: cause, summary: cause, needed: 2 },
        ...{ approvedBy: [cause], mayApprove: [cause], deadline: '2026-01-02T00:00:00Z' },
      };
      for (const shown of [
        approvalMessage(message, waiting),
        planMessage(ABOUT, plan, true),
        say(ABOUT, entities(cause)),
        progressMessage(message, undefined, '1'),
        progressMessage(message, { ...failed, error: cause, output: undefined }, '2'),
      ]) {
        expect(blocks.safeParse(shown.blocks).error?.issues).toBeUndefined();
        expect(isHarmless(shown.text)).toBe(true);
        const formatted = shown.blocks.filter(({ type }) => ['section', 'context'].includes(type)).flatMap(texts);
        expect(formatted.every(isHarmless)).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

test('no text that is typed makes the parser fail otherwise than by a sentence', () => {
  const words = fc.constantFrom(
    'plan',
    'renew',
    'upgrade',
    'check',
    'join',
    'approve',
    'reject',
    'preflight',
    'stop',
    'demo',
    '--yes',
    '--force',
    '--threshold-days',
    '-1',
    '__proto__',
    'constructor',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words).map((all) => all.join(' ')),
      ),
      (text) => {
        try {
          parseCommand(text);
        } catch (error) {
          if (!(error instanceof Mistake)) throw error;
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test('commands of operations come from their contracts', () => {
  expect(parseCommand('Upgrade demo 1.37.2 --skip-nodes a,b')).toEqual({
    ...{ name: 'start', operation: 'upgrade', cluster: 'demo', yes: false },
    options: { version: '1.37.2', skipNodes: ['a', 'b'] },
  });
  expect(parseCommand('plan check demo --no-renew --threshold-days 10 --yes')).toEqual({
    ...{ name: 'plan', operation: 'check-certificates', cluster: 'demo', yes: true },
    options: { renew: false, thresholdDays: 10 },
  });
  expect(parseCommand('join demo i-1 w-2,w-3 --yes')).toEqual({
    ...{ name: 'start', operation: 'join-node', cluster: 'demo', yes: true },
    options: { nodes: ['i-1', 'w-2', 'w-3'] },
  });
  expect(parseCommand('create demo')).toMatchObject({ name: 'start', operation: 'create-cluster' });
  expect(parseCommand('preflight demo')).toMatchObject({ name: 'plan', operation: 'create-cluster', cluster: 'demo' });
});

describe('rights', () => {
  const ada = { kind: 'slack', workspace: 'T0', user: 'U0ADA', channel: 'C0OPS' } as const;
  const ci = { kind: 'webhook', name: 'ci' } as const;
  const start = { right: 'start', operation: 'upgrade' } as const;
  test.each<[string, Parameters<typeof isAllowed>[0], typeof ada | typeof ci, string[], boolean]>([
    ['no rule', [], ada, [], false],
    ['another right', [{ allow: ['look'], users: ['U0ADA'] }], ada, [], false],
    ['the user', [{ allow: ['start'], users: ['U0ADA'] }], ada, [], true],
    ['another user', [{ allow: ['start'], users: ['U0BOB'] }], ada, [], false],
    ['another user, in this channel', [{ allow: ['start'], users: ['U0BOB'], channels: ['C0OPS'] }], ada, [], false],
    ['the channel', [{ allow: ['start'], channels: ['C0OPS'] }], ada, [], true],
    ['the user in another channel', [{ allow: ['start'], users: ['U0ADA'], channels: ['C0X'] }], ada, [], false],
    ['a group', [{ allow: ['start'], groups: ['S0A'] }], ada, ['S0A'], true],
    ['another group', [{ allow: ['start'], groups: ['S0A'] }], ada, [], false],
    ['a group in another channel', [{ allow: ['start'], groups: ['S0A'], channels: ['C0X'] }], ada, ['S0A'], false],
    ['another operation', [{ allow: ['start'], operations: ['back-up-etcd'], users: ['U0ADA'] }], ada, [], false],
    ['a rule for a webhook', [{ allow: ['start'], webhooks: ['ci'] }], ada, [], false],
    ['the webhook', [{ allow: ['start'], webhooks: ['ci'] }], ci, [], true],
    ['a rule for people', [{ allow: ['start'], channels: ['C0OPS'] }], ci, [], false],
    [
      'two rules do not add up',
      [
        { allow: ['look'], users: ['U0ADA'] },
        { allow: ['start'], users: ['U0BOB'] },
      ],
      ada,
      [],
      false,
    ],
  ])('%s', (_what, rules, caller, groups, allowed) => {
    expect(isAllowed(rules, start, caller, new Set(groups))).toBe(allowed);
  });

  test('groups are asked for only where they would make a difference', () => {
    const group = { allow: ['start' as const], groups: ['S0A', 'S0B'] };
    expect(groupsToAsk([group], start, ada)).toEqual(['S0A', 'S0B']);
    expect(groupsToAsk([group, { allow: ['start'], users: ['U0ADA'] }], start, ada)).toEqual([]);
    expect(groupsToAsk([{ ...group, channels: ['C0X'] }], start, ada)).toEqual([]);
    expect(groupsToAsk([group], start, ci)).toEqual([]);
  });
});

test.each([
  ['free', 0, { wait: 0, nextAt: 10_000 + INTERVAL_MS }],
  ['a moment ago', 10_000 + 1_000, { wait: 1_000, nextAt: 11_000 + INTERVAL_MS }],
  ['somebody waits', 10_000 + INTERVAL_MS + 1, undefined],
])('the next edit: %s', (_what, nextAt, expected) => {
  expect(whenToEdit(nextAt, 10_000)).toEqual(expected);
});

test.each([
  [undefined, true],
  ['2026-11-29T11:00:00Z', false],
  ['2026-11-29T10:59:59Z', true],
])('a plan of %s at noon is stale: %s', (endedAt, stale) => {
  expect(isStale(endedAt, new Date('2026-11-29T12:00:00Z'))).toBe(stale);
});

const REPORT = {
  ...{
    operation: 'upgrade',
    cluster: 'demo',
    id: 'upgrade-demo-0',
    bucket: 'operations',
    key: 'reports/demo/upgrade-demo-0',
  },
  execution: 'arn:aws:states:eu-west-3:111122223333:execution:kubeadm-autopilot-upgrade:upgrade-demo-0',
  cost: { dollars: 0.01234, stateTransitions: 493, complete: true },
};
test('cost and report: with a link into the console of the region where the operation ran', () => {
  const link =
    'https://eu-west-3.console.aws.amazon.com/s3/object/operations?region=eu-west-3&amp;prefix=reports%2Fdemo%2Fupgrade-demo-0.html';
  expect(reportMessage(REPORT)).toBe(
    `Cost: $0.0123 at AWS list prices (493 state transitions).
Report: <${link}|open it in the S3 console>, or \`autopilot report upgrade-demo-0 --html FILE\`.`,
  );
  const more = { ...REPORT, cost: { ...REPORT.cost, complete: false } };
  expect(reportMessage(more)).toMatch(/^Cost: at least \$0\.0123 /);
});

test.each(['a|b', 'a>b', '<!channel>', 'a&b', '?', '`'])(
  'an id with %s does not break out of the link or the code',
  (id) => {
    const text = reportMessage({ ...REPORT, id, key: `reports/demo/${id}` });
    const [link] = /<[^<>]*>/.exec(text)!;
    expect(link).toMatch(/^<https:[^|]+\|open it in the S3 console>$/);
    expect(isHarmless(text.replace(link, ''))).toBe(true);
    expect(text.match(/`/g)).toHaveLength(2);
    const address = new URL(link.slice(1, link.indexOf('|')).replaceAll('&amp;', '&'));
    expect(address.searchParams.get('prefix')).toBe(`reports/demo/${id}.html`);
  },
);

test('durations and escaped texts', () => {
  expect([0, 59, 60, 125, 3_900].map(took)).toEqual(['0 s', '59 s', '1 min', '2 min 05 s', '1 h 05 min']);
  expect(escape('a <b>&\u202e c')).toBe('a &lt;b&gt;&amp; c');
});
