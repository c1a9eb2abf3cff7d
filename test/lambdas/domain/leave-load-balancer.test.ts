import type { TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import { decideLeaving, type ObservedTarget } from '../../../lambdas/domain/load-balancer-turns';
import { mayHoldApiServers } from '../../../lambdas/aws/find-targets';

const settings = { apiServerPort: 6443, settleSeconds: 30 };
const target = (group: string) => ({ targetGroupArn: `arn:${group}`, targetGroupName: group, id: 'i-1', port: 6443 });
/** States of the node itself (none: not registered) and of two others. */
function group(name: string, own: string | undefined, others: string[] = ['healthy', 'healthy'], isOut = false) {
  const self = own === undefined ? [] : [{ id: 'i-1', port: 6443, state: own }];
  const rest = others.map((state, index) => ({ id: `i-${index + 2}`, port: 6443, state }));
  return { target: target(name), targets: [...self, ...rest], isOut };
}
const goneGroup = (name: string): ObservedTarget => ({ target: target(name), isOut: true });
const decide = (observed: ObservedTarget[], outFor = 0) => decideLeaving('cp-1', observed, outFor, settings);

interface Expected {
  deregister?: string[];
  left?: string[];
  next: string;
  wait?: number;
  said: string;
}

test.each<[string, ObservedTarget[], number, Expected]>([
  ['no target group', [], 0, { next: 'go', said: 'cp-1 is in no target group on port 6443' }],
  [
    'healthy, like the others: it leaves and drains',
    [group('api', 'healthy')],
    0,
    { deregister: ['api'], left: ['api'], next: 'wait', wait: 5, said: 'cp-1 left api' },
  ],
  [
    'one other is healthy: enough',
    [group('api', 'healthy', ['unhealthy', 'healthy'])],
    0,
    { deregister: ['api'], left: ['api'], next: 'wait', wait: 5, said: 'cp-1 left api' },
  ],
  [
    'nobody else is healthy: it stays',
    [group('api', 'healthy', ['unhealthy', 'initial'])],
    0,
    { next: 'go', said: 'cp-1 stayed in api, where no other target is healthy' },
  ],
  [
    'alone: it stays',
    [group('api', 'healthy', [])],
    0,
    { next: 'go', said: 'cp-1 stayed in api, where no other target is healthy' },
  ],
  [
    'unhealthy itself, and nobody else healthy: it stays',
    [group('api', 'unhealthy', ['unhealthy'])],
    0,
    { next: 'go', said: 'cp-1 stayed in api, where it was not healthy' },
  ],
  [
    'unhealthy itself: it gets no connections, and need not become healthy',
    [group('api', 'unhealthy')],
    0,
    { next: 'go', said: 'cp-1 stayed in api, where it was not healthy' },
  ],
  [
    'unhealthy, though this turn had taken it out: somebody put it back',
    [group('api', 'unhealthy', undefined, true)],
    20,
    { next: 'go', said: 'cp-1 stayed in api, where it was not healthy' },
  ],
  [
    'still being registered: it may get connections, so it drains',
    [group('api', 'initial')],
    0,
    { deregister: ['api'], left: ['api'], next: 'wait', wait: 5, said: 'cp-1 left api' },
  ],
  [
    'a group that no load balancer uses',
    [group('api', 'unused')],
    0,
    { next: 'go', said: 'cp-1 is in no target group on port 6443' },
  ],
  [
    'another takes it out just now: not ours to put back',
    [group('api', 'draining')],
    0,
    { next: 'go', said: 'cp-1 was being taken out of api by somebody else' },
  ],
  [
    'two groups, in one of which it is the only healthy one',
    [group('inside', 'healthy'), group('outside', 'healthy', ['unhealthy'])],
    0,
    {
      deregister: ['inside'],
      left: ['inside'],
      next: 'wait',
      wait: 5,
      said: 'cp-1 left inside; stayed in outside, where no other target is healthy',
    },
  ],
  [
    'draining for 12 s',
    [group('api', 'draining', undefined, true)],
    12,
    { left: ['api'], next: 'wait', wait: 12, said: 'cp-1 left api' },
  ],
  [
    'draining for 4 minutes',
    [group('api', 'draining', undefined, true)],
    240,
    { left: ['api'], next: 'wait', wait: 30, said: 'cp-1 left api' },
  ],
  [
    'draining for 10 minutes: long enough',
    [group('api', 'draining', undefined, true)],
    600,
    {
      left: ['api'],
      next: 'settle',
      wait: 30,
      said: 'cp-1 left api; and was restarted with old connections still open',
    },
  ],
  [
    'no longer listed',
    [group('api', undefined, undefined, true)],
    20,
    { left: ['api'], next: 'settle', wait: 30, said: 'cp-1 left api' },
  ],
  [
    'listed as unused',
    [group('api', 'unused', undefined, true)],
    20,
    { left: ['api'], next: 'settle', wait: 30, said: 'cp-1 left api' },
  ],
  [
    'gone from one group, draining in the other',
    [group('a', undefined, undefined, true), group('b', 'draining', undefined, true)],
    20,
    { left: ['a', 'b'], next: 'wait', wait: 20, said: 'cp-1 left a and b' },
  ],
  [
    'written down, but the function died before it was taken out (or somebody put it back)',
    [group('api', 'healthy', undefined, true)],
    500,
    { deregister: ['api'], left: ['api'], next: 'wait', wait: 5, said: 'cp-1 left api' },
  ],
  [
    'put back by somebody, and by now nobody else is healthy',
    [group('api', 'healthy', ['unhealthy'], true)],
    20,
    { next: 'go', said: 'cp-1 stayed in api, where no other target is healthy' },
  ],
  [
    'the group was deleted meanwhile',
    [goneGroup('api')],
    20,
    { next: 'go', said: 'cp-1 is in no target group on port 6443' },
  ],
])('%s', (_name, observed, outFor, { deregister = [], left = [], next, wait = 0, said }) => {
  const decided = decide(observed, outFor);
  expect(decided.deregister.map(({ targetGroupName }) => targetGroupName)).toEqual(deregister);
  expect(decided.turn).toEqual({ left: left.map(target), next, waitSeconds: wait, said });
});

test('the same machine on another port is no other target', () => {
  const observed = group('api', 'healthy', []);
  observed.targets.push({ id: 'i-1', port: 8443, state: 'healthy' });
  expect(decide([observed]).deregister).toEqual([]);
});

test.each<[boolean, TargetGroup]>([
  [true, { Protocol: 'TCP', TargetType: 'instance', LoadBalancerArns: ['a'] }],
  [true, { Protocol: 'TLS', TargetType: 'ip', LoadBalancerArns: ['a'] }],
  [true, { Protocol: 'TCP_UDP', TargetType: 'instance', LoadBalancerArns: ['a'] }],
  [true, { Protocol: 'HTTPS', TargetType: 'instance', LoadBalancerArns: ['a'] }],
  [false, { Protocol: 'HTTP', TargetType: 'instance', LoadBalancerArns: ['a'] }],
  [false, { Protocol: 'UDP', TargetType: 'instance', LoadBalancerArns: ['a'] }],
  [false, { Protocol: 'TCP', TargetType: 'alb', LoadBalancerArns: ['a'] }],
  [false, { TargetType: 'lambda', LoadBalancerArns: ['a'] }],
  [false, { Protocol: 'TCP', TargetType: 'instance', LoadBalancerArns: [] }],
  [false, { Protocol: 'TCP', TargetType: 'instance' }],
])('%s: %j may hold API servers', (expected, group) => {
  expect(mayHoldApiServers(group)).toBe(expected);
});
