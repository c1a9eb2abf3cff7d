import { decide, type Decision, type LifecycleView } from '../../../../lambdas/domain/lifecycle/decide';
import { readEvent, type LifecycleEvent } from '../../../../lambdas/domain/lifecycle/read-event';

const ACCOUNT = '123456789012';
const ID = 'i-0123456789abcdef0';
const event = (kind: LifecycleEvent['kind']): LifecycleEvent => ({
  ...{ kind, id: 'token', account: ACCOUNT, instanceIds: [ID], isForWarmPool: false, at: '2026-01-02T03:04:05Z' },
});

function next(kind: LifecycleEvent['kind'], change: Partial<LifecycleView> = {}): Decision {
  return decide({
    ...{ event: event(kind), progress: { index: 0, attempt: 1 }, account: ACCOUNT, cluster: 'demo', role: 'worker' },
    instance: { name: 'worker-1', state: 'running', isOnline: true },
    allowed: { join: true, remove: true },
    isBusy: false,
    ...change,
  });
}
const failed = (error: string): Partial<LifecycleView> => ({ operation: { status: 'FAILED', error } });
const second = { index: 0, attempt: 3 };

test.each([
  ['launched', {}, { do: 'start', operation: 'join-node', options: {} }],
  ['launched', { instance: { name: 'w', state: 'pending', isOnline: false } }, { do: 'wait', seconds: 15 }],
  ['launched', { instance: { name: 'w', state: 'stopped', isOnline: false } }, { do: 'end', result: 'ABANDON' }],
  ['launched', { instance: undefined }, { do: 'end', result: 'ABANDON' }],
  ['launched', { isBusy: true }, { do: 'wait', seconds: 60 }],
  ['launched', { progress: { ...second, hookIsOver: true } }, { do: 'end', tells: true }],
  ['launched', { operation: { status: 'RUNNING' } }, { do: 'wait', seconds: 30 }],
  ['launched', { operation: { status: 'SUCCEEDED' } }, { do: 'end', result: 'CONTINUE' }],
  ['launched', failed('NodeStepFailed'), { do: 'end', result: 'ABANDON' }],
  ['launched', failed('ClusterLocked'), { do: 'again', seconds: 60 }],
  ['launched', { allowed: { join: false, remove: true } }, { do: 'end', result: 'CONTINUE' }],
  ['terminated', {}, { do: 'start', operation: 'remove-node', options: { force: true } }],
  ['terminated', { isBusy: true }, { do: 'wait', seconds: 60 }],
  ['terminated', failed('DrainStuck'), { do: 'again', seconds: 120 }],
  ['terminated', { ...failed('DrainStuck'), progress: second }, { do: 'end', result: 'CONTINUE' }],
  ['terminated', failed('GateRefused'), { do: 'end', result: 'CONTINUE' }],
  ['terminated', { operation: { status: 'TIMED_OUT' } }, { do: 'again', seconds: 120 }],
  ['terminated', { allowed: { join: true, remove: false } }, { do: 'end', result: 'CONTINUE' }],
  ['interrupted', {}, { do: 'start', operation: 'remove-node', options: { hurry: true, force: true } }],
  ['interrupted', { instance: undefined }, { do: 'start', operation: 'remove-node', options: { force: true } }],
  ['interrupted', { isBusy: true }, { do: 'wait', seconds: 10 }],
  ['interrupted', { ...failed('GateRefused'), instance: undefined }, { do: 'again', seconds: 120 }],
  ['retired', {}, { do: 'start', operation: 'remove-node', options: {} }],
  ['retired', { role: 'etcd' }, { do: 'end', result: 'CONTINUE' }],
  ['retired', { cluster: undefined }, { do: 'end', result: 'CONTINUE' }],
] as [LifecycleEvent['kind'], Partial<LifecycleView>, Partial<Decision>][])('%s %j: %j', (kind, change, expected) => {
  const { because, ...decision } = next(kind, change);
  expect(decision).toEqual(expected);
  expect(because).toMatch(/^[A-Zwi].+\.$/);
});

test('the hook of a control plane that cannot leave is left to its time', () => {
  const decision = next('terminated', { ...failed('GateRefused'), role: 'control-plane' });
  expect(decision).toEqual({ do: 'end', because: 'worker-1 could not leave (GateRefused).' });
});

test('what happened in another account leads to nothing, and is not answered', () => {
  const { result, ...decision } = next('launched', { account: '999999999999' }) as Decision & { do: 'end' };
  expect(decision.do).toBe('end');
  expect(result).toBeUndefined();
});

const COMMON = { id: 'e-1', account: ACCOUNT, time: '2026-01-02T03:04:05Z' };
const HOOK = {
  ...{ EC2InstanceId: ID, AutoScalingGroupName: 'workers', LifecycleHookName: 'kubeadm-autopilot-join' },
  ...{ LifecycleActionToken: 'token', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' },
};
const SPOT = { source: 'aws.ec2', 'detail-type': 'EC2 Spot Instance Interruption Warning' };
const RETIRED = { service: 'EC2', eventTypeCode: 'AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED' };
const entities = (...ids: string[]) => ({ affectedEntities: ids.map((entityValue) => ({ entityValue })) });

test.each([
  [
    { source: 'aws.autoscaling', detail: HOOK },
    { kind: 'launched', id: 'token', instanceIds: [ID] },
  ],
  [{ source: 'aws.autoscaling', detail: { ...HOOK, Destination: 'WarmPool' } }, { isForWarmPool: true }],
  [
    { source: 'aws.autoscaling', detail: { ...HOOK, LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING' } },
    { kind: 'terminated', hook: { group: 'workers', name: 'kubeadm-autopilot-join', token: 'token' } },
  ],
  [
    { ...SPOT, detail: { 'instance-id': ID } },
    { kind: 'interrupted', id: 'e-1', instanceIds: [ID] },
  ],
  [
    { source: 'aws.health', detail: { ...RETIRED, ...entities(ID, 'arn:aws:ec2:x', 'i-0aaaaaaaa') } },
    { kind: 'retired', instanceIds: [ID, 'i-0aaaaaaaa'] },
  ],
])('%j is an event', (said, expected) => {
  expect(readEvent({ ...COMMON, ...said })).toMatchObject(expected);
});

test.each([
  null,
  {},
  { ...COMMON, source: 'aws.autoscaling', detail: { ...HOOK, EC2InstanceId: 'i-0; rm -rf /' } },
  { ...COMMON, source: 'app', detail: HOOK },
  { ...COMMON, ...SPOT, detail: {} },
  { ...COMMON, source: 'aws.health', detail: { ...RETIRED, statusCode: 'closed', ...entities(ID) } },
  { ...COMMON, source: 'aws.health', detail: { ...RETIRED, eventTypeCode: 'AWS_EC2_OTHER', ...entities(ID) } },
])('%j is none', (said) => {
  expect(readEvent(said)).toBeUndefined();
});
