import type { KubeletsOfGroup } from '../../../../lambdas/contracts/repair';
import { describeRepair, findUnrepaired } from '../../../../lambdas/functions/verify-renewal/judge-repair';

const group = (asked: number, change: Partial<KubeletsOfGroup> = {}): KubeletsOfGroup => ({
  ...{ asked, changed: asked, failed: 0, failures: [] },
  ...change,
});
const failing = (...names: string[]) =>
  group(50, { failed: names.length, failures: names.map((name) => ({ name, message: `${name} was refused.` })) });
const repair = (change: Partial<Parameters<typeof findUnrepaired>[0]> = {}) => ({
  controlPlanes: group(3),
  workers: [group(2)],
  unreachableWorkers: [],
  ready: { node: 'cp-1', nodes: 5, notReady: [] },
  ...change,
});

test.each<[string, Parameters<typeof repair>[0], string[]]>([
  ['all is well', {}, []],
  ['no worker at all', { workers: [] }, []],
  ['a kubelet that did not come back', { workers: [failing('worker-7')] }, ['worker-7 was refused.']],
  [
    'many',
    { workers: [failing('w-1', 'w-2'), failing('w-3', 'w-4')] },
    ['w-1 was refused.', 'w-2 was refused.', 'w-3 was refused.', '4 of 103 kubelets did not come back in all'],
  ],
  [
    'a node that is not Ready for a reason of its own: its kubelet came back, or was not there to be asked',
    { ready: { node: 'cp-1', nodes: 5, notReady: ['worker-2'] } },
    [],
  ],
])('%s', (_name, change, problems) => expect(findUnrepaired(repair(change))).toEqual(problems));

test('the summary counts, and names whom nobody could ask', () => {
  expect(
    describeRepair(
      'demo',
      repair({
        ready: { node: 'cp-1', nodes: 6, notReady: ['worker-3'] },
        unreachableWorkers: [{ name: 'worker-3', reason: 'the instance is stopped' }],
      }),
    ),
  ).toEqual([
    'demo is repaired: 5 of 5 kubelets got a new certificate or were started, 5 of 6 nodes are Ready.',
    'worker-3 could not be asked: the instance is stopped.',
    'Not Ready: worker-3; see "A dead cluster" in the runbook.',
  ]);
});
