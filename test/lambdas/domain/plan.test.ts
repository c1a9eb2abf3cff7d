import type { Gate, Plan, PlanStep } from '../../../lambdas/contracts/plan';
import { plan } from '../../../lambdas/contracts/plan';
import { decide, passed, refused } from '../../../lambdas/domain/plan';

const step = (name: string, change: Partial<PlanStep> = {}): PlanStep => ({
  ...{ instanceId: `i-${name}`, name, action: 'renew', why: 'it ends', predictedSeconds: 15 },
  ...change,
});
const open = passed('not frozen', 'demo is not frozen.');
const shut = refused('disk', 'cp-1 has no space.', 'Free some first.');
const wanted = (change: Partial<Plan> = {}) => ({
  ...{ operation: 'renew-certificates' as const, cluster: 'demo', kind: 'renewal', summary: 'Renews cp-1.' },
  ...{ steps: [step('cp-1')], gates: [open] as Gate[], predictedSeconds: 17 },
  ...change,
});
const decided = (change: Partial<Plan> = {}, nothingToDo = false, details = {}) =>
  decide<Plan>(wanted(change), { whatIsNotDone: 'demo is not renewed', nothingToDo, details });

test('open gates: it acts', () => {
  const made = decided();
  expect(made).toMatchObject({ ...wanted(), decision: 'act' });
  expect(plan.parse(made)).toEqual(made);
});

test('a gate says no: no step, and the summary has every reason with what to do', () => {
  const frozen = refused('not frozen', 'demo is frozen.', 'Take that back first.');
  const made = decided({ gates: [shut, open, frozen] });
  expect(made).toMatchObject({
    ...{ decision: 'refuse', steps: [], predictedSeconds: 0 },
    summary: 'demo is not renewed: cp-1 has no space. Free some first. demo is frozen. Take that back first.',
  });
  expect(plan.parse(made)).toEqual(made);
});

test('several gates that say the same: once', () => {
  const { summary } = decided({ gates: [shut, { ...shut, name: 'etcd-disk' }] });
  expect(summary).toBe('demo is not renewed: cp-1 has no space. Free some first.');
});

test('nothing to do, unless a gate says no', () => {
  expect(decided({}, true)).toMatchObject({ decision: 'nothing', steps: [], predictedSeconds: 0 });
  expect(decided({ gates: [shut] }, true)).toMatchObject({ decision: 'refuse' });
});

test.each<[string, Partial<Plan>]>([
  ['another operation', { operation: 'check-certificates' }],
  ['another cluster', { cluster: 'prod' }],
  ['another kind', { kind: 'repair' }],
  ['another node', { steps: [step('cp-2')] }],
  ['one node more', { steps: [step('cp-1'), step('cp-2')] }],
  ['another action', { steps: [step('cp-1', { action: 'drain' })] }],
  ['another gate', { gates: [open, passed('disk', 'There is space.')] }],
  ['a gate that says no', { gates: [refused('not frozen', '', '')] }],
])('%s: another digest', (_name, change) => expect(decided(change).digest).not.toBe(decided().digest));

test.each<[string, Partial<Plan>]>([
  ['why', { steps: [step('cp-1', { why: 'it was asked for' })] }],
  ['how long', { predictedSeconds: 99, steps: [step('cp-1', { predictedSeconds: 99 })] }],
  ['the reason of a gate', { gates: [passed('not frozen', 'It is free.')] }],
  ['the summary', { summary: 'Something else.' }],
])('%s makes no difference to the digest', (_name, change) => expect(decided(change).digest).toBe(decided().digest));

test('other details, another digest', () => {
  const digestOf = (details: object) => decided({}, false, details).digest;
  expect(digestOf({ version: '1.37.2' })).not.toBe(digestOf({ version: '1.36.4' }));
  expect(digestOf({ version: '1.37.2' })).toBe(digestOf({ version: '1.37.2' }));
});
