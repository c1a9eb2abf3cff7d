import { planRenewalInput, type RenewalPlan } from '../../../../lambdas/contracts/renewal';
import { planRenewal } from '../../../../lambdas/functions/plan-renewal/plan-renewal';
import { config, controlPlane, facts, inDays, inventory, NOW, options, result } from '../../helpers/samples';

/** Opens that many hours from now, once a week or for longer, for three hours. */
function windowIn(hours: number) {
  const opens = new Date(NOW.getTime() + hours * 3_600_000);
  return {
    cron: `${opens.getUTCMinutes()} ${opens.getUTCHours()} * * ${opens.getUTCDay()}`,
    hours: 3,
  };
}

function plan({
  days,
  opensIn,
  wait = false,
  lifetime,
  more = {},
}: {
  days: number;
  opensIn: number;
  wait?: boolean;
  /** Of each certificate, in days. */
  lifetime?: number;
  more?: object;
}): RenewalPlan {
  const known = inventory('cp-1', { days });
  const notBefore = lifetime === undefined ? undefined : inDays(days - lifetime);
  const certificates = known.certificates.map((row) => ({ ...row, ...(notBefore !== undefined && { notBefore }) }));
  const facts_ = facts(1, [true], { inventory: { ...known, certificates }, ...more });
  return planRenewal(
    planRenewalInput.parse({
      ...{ cluster: 'demo', nodes: [controlPlane(1)], facts: [result(1, facts_)] },
      config: { ...config(), maintenance: { windows: [windowIn(opensIn)] } },
      options: options('renew-certificates', { waitForWindow: wait }),
    }),
    NOW,
  );
}
const gateOf = ({ gates }: RenewalPlan) => gates.find(({ name }) => name === 'maintenance-window');

test.each<[string, Parameters<typeof plan>[0], RenewalPlan['decision'], RegExp, boolean]>([
  ['in a window', { days: 12, opensIn: -1 }, 'act', /is open until/, false],
  ['in a window that closes too soon', { days: 12, opensIn: -2.97 }, 'refuse', /and a node takes \d+ minutes/, false],
  ['outside', { days: 12, opensIn: 10 }, 'refuse', /outside the cluster's maintenance windows/, false],
  ['outside, and it waits', { days: 12, opensIn: 10, wait: true }, 'act', /it waits until/, true],
  ['outside, for days, and it would wait', { days: 12, opensIn: 100, wait: true }, 'nothing', /it waits until/, false],
  ['a certificate runs out before the window', { days: 3, opensIn: 100 }, 'act', /it begins now/, false],
  [
    'it runs out so soon afterwards that a failure could not be corrected',
    { days: 7, opensIn: 100, wait: true },
    'act',
    /it begins now/,
    false,
  ],
  ['it has time enough', { days: 8, opensIn: 100, wait: true }, 'nothing', /it waits until/, false],
  [
    'one of a year has too little time left after the window',
    { days: 1.5, lifetime: 365, opensIn: 10, wait: true },
    'act',
    /it begins now/,
    false,
  ],
  [
    'to one that is valid for 5 days, a day after the window is time enough',
    { days: 1.5, lifetime: 5, opensIn: 10, wait: true },
    'act',
    /it waits until/,
    true,
  ],
  [
    'to that one, an hour after the window is not',
    { days: 1.5, lifetime: 5, opensIn: 35, wait: true },
    'act',
    /it begins now/,
    false,
  ],
  [
    'an earlier renewal was cut off',
    { days: 200, opensIn: 100, more: { unfinished: true } },
    'act',
    /it begins now/,
    false,
  ],
])('%s', (_, input, decision, reason, waits) => {
  const made = plan(input);
  expect({ decision: made.decision, reason: gateOf(made)?.reason }).toEqual({
    decision,
    reason: expect.stringMatching(reason),
  });
  expect(made.window?.opensAt !== undefined && made.decision === 'act').toBe(waits);
});

test('in a window no node begins that would not be done when it closes', () => {
  const { window, steps } = plan({ days: 12, opensIn: -1 });
  const closes = NOW.getTime() + 2 * 3_600_000;
  expect(Date.parse(window!.stopAt!)).toBe(closes - steps[0]!.predictedSeconds * 1000);
});

test('what is postponed says until when', () => {
  expect(plan({ days: 12, opensIn: 100, wait: true })).toMatchObject({
    steps: [],
    summary: expect.stringMatching(
      /^The certificates of demo last beyond its next maintenance window, which opens at /,
    ),
  });
});

test('a dead cluster is repaired at any time', () => {
  expect(plan({ days: -1, opensIn: 10 })).toMatchObject({ kind: 'repair', decision: 'act' });
});

test('the plan is the same one before it waits and in its window, as an approval needs it', () => {
  expect(plan({ days: 12, opensIn: 10, wait: true }).digest).toBe(plan({ days: 12, opensIn: -1, wait: true }).digest);
});
