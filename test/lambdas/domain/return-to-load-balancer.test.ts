import { decideReturning, type ObservedReturn } from '../../../lambdas/domain/load-balancer-turns';

const target = (group: string) => ({ targetGroupArn: `arn:${group}`, targetGroupName: group, id: 'i-1', port: 6443 });
const other = { id: 'i-2', port: 6443, state: 'healthy' };
const START = '2026-11-25T03:00:00.000Z';
const after = (seconds: number) => new Date(Date.parse(START) + seconds * 1000).toISOString();

function observed(states: Record<string, string | undefined>): ObservedReturn[] {
  return Object.entries(states).map(([group, state]) => ({
    target: target(group),
    targets: [...(state ? [{ id: 'i-1', port: 6443, state, reason: 'Code: Sentence' }] : []), other],
  }));
}
const turn = (returningSince?: string) => ({
  left: [target('api')],
  next: 'settle' as const,
  waitSeconds: 30,
  said: 'cp-1 left api',
  ...(returningSince && { returningSince }),
});

test.each<[string, Record<string, string | undefined>, string[]]>([
  ['not registered', { api: undefined }, ['api']],
  ['still draining', { api: 'draining' }, ['api']],
  ['not in one of two', { inside: undefined, outside: 'healthy' }, ['inside']],
])('%s: it is put back, and its health is waited for', (_name, states, register) => {
  const decided = decideReturning('cp-1', turn(), observed(states), START);
  expect(decided.register.map(({ targetGroupName }) => targetGroupName)).toEqual(register);
  expect(decided.turn).toMatchObject({ next: 'wait', waitSeconds: 5, returningSince: START, said: 'cp-1 left api' });
});

test.each([
  [0, 5],
  [7, 7],
  [300, 30],
  [599, 30],
])('not healthy after %i s: asked again after %i s', (seconds, wait) => {
  const decided = decideReturning('cp-1', turn(START), observed({ api: 'initial' }), after(seconds));
  expect(decided).toMatchObject({ register: [], turn: { next: 'wait', waitSeconds: wait, returningSince: START } });
});

test.each<[string, ObservedReturn[], string]>([
  ['healthy', observed({ api: 'healthy' }), 'cp-1 left api; it came back and is healthy'],
  [
    'in a group that no load balancer uses any more',
    observed({ api: 'unused' }),
    'cp-1 left api; it came back and is healthy',
  ],
  ['its group is gone', [{ target: target('api') }], 'cp-1 left api, which is gone by now'],
])('%s: the next node may come', (_name, states, said) => {
  expect(decideReturning('cp-1', turn(START), states, after(1000))).toMatchObject({
    register: [],
    turn: { next: 'go', waitSeconds: 0, said },
  });
});

test('healthy in one group and not in the other is not healthy', () => {
  const states = observed({ inside: 'healthy', outside: 'unhealthy' });
  expect(decideReturning('cp-1', turn(START), states, after(10)).turn.next).toBe('wait');
});

test('after ten minutes it fails with group, node and reason', () => {
  const late = () => decideReturning('cp-1', turn(START), observed({ api: 'unhealthy' }), after(600));
  expect(late).toThrow(
    'cp-1 was put back into the target group api and is still not healthy there after 10 minutes (unhealthy, Code: Sentence): expected its API server to pass the group\'s health check on port 6443; see "TargetNotHealthy" in the runbook, then start the operation again.',
  );
  expect(late).toThrow(expect.objectContaining({ name: 'TargetNotHealthy' }));
});

test('put back once more, it gets its ten minutes once more', () => {
  const decided = decideReturning('cp-1', turn(START), observed({ api: undefined }), after(5000));
  expect(decided.turn).toMatchObject({ next: 'wait', returningSince: after(5000) });
});
