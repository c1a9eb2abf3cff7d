import fc from '../../../helpers/property';
import { fitIntoState } from '../../../../lambdas/functions/read-command/fit-into-state';
import { judgeInvocation, type Invocation } from '../../../../lambdas/functions/read-command/judge-invocation';
import { hasEnded } from '../../../../lambdas/domain/commands/status';

const node = { instanceId: 'i-0000000000000001', name: 'cp-1' };
const judge = (invocation: Partial<Invocation>) =>
  judgeInvocation(node, 'check-certificates', {
    status: 'Success',
    statusDetails: 'Success',
    responseCode: 0,
    stdout: '',
    stderr: '',
    ...invocation,
  });
const line = (value: unknown) => `KUBEADM_AUTOPILOT_RESULT ${JSON.stringify(value)}`;

test.each<[string, string]>([
  ['alone', `${line({ a: 1 })}\n`],
  ['between other lines', `hello\n${line({ a: 1 })}\nStep was found to have onFailure property. {"b":2}`],
  ['the first of several', `${line({ a: 1 })}\n${line({ a: 2 })}`],
  ['with a marker elsewhere in an earlier line', `echo ${line({ a: 3 })}\n${line({ a: 1 })}`],
  ['with a carriage return', `${line({ a: 1 })}\r\n`],
])('the result line is found %s', (_name, stdout) => expect(judge({ stdout })).toEqual({ ...node, result: { a: 1 } }));

const UNREACHABLE =
  'cp-1 did not take the command check-certificates in time or was lost while it ran, so the script may have run: see that the instance and its agent run, and start again.';
const TIMED_OUT =
  'check-certificates was killed on cp-1, because it took longer than its time limit: look at its log on the node and start again, it goes on where it stopped.';

