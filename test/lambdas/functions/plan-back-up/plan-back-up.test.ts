import type { ClusterNode } from '../../../../lambdas/contracts/node';
import type { NodeResult } from '../../../../lambdas/contracts/run-on-nodes';
import { planBackUp } from '../../../../lambdas/functions/plan-back-up/plan-back-up';
import { config, controlPlane, facts, failed, instanceId, options, result } from '../../helpers/samples';

const etcdNode = (number: number, unreachable?: string): ClusterNode => ({
  ...controlPlane(number, unreachable),
  name: `etcd-${number}`,
  role: 'etcd',
});

function plan(
  results: NodeResult[],
  nodes: ClusterNode[] = [1, 2, 3].map((number) => controlPlane(number)),
  days = 30,
) {
  const settings = config({}, { etcdBackup: { keepDays: days } });
  return planBackUp({ cluster: 'demo', config: settings, options: options('back-up-etcd'), nodes, facts: results });
}
/** cp-1 leads. */
const well = [1, 2, 3].map((number) => result(number, facts(number, [true, true, true], { leader: number === 1 })));

test('etcd is saved by a healthy member that does not lead, /etc/kubernetes by all control planes', () => {
  const planned = plan(well);
  expect(planned).toMatchObject({ decision: 'act', etcdOn: { instanceId: instanceId(2), name: 'cp-2' } });
  expect(planned.steps.map(({ name, action }) => [name, action])).toEqual([
    ['cp-1', 'save /etc/kubernetes'],
    ['cp-2', 'save etcd and /etc/kubernetes'],
    ['cp-3', 'save /etc/kubernetes'],
  ]);
  expect(planned.summary).toBe('etcd of demo is saved on cp-2 and /etc/kubernetes of 3 nodes, for 30 days.');
});

test.each<[string, NodeResult[], ClusterNode[] | undefined, string]>([
  ['the only one, which leads', [well[0]!], [controlPlane(1)], 'cp-1'],
  [
    'the leader, where the others are not well',
    [1, 2, 3].map((number) => result(number, facts(number, [true, false, false], { leader: number === 1 }))),
    undefined,
    'cp-1',
  ],
  [
    'who answers',
    [failed(2, 'NodeStepFailed', 'cp-2 failed.'), well[2]!],
    [controlPlane(1, 'stopped'), controlPlane(2), controlPlane(3)],
    'cp-3',
  ],
  [
    'a node of an external etcd that is one of ours',
    [result(1, facts(1, [], { external: true }))],
    [controlPlane(1), etcdNode(8, 'its SSM agent is lost'), etcdNode(9)],
    'etcd-9',
  ],
])('etcd is saved by %s', (_who, results, nodes, expected) => {
  const planned = plan(results, nodes);
  expect([planned.decision, planned.etcdOn?.name]).toEqual(['act', expected]);
  expect(planned.steps.map(({ name }) => name)).toContain(expected);
});

test('who does not answer is told, and saves nothing', () => {
  const planned = plan(
    [well[2]!, failed(2, 'NodeUnreachable', 'cp-2 is out of reach.')],
    [controlPlane(1, 'stopped'), controlPlane(2), controlPlane(3)],
  );
  expect(planned.steps.map(({ name }) => name)).toEqual(['cp-3']);
  expect(planned.summary).toContain('of 1 node, without cp-1 and cp-2, which do not answer, for 30 days.');
});

test.each<[string, NodeResult[], ClusterNode[], RegExp]>([
  [
    'no member is healthy',
    [result(1, facts(1, [false]))],
    [controlPlane(1)],
    /^etcd of demo is not backed up: No control plane of demo has a healthy member of etcd \(cp-1: .*\), and a snapshot needs one\. Repair etcd/,
  ],
  [
    'the etcd is external and nobody tagged it',
    [result(1, facts(1, [], { external: true }))],
    [controlPlane(1)],
    /external, and no instance has the tags kubeadm-autopilot:cluster=demo and kubeadm-autopilot:role=etcd\. Tag its nodes/,
  ],
  [
    'the etcd is external and out of reach',
    [result(1, facts(1, [], { external: true }))],
    [controlPlane(1), etcdNode(8, 'the instance is stopped')],
    /none of its nodes can be reached \(etcd-8: the instance is stopped\)/,
  ],
  [
    'a script is at work',
    [result(1, facts(1, [true], { running: true }))],
    [controlPlane(1)],
    /A script of an earlier operation is still at work on cp-1/,
  ],
])('refused: %s', (_why, results, nodes, sentence) => {
  const planned = plan(results, nodes);
  expect([planned.decision, planned.steps]).toEqual(['refuse', []]);
  expect(planned.summary).toMatch(sentence);
});

test('the digest is that of what is done: another member, another age; not another leader whose node saves nothing else', () => {
  expect(plan(well).digest).toBe(plan([...well].reverse()).digest);
  expect(plan(well, undefined, 31).digest).not.toBe(plan(well).digest);
  expect(
    plan(
      well.slice(1),
      [2, 3].map((number) => controlPlane(number)),
    ).digest,
  ).not.toBe(plan(well).digest);
});
