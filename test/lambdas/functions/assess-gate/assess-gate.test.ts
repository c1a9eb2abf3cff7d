import { assessGate } from '../../../../lambdas/functions/assess-gate/assess-gate';
import type { NodeResult } from '../../../../lambdas/contracts/run-on-nodes';
import { facts, failed, instanceId, result, type FactsOptions } from '../../helpers/samples';

const named = (number: number) => ({ instanceId: instanceId(number), name: `cp-${number}` });

function ask(turn: number, answers: NodeResult[], amount = answers.length) {
  const controlPlanes = Array.from({ length: amount }, (_, index) => named(index + 1));
  return assessGate({
    cluster: 'demo',
    purpose: 'restart-static-pods',
    node: named(turn),
    controlPlanes,
    facts: answers,
  });
}
const answersOf = (etcd: boolean[], options: Record<number, FactsOptions> = {}) =>
  etcd.map((_, index) => result(index + 1, facts(index + 1, etcd, options[index + 1])));

test.each<[string, number, NodeResult[]]>([
  ['all is well', 1, answersOf([true, true, true])],
  ['the one whose turn it is is down itself', 2, answersOf([true, false, true], { 2: { apiServer: false } })],
  ['the only control plane', 1, answersOf([true])],
  ['external etcd', 1, answersOf([true, true], { 1: { external: true }, 2: { external: true } })],
  ['two of seven are down', 1, answersOf([true, false, false, true, true, true, true])],
])('open: %s', (_name, turn, answers) => {
  const { gates } = ask(turn, answers);
  expect(gates.length).toBe(6);
  expect(gates.every(({ passed }) => passed)).toBe(true);
});

test.each<[string, number, NodeResult[], number, string]>([
  [
    'another member is down',
    1,
    answersOf([true, false, true]),
    3,
    'cp-1 cannot be restarted, because without it 1 of 3 voting etcd members would be healthy and 2 are needed. Repair etcd on cp-2 first.',
  ],
  [
    'another API server is down',
    1,
    answersOf([true, true, true], { 3: { apiServer: false } }),
    3,
    'cp-1 cannot be restarted, because the API server of cp-3 is not ready (connection refused) and all others have to be. Repair it first.',
  ],
  [
    'its kubelet is down',
    2,
    answersOf([true, true, true], { 2: { kubelet: false } }),
    3,
    'The kubelet of cp-2 does not run (connection refused), so its static pods would not come back. Start it first, see "Certificates run out" in the runbook.',
  ],
  [
    'its disk is full',
    3,
    answersOf([true, true, true], { 3: { freeKiB: 0 } }),
    3,
    'cp-3 has 0 MiB of disk space free and the backup of /etc/kubernetes needs 10 MiB. Free some first.',
  ],
  [
    'the script of a stopped operation goes on elsewhere',
    1,
    answersOf([true, true, true], { 2: { unfinished: true, running: true } }),
    3,
    'A script of an earlier operation is still at work on cp-2, and two control planes must not restart at once. Start again when it has ended, within half an hour.',
  ],
  [
    'one fell silent',
    1,
    [...answersOf([true, true, true]).slice(0, 2), failed(3, 'NodeUnreachable', 'cp-3 was lost.')],
    3,
    '1 of 3 control planes did not answer (cp-3): cp-3 was lost. Repair or remove it first.',
  ],
  [
    'one was not asked',
    1,
    answersOf([true, true, true]),
    4,
    '1 of 4 control planes did not answer (cp-4): cp-4 was not asked. Repair or remove it first.',
  ],
  [
    'no majority',
    1,
    answersOf([true, false, false]),
    3,
    'etcd has no majority (1 of 3 voting members healthy, 2 needed), so control planes cannot be restarted one by one. Repair etcd by hand first, see "GateRefused" in the runbook.',
  ],
  [
    'it is no control plane',
    9,
    answersOf([true, true, true]),
    3,
    'cp-9 is none of the control planes that answered: start again, so that nodes are looked up anew.',
  ],
])('refused: %s', (_name, turn, answers, amount, message) => {
  expect(() => ask(turn, answers, amount)).toThrow(expect.objectContaining({ name: 'GateRefused', message }));
});

test('members that their own node denies, or that one of the others does not see as healthy, do not count', () => {
  const answers = answersOf([true, true, true]);
  const third = answers[2]?.result as ReturnType<typeof facts>;
  third.etcd.members = third.etcd.members.map((member) =>
    member.name === 'cp-2' ? { ...member, healthy: false } : member,
  );
  expect(() => ask(1, answers)).toThrow('without it 1 of 3 voting etcd members would be healthy');
});

test('a member whose own node says that it does not work is not healthy, whatever the others still believe', () => {
  const answers = answersOf([true, true, true], { 2: { etcd: false } });
  expect(() => ask(1, answers)).toThrow(
    'without it 1 of 3 voting etcd members would be healthy and 2 are needed. Repair etcd on cp-2 first.',
  );
});

test('a member that works and is not in the list is still one that the restart takes away', () => {
  const answers = answersOf([true, false, true]);
  const first = answers[0]?.result as ReturnType<typeof facts>;
  first.etcd.memberId = 'unknown';
  first.node = 'another-hostname';
  expect(() => ask(1, answers)).toThrow('without it 1 of 3 voting etcd members would be healthy');
});

test('the handler answers with the open gates and throws what refuses', async () => {
  process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
  const { handler } = await import('../../../../lambdas/functions/assess-gate/handler');
  const payload = {
    cluster: 'demo',
    purpose: 'restart-static-pods',
    node: named(1),
    controlPlanes: [named(1)],
    facts: answersOf([true]),
  };
  await expect(handler(payload)).resolves.toMatchObject({
    gates: [{ name: 'every control plane answers', passed: true }, {}, {}, {}, {}, {}],
  });
  await expect(handler({ ...payload, facts: [failed(1, 'NodeStepFailed', 'cp-1 broke.')] })).rejects.toMatchObject({
    name: 'GateRefused',
  });
  await expect(handler({ cluster: 'demo' })).rejects.toThrow(
    'The payload is not what this function expects: node is missing',
  );
});