test.each<[string, Partial<Invocation>, string, string]>([
  ['Delivery Timed Out', { status: 'TimedOut', responseCode: -1 }, 'NodeUnreachable', UNREACHABLE],
  ['DeliveryTimedOut', { status: 'TimedOut', responseCode: -1 }, 'NodeUnreachable', UNREACHABLE],
  ['TimedOut', { status: 'TimedOut', responseCode: -1 }, 'NodeUnreachable', UNREACHABLE],
  ['TimedOut', { status: 'TimedOut', responseCode: 137 }, 'NodeStepTimedOut', TIMED_OUT],
  ['Execution Timed Out', { status: 'TimedOut', responseCode: 137 }, 'NodeStepTimedOut', TIMED_OUT],
  [
    'ExecutionTimedOut',
    { status: 'TimedOut', responseCode: 137, stdout: line({ a: 1 }) },
    'NodeStepTimedOut',
    TIMED_OUT,
  ],
  [
    'Undeliverable',
    { status: 'Failed', responseCode: -1 },
    'NodeUnreachable',
    'cp-1 did not take the command check-certificates: SSM does not know it, or its agent does not answer; see that the instance and its agent run, and start again.',
  ],
  [
    'Access Denied',
    { status: 'Failed', responseCode: -1 },
    'NodeUnreachable',
    'SSM may not send check-certificates to cp-1: the instance lacks the tag kubeadm-autopilot:cluster, or a policy denies it; fix that and start again.',
  ],
  [
    'Invalid Platform',
    { status: 'Failed', responseCode: -1 },
    'NodeUnreachable',
    'cp-1 does not run Linux, as check-certificates needs: correct its tag kubeadm-autopilot:role.',
  ],
  [
    'Cancelled',
    { status: 'Cancelled', responseCode: 137 },
    'NodeStepFailed',
    'check-certificates was stopped on cp-1, because somebody cancelled the command: start again when that is settled.',
  ],
  [
    'Terminated',
    { status: 'Failed', responseCode: -1 },
    'NodeStepFailed',
    'check-certificates was stopped on cp-1, because it failed on other nodes first: start again when that is settled.',
  ],
  [
    'Success',
    { stdout: 'no result' },
    'NodeStepFailed',
    'check-certificates ended well on cp-1 but gave no result, expected one marked line on stdout: see that the document is of this version and that the agent runs scripts.',
  ],
  [
    'Success',
    { stdout: 'KUBEADM_AUTOPILOT_RESULT {"a":' },
    'NodeStepFailed',
    'check-certificates ended well on cp-1 but its result cannot be read, expected one line of JSON: read the log on the node.',
  ],
  [
    'Success',
    { stdout: 'KUBEADM_AUTOPILOT_RESULT [1]' },
    'NodeStepFailed',
    'check-certificates ended well on cp-1 but its result cannot be read, expected one line of JSON: read the log on the node.',
  ],
  [
    'Success',
    { stdout: line({ a: 'x'.repeat(30_000) }).slice(0, 24_000) },
    'NodeStepFailed',
    'check-certificates ended well on cp-1 but its result cannot be read, expected one line of JSON (SSM keeps 24000 characters): read the log on the node.',
  ],
  [
    'Failed',
    { status: 'Failed', responseCode: 1 },
    'NodeStepFailed',
    'check-certificates was lost on cp-1 while it ran, as when the node reboots or its SSM agent crashes: see that the node is up and start again, it goes on where it stopped.',
  ],
  [
    'Failed',
    { status: 'Failed', responseCode: 1, stderr: 'failed to run commands: exit status 1' },
    'NodeStepFailed',
    'check-certificates failed on cp-1 with exit code 1 and did not say why: read the end of its log.',
  ],
  [
    'Failed',
    { status: 'Failed', responseCode: 30 },
    'NodeStepTimedOut',
    'check-certificates failed on cp-1 with exit code 30 and did not say why: read the end of its log.',
  ],
  [
    'Failed',
    {
      status: 'Failed',
      responseCode: 20,
      stdout: line({ error: 'refused', step: 'look for openssl', message: 'openssl is not installed: install it.' }),
    },
    'NodeStepFailed',
    'check-certificates was refused on cp-1 in "look for openssl": openssl is not installed: install it.',
  ],
  [
    'Failed',
    {
      status: 'Failed',
      responseCode: 21,
      stdout: line({ error: 'busy', step: 'lock', message: 'another run holds the lock' }),
    },
    'NodeStepFailed',
    'check-certificates found another run at work on cp-1 in "lock": another run holds the lock.',
  ],
  [
    'Failed',
    {
      status: 'Failed',
      responseCode: 30,
      stdout: line({ error: 'timed-out', step: 'wait', message: 'kubeadm did not end' }),
    },
    'NodeStepTimedOut',
    'check-certificates ran out of time on cp-1 in "wait": kubeadm did not end.',
  ],
  [
    'Something New',
    { status: 'Failed', responseCode: -1 },
    'NodeStepFailed',
    'check-certificates failed on cp-1 with status Something New and did not say why: read the end of its log.',
  ],
])('%s', (statusDetails, invocation, error, message) => {
  expect(judge({ ...invocation, statusDetails }).failure).toMatchObject({ error, message });
});

test('a failure carries the step, the exit code and the end of the log', () => {
  const said = { error: 'failed', step: 'renew', message: 'kubeadm failed', logTail: 'the end' };
  const first = judge({
    status: 'Failed',
    statusDetails: 'Failed',
    responseCode: 1,
    stdout: line(said),
    stderr: 'not this',
  });
  expect(first.failure).toMatchObject({ step: 'renew', exitCode: 1, logTail: 'the end' });
  const second = judge({
    status: 'Failed',
    statusDetails: 'Failed',
    responseCode: 1,
    stderr: `${'x'.repeat(5000)}end`,
  });
  expect(second.failure?.logTail).toHaveLength(2000);
  expect(second.failure?.logTail?.endsWith('end')).toBe(true);
});

test.each(['Pending', 'InProgress', 'In Progress', 'Delayed', 'Cancelling', ''])('%p has not ended', (status) =>
  expect(hasEnded(status)).toBe(false),
);
test.each(['Success', 'Failed', 'Delivery Timed Out', 'Terminated', 'SomethingNew'])('%p has ended', (status) =>
  expect(hasEnded(status)).toBe(true),
);

