import type { DocumentReply, StepReply } from '../../../../local/ssm/agent-channel/agent-jobs';
import { JobProgress } from '../../../../local/ssm/agent-channel/job-progress';
import { pendingStep } from '../../../../local/ssm/run-command/step-result';

const NOW = new Date('2026-01-02T03:04:05Z');
const step = (status: StepReply['status'], changed: Partial<StepReply> = {}): StepReply => ({
  status,
  code: 0,
  output: '',
  standardOutput: '',
  standardError: '',
  startDateTime: '2026-01-02T03:04:00.000Z',
  endDateTime: status === 'InProgress' ? '0001-01-01T00:00:00.000Z' : '2026-01-02T03:04:01.000Z',
  ...changed,
});
const reply = (
  documentStatus: DocumentReply['documentStatus'],
  runtimeStatus: DocumentReply['runtimeStatus'] = {},
): DocumentReply => ({ documentStatus, runtimeStatus });

function merged(names: string[], replies: DocumentReply[]) {
  const steps = names.map(pendingStep);
  const progress = new JobProgress(steps);
  const strangers = replies.flatMap((one) => progress.merge(one, NOW));
  return { end: progress.end, isComplete: progress.isComplete, steps, strangers };
}

const begun = reply('InProgress', { run: step('InProgress') });
const failed = reply('Failed', {
  run: step('Failed', { code: 3, standardOutput: 'out', standardError: 'err', output: 'both' }),
});
const FAILED_RUN = {
  name: 'run',
  status: 'Failed',
  code: 3,
  stdout: 'out',
  stderr: 'err',
  output: 'both',
  startedAt: new Date('2026-01-02T03:04:00Z'),
  endedAt: new Date('2026-01-02T03:04:01Z'),
};

test.each([
  ['in order', [reply('InProgress'), begun, failed]],
  ['the end first', [failed, begun, reply('InProgress')]],
  ['the end twice, the second time another', [begun, failed, reply('Success', { run: step('Success') })]],
])('replies %s: the end stays', (_order, replies) => {
  expect(merged(['run'], replies)).toEqual({ end: 'Failed', isComplete: true, steps: [FAILED_RUN], strangers: [] });
});

test('a document of several steps is over when the last of them has told its end, which may come after its own', () => {
  const replies = [reply('InProgress', { one: step('Success') }), reply('Success')];
  expect(merged(['one', 'two'], replies)).toMatchObject({ end: 'Success', isComplete: false });
  expect(merged(['one', 'two'], [...replies, reply('InProgress', { two: step('Skipped') })])).toMatchObject({
    end: 'Success',
    isComplete: true,
  });
});

test.each(['InProgress', 'SuccessAndReboot', 'PassedAndReboot', 'NotStarted'] as const)(
  'a step that is %s has not ended, nor has its document',
  (status) => {
    const { end, isComplete, steps } = merged(['run'], [reply(status, { run: step(status) })]);
    expect([end, isComplete, steps[0]!.endedAt]).toEqual([undefined, false, undefined]);
  },
);

test.each([
  ['NotStarted', 'Pending'],
  ['PassedAndReboot', 'SuccessAndReboot'],
  ['TimedOut', 'TimedOut'],
] as const)('the agent calls %s what is %s here', (theirs, ours) => {
  expect(merged(['run'], [reply('InProgress', { run: step(theirs) })]).steps[0]!.status).toBe(ours);
});

test('where the agent has no time, it is now; steps that are not in the document are told', () => {
  const replies = [
    reply('Failed', { run: step('Cancelled', { startDateTime: '', endDateTime: '0001-01-01T00:00:00.000Z' }) }),
    reply('InProgress', { other: step('Success') }),
  ];
  expect(merged(['run'], replies)).toMatchObject({
    steps: [{ startedAt: NOW, endedAt: NOW }],
    strangers: ['other'],
  });
});
