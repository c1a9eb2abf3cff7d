import { conversationPage } from '../../../local/slack/render-page';
import { messageText } from '../../../local/slack/render-text';
import { Workspace } from '../../../local/slack/workspace';
import fc from '../../helpers/property';

const workspace = () =>
  new Workspace(
    'T0',
    new Set(['C0OPS']),
    new Map(),
    new Map([
      ['U0ADA', 'ada'],
      ['C0OPS', 'ops'],
    ]),
  );
const PLAN = {
  type: 'plan' as const,
  title: 'renew of demo',
  tasks: [
    { type: 'task_card' as const, task_id: '1', title: 'cp-1', status: 'complete' as const },
    { type: 'task_card' as const, task_id: '2', title: 'cp-2', status: 'pending' as const },
  ],
};

test('a message for a terminal: mentions, emoji and escaped signs as a reader sees them', () => {
  const at = workspace();
  const text = ':x: *a &lt;b&gt;* `c` by <@U0ADA>, <https://example.com/?a=1&amp;b=2|here>';
  const section = { type: 'section' as const, text: { type: 'mrkdwn' as const, text } };
  expect(messageText(at.post({ channel: 'C0OPS', from: 'app', text, blocks: [section, PLAN] }), at)).toBe(
    [
      'autopilot (#ops)',
      '  ✖ a <b> c by @ada, here (https://example.com/?a=1&b=2)',
      '  renew of demo',
      '  ✔ cp-1  ',
      '  ○ cp-2  ',
    ].join('\n'),
  );
});

test('a page shows every message, in its thread, and whatever is in them is text', () => {
  const at = workspace();
  const { ts } = at.post({ channel: 'C0OPS', from: 'app', text: 'first', blocks: [] });
  at.post({ channel: 'C0OPS', from: 'app', text: 'second', blocks: [PLAN] });
  at.post({ channel: 'C0OPS', from: 'app', text: 'of the first', blocks: [], thread: ts });
  const page = conversationPage(at);
  expect(['first', 'of the first', 'renew of demo'].map((text) => page.indexOf(text))).toEqual(
    ['first', 'of the first', 'renew of demo'].map((text) => page.indexOf(text)).sort((a, b) => a - b),
  );
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constantFrom('<script>', '*<b>*', '`<i>`', '<@U0ADA>', '"><x')), (text) => {
      const one = workspace();
      const cell = { type: 'raw_text' as const, text };
      one.post({ channel: 'C0OPS', from: text, text, blocks: [{ type: 'table', rows: [[cell]] }] });
      one.post({ channel: 'C0OPS', from: 'app', text, blocks: [] });
      const inside = /<main>(.*)<\/main>/s.exec(conversationPage(one))![1]!;
      const tags = inside.match(/<[^>]*>/g)!.map((tag) => /^<\/?(\w+)/.exec(tag)?.[1]);
      expect(
        tags.filter((tag) => !['article', 'header', 'b', 'p', 'table', 'tr', 'td', 'code'].includes(tag!)),
      ).toEqual([]);
    }),
  );
});
