import { foundKubelets } from '../../../../lambdas/contracts/find-kubelets';
import type { ClusterNode } from '../../../../lambdas/contracts/node';
import { groupWorkers } from '../../../../lambdas/functions/find-kubelets/group-workers';
import type { Instance, Registration } from '../../../../lambdas/domain/nodes/instance';

const workers = (amount: number): ClusterNode[] =>
  Array.from({ length: amount }, (_, index) => ({ instanceId: `i-${index}`, name: `worker-${index}`, role: 'worker' }));
const running = (nodes: ClusterNode[]): Instance[] =>
  nodes.map(({ instanceId }) => ({ instanceId, state: 'running', tags: {} }));
const online = (nodes: ClusterNode[], agentVersion = '3.3.4624.0'): Registration[] =>
  nodes.map(({ instanceId }) => ({ instanceId, ping: 'Online', agentVersion, platform: 'Linux' }));

test.each([
  [0, []],
  [1, [1]],
  [50, [50]],
  [51, [50, 1]],
  [1000, Array.from({ length: 20 }, () => 50)],
])('%i workers, at most 50 together', (amount, sizes) => {
  const all = workers(amount);
  const found = groupWorkers(all, running(all), online(all));
  expect(found.groups.map(({ nodes }) => nodes.length)).toEqual(sizes);
  expect(found.groups.flatMap(({ nodes }) => nodes.map(({ name }) => name))).toEqual(all.map(({ name }) => name));
  expect(found.unreachable).toEqual([]);
  expect(foundKubelets.parse(found)).toEqual(found);
});

test('who cannot be asked is named with the reason, and does not keep the others from being asked', () => {
  const [stopped, unknown, lost, old, fine] = workers(5) as [
    ClusterNode,
    ClusterNode,
    ClusterNode,
    ClusterNode,
    ClusterNode,
  ];
  const instances = running([stopped, unknown, lost, old, fine]);
  instances[0]!.state = 'stopped';
  const registrations = [
    ...online([stopped, fine]),
    ...online([lost]).map((each) => ({ ...each, ping: 'ConnectionLost' })),
    ...online([old], '3.3.987.0'),
  ];
  const found = groupWorkers([stopped, unknown, lost, old, fine], instances, registrations);
  expect(found.groups).toEqual([{ nodes: [{ instanceId: 'i-4', name: 'worker-4' }] }]);
  expect(found.unreachable.map(({ name, reason }) => `${name}: ${reason.slice(0, 40)}`)).toEqual([
    'worker-0: the instance is stopped, expected runnin',
    'worker-1: it is not registered with SSM: check tha',
    'worker-2: its SSM agent is lost (ConnectionLost): ',
    'worker-3: its SSM agent is 3.3.987.0, at least 3.3',
  ]);
});

test('of very many that cannot be asked, 50 are named and the rest is counted', () => {
  const found = groupWorkers(workers(60), [], []);
  expect(found.unreachable).toHaveLength(50);
  expect(found.moreUnreachable).toBe(10);
});
