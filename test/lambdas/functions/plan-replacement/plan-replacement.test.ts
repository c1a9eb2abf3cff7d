import type { CreatePlan } from '../../../../lambdas/contracts/create';
import type { Gate } from '../../../../lambdas/contracts/plan';
import type { RemovalPlan } from '../../../../lambdas/contracts/remove';
import { planReplacementInput } from '../../../../lambdas/contracts/replace';
import { isPartOfReplacement } from '../../../../lambdas/contracts/replacement';
import { planReplacement } from '../../../../lambdas/functions/plan-replacement/plan-replacement';
import { controlPlane } from '../../helpers/samples';
import { worker } from '../../helpers/machines';

const OPEN: Gate = { name: 'one-cluster', passed: true, reason: 'All is well.' };
const SHUT: Gate = { name: 'etcd-quorum', passed: false, reason: 'etcd is ill.', whatToDo: 'Repair it.' };
const [leaving, joining] = [controlPlane(3), controlPlane(4)];
const step = ({ instanceId, name }: { instanceId: string; name: string }, action: string) => ({
  ...{ instanceId, name, action, why: 'it is asked for', predictedSeconds: 60 },
});
const shared = { cluster: 'demo', gates: [OPEN], predictedSeconds: 60, digest: 'd', controlPlanes: [] };

const REMOVAL = {
  ...{ ...shared, operation: 'remove-node', kind: 'control-plane', decision: 'act', steps: [step(leaving, 'drain')] },
  ...{ summary: 'cp-3, a control plane, is removed from demo.', whenDone: 'cp-3 was removed from demo.' },
  target: { instanceId: leaving.instanceId, name: 'cp-3', nodeName: 'cp-3', role: 'control-plane' },
  parts: { leaveLoadBalancer: true, drain: true, askAgain: true, reset: true },
  drain: { drainMinutes: 10, stuckDrain: 'stop', forceAtOnce: false },
  ...{ leaveEtcd: 'yes', member: '1a', notReady: 0, unhealthyMembers: 0 },
} satisfies RemovalPlan;
const JOIN = {
  ...{ ...shared, operation: 'join-node', kind: 'join', decision: 'act', steps: [step(joining, 'join')] },
  ...{
    version: '1.37.2',
    etcd: [],
    toPrepare: [joining],
    init: [],
    workers: [],
    nodes: 1,
    waitFor: 'cp-4',
    unproven: [],
    unregistered: [],
    prerequisites: [],
  },
  summary: '1 control plane joins demo with Kubernetes 1.37.2 (cp-4).',
  prepare: { packages: 'p', cgroupDriver: 'systemd', swap: 'off', runtime: 'containerd', runtimePackages: 'p' },
  cni: { url: 'none', sha256: 'none' },
} satisfies Omit<CreatePlan, 'configuration'>;

const plan = (removal: Partial<RemovalPlan> = {}, join: Partial<CreatePlan> = {}, by = joining.instanceId) =>
  planReplacement(
    planReplacementInput.parse({
      cluster: 'demo',
      options: { planOnly: false, node: 'cp-3', with: by, force: false },
      nodes: [leaving, joining, worker(1)],
      removal: { ...REMOVAL, ...removal },
      join: { ...JOIN, ...join },
    }),
  );
const nothing = { decision: 'nothing', steps: [], predictedSeconds: 0 } as const;

test.each([
  ['both', {}, {}, ['cp-4: join', 'cp-3: drain'], 'act', 'cp-4 joins demo, then cp-3 leaves it for good.'],
  [
    ...['the node is dead', { kind: 'dead' }, {}, ['cp-3: drain', 'cp-4: join'], 'act'],
    'cp-3, whose machine is gone, is removed from demo, then cp-4 joins in its place.',
  ],
  [
    ...['the machine has joined', {}, nothing, ['cp-3: drain'], 'act'],
    'cp-4 is a node of demo already. cp-3, a control plane, is removed from demo.',
  ],
  [
    ...['the node has left', nothing, {}, ['cp-4: join'], 'act'],
    'cp-3 is no node of demo any more. 1 control plane joins demo with Kubernetes 1.37.2 (cp-4).',
  ],
  ['all is done', nothing, nothing, [], 'nothing', 'cp-4 is a node of demo, and cp-3 is none any more.'],
] as [string, Partial<RemovalPlan>, Partial<CreatePlan>, string[], string, string][])(
  '%s',
  (_what, removal, join, steps, decision, summary) => {
    const planned = plan(removal, join);
    expect(planned.steps.map(({ name, action }) => `${name}: ${action}`)).toEqual(steps);
    expect(planned).toMatchObject({ decision, summary, node: leaving.instanceId, with: joining.instanceId });
  },
);

test('a gate of either half keeps both from beginning, and says whose it is', () => {
  for (const planned of [plan({ gates: [SHUT] }), plan({}, { gates: [SHUT] })]) {
    expect(planned).toMatchObject({ decision: 'refuse', steps: [], predictedSeconds: 0 });
    expect(planned.summary).toBe('cp-3 is not replaced: etcd is ill. Repair it.');
  }
  expect(plan({ gates: [SHUT] }).gates.map(({ name }) => name)).toEqual([
    ...['two-machines', 'same-role', 'join-node: one-cluster', 'remove-node: etcd-quorum'],
  ]);
});

test.each([
  ['worker-1', 'same-role', 'worker-1 is a worker by its tag, and cp-3 is a control plane.'],
  ['cp-3', 'two-machines', 'cp-3 cannot take its own place.'],
])('%s does not take the place of a control plane', (by, name, reason) => {
  const planned = plan({}, {}, by);
  expect(planned.decision).toBe('refuse');
  expect(planned.gates.find((gate) => gate.name === name)).toMatchObject({ passed: false, reason });
});

test('plans that do the same have the same digest, others another one', () => {
  expect(plan().digest).toBe(plan({}, {}, 'cp-4').digest);
  expect(plan({ digest: 'other' }).digest).not.toBe(plan().digest);
});

const LOCK = { cluster: 'demo', since: '2026-01-02T03:04:05Z' };
const holder = (operation: string) =>
  `arn:aws:states:eu-central-1:123456789012:execution:kubeadm-autopilot-${operation}:r-1`;
test.each([
  [{ cluster: 'demo', node: 'cp-3' }, false],
  [{ cluster: 'demo', replacement: { node: 'cp-3', with: 'i-1' } }, true],
  [{ replacement: { node: 'cp-3', with: 'i-1', lock: { ...LOCK, holder: holder('replace-node') } } }, true],
  [{ replacement: { node: 'cp-3', with: 'i-1', lock: { ...LOCK, holder: holder('upgrade') } } }, false],
  [{ replacement: true }, false],
  [null, false],
])('%j is a part of a replacement: %s', (input, is) => {
  expect(isPartOfReplacement(input)).toBe(is);
});