test('whatever a node prints, there is a result or a failure, and never both', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.json(),
      fc.boolean(),
      fc.integer({ min: -1, max: 255 }),
      (noise, json, isMarked, responseCode) => {
        const stdout = `${noise}\n${isMarked ? 'KUBEADM_AUTOPILOT_RESULT ' : ''}${json}`;
        const { result, failure } = judge({
          stdout,
          responseCode,
          statusDetails: responseCode === 0 ? 'Success' : 'Failed',
        });
        expect((result === undefined) !== (failure === undefined)).toBe(true);
      },
    ),
  );
});

test('one talkative node does not cost the answers of the others', () => {
  const results = Array.from({ length: 50 }, (_, index) => ({
    instanceId: `i-${index}`,
    name: `cp-${index}`,
    result: { text: 'x'.repeat(index === 7 ? 120_000 : 3_000) },
  }));
  const fitting = fitIntoState(results);
  expect(Buffer.byteLength(JSON.stringify(fitting))).toBeLessThan(210_000);
  expect(fitting.filter(({ result }) => result)).toHaveLength(49);
  expect(fitting[7]?.failure).toEqual({
    error: 'NodeStepFailed',
    message: expect.stringMatching(
      /^The answer of cp-7 has 120\d+ bytes and does not fit into a state with the others: read the log on the node\.$/,
    ),
  });
});

describe('an answer that no script gives costs its own node alone', () => {
  const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
  const deep = (levels: number) => `KUBEADM_AUTOPILOT_RESULT {"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;
  test.each<[string, string, string]>([
    ['5,000 lists deep', deep(5000), 'nests deeper than the 10 levels'],
    ['11 levels deep', `KUBEADM_AUTOPILOT_RESULT ${nested(10)}`, 'nests deeper than the 10 levels'],
    ['too many values', `KUBEADM_AUTOPILOT_RESULT {"a":[${'1,'.repeat(6000)}1]}`, 'has more than the 5000 values'],
    ['too large in bytes', line({ a: 'é'.repeat(13_000) }), 'has 26008 bytes, at most 24000'],
  ])('%s', (_name, stdout, why) => {
    const { result, failure } = judge({ stdout });
    expect(result).toBeUndefined();
    expect(failure).toMatchObject({ error: 'NodeStepFailed', message: expect.stringContaining(why) });
    expect(failure?.message).toMatch(/^check-certificates ended well on cp-1 but its result .*\.$/);
  });

  test('keys of prototypes are keys', () => {
    const { result } = judge({ stdout: 'KUBEADM_AUTOPILOT_RESULT {"__proto__":{"failure":1},"constructor":{"a":1}}' });
    expect(Object.keys(result!)).toEqual(['__proto__', 'constructor']);
    expect(({} as { failure?: unknown }).failure).toBeUndefined();
  });

  test('NaN is no JSON', () => {
    expect(judge({ stdout: 'KUBEADM_AUTOPILOT_RESULT {"a":NaN}' }).failure?.message).toContain('cannot be read');
  });

  test('9 levels are taken', () => {
    expect(judge({ stdout: `KUBEADM_AUTOPILOT_RESULT ${nested(9)}` }).result).toBeDefined();
  });

  test('a failure that is no script either', () => {
    const stdout = line({ error: 'failed', step: 'a', message: 'b', more: JSON.parse(nested(3000)) });
    expect(judge({ status: 'Failed', statusDetails: 'Failed', responseCode: 1, stdout }).failure?.message).toBe(
      'check-certificates failed on cp-1 with exit code 1 and did not say why: read the end of its log.',
    );
  });

  test('the end of a log steers no terminal', () => {
    const stderr = 'one\u001b[2J\r\ntwo\u202e\u2028three\ud800';
    expect(judge({ stdout: '', stderr }).failure?.logTail).toBe('one[2J\ntwo\nthree');
  });
});
