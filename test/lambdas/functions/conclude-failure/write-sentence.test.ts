import fc from '../../../helpers/property';
import { unwrapFailure } from '../../../../lambdas/functions/conclude-failure/unwrap-failure';
import { writeSentence } from '../../../../lambdas/functions/conclude-failure/write-sentence';
import { USER_ERRORS } from '../../../../lambdas/contracts/failures';
import { redact } from '../../../../lambdas/domain/text/plain-text';

const conclude = (error: string, cause: unknown) => {
  const failure = unwrapFailure(error, typeof cause === 'string' ? cause : JSON.stringify(cause));
  return { error: failure.error, cause: writeSentence('renew-certificates', failure) };
};
/** A failed child as Step Functions shows it to its parent. */
const child = (Error: string, Cause: unknown) => ({
  ExecutionArn: 'arn:aws:states:eu-central-1:000000000000:execution:kubeadm-autopilot-run-on-nodes:x',
  Name: 'x',
  Status: 'FAILED',
  Input: '{"parameters":{"AdminKubeconfigs":"none"}}',
  Error,
  Cause: typeof Cause === 'string' ? Cause : JSON.stringify(Cause),
});
const lambda = (errorType: string, errorMessage: string) => ({
  errorType,
  errorMessage,
  trace: [`${errorType}: ${errorMessage}`, '    at handler (index.js:1:1)'],
});
const node = {
  node: 'cp-2',
  step: 'restart etcd',
  exitCode: 1,
  message: 'renew-certificates failed on cp-2 in "restart etcd": no new container.',
  logTail: 'secret log',
};

test.each<[string, string, unknown, string, string]>([
  [
    'a Lambda refuses',
    'GateRefused',
    lambda('GateRefused', 'cp-1 cannot be restarted.'),
    'GateRefused',
    'cp-1 cannot be restarted.',
  ],
  [
    'a state fails with a sentence',
    'GateRefused',
    'demo is not renewed: frozen.',
    'GateRefused',
    'demo is not renewed: frozen.',
  ],
  [
    'a node step fails in the child',
    'States.TaskFailed',
    child('NodeStepFailed', node),
    'NodeStepFailed',
    node.message,
  ],
  [
    'two machines deep',
    'States.TaskFailed',
    child('States.TaskFailed', child('NodeStepTimedOut', node)),
    'NodeStepTimedOut',
    node.message,
  ],
  [
    'a Lambda fails in the child',
    'States.TaskFailed',
    child('ClusterLocked', lambda('ClusterLocked', 'demo is locked.')),
    'ClusterLocked',
    'demo is locked.',
  ],
  [
    'the message names neither node nor step',
    'NodeStepFailed',
    { ...node, message: 'no answer' },
    'NodeStepFailed',
    'no answer (on cp-2 in "restart etcd").',
  ],
  [
    'no reason',
    'NodeUnreachable',
    '',
    'NodeUnreachable',
    'renew-certificates failed with NodeUnreachable and gave no reason: see "NodeUnreachable" in the runbook.',
  ],
  [
    'time is over',
    'States.Timeout',
    '',
    'States.Timeout',
    'renew-certificates failed with States.Timeout: it took longer than its time limit: see what still runs on the nodes, then start the operation again, it goes on where it stopped.',
  ],
  [
    'the child ran out of time',
    'States.TaskFailed',
    { ExecutionArn: 'a', Name: 'x', Status: 'TIMED_OUT' },
    'States.Timeout',
    'renew-certificates failed with States.Timeout (The nested execution x ran out of time): it took longer than its time limit: see what still runs on the nodes, then start the operation again, it goes on where it stopped.',
  ],
  [
    'the child was stopped',
    'States.TaskFailed',
    { ExecutionArn: 'a', Name: 'x', Status: 'ABORTED' },
    'States.TaskFailed',
    'renew-certificates failed with States.TaskFailed (The nested execution x ended as ABORTED): see "Operation failed" in the runbook and the history of this execution.',
  ],
  [
    'an instance is gone',
    'Ssm.InvalidInstanceIdException',
    'Instances [[i-1]] not in a valid state',
    'Ssm.InvalidInstanceIdException',
    'renew-certificates failed with Ssm.InvalidInstanceIdException (Instances [[i-1]] not in a valid state): SSM does not know one of the nodes: see that it runs and its agent is registered, and start the operation again.',
  ],
  [
    'IAM',
    'Ssm.SsmException',
    'User: arn:x is not authorized to perform: ssm:SendCommand (Service: Ssm, Status Code: 400, AccessDeniedException)',
    'Ssm.SsmException',
    'renew-certificates failed with Ssm.SsmException (User: arn:x is not authorized to perform: ssm:SendCommand (Service: Ssm, Status Code: 400, AccessDeniedException)): deploy the app again, and if it stays look for a policy that denies this call (service control policy, permissions boundary).',
  ],
  [
    'throttled',
    'States.TaskFailed',
    child('Ssm.ThrottlingException', 'Rate exceeded'),
    'Ssm.ThrottlingException',
    'renew-certificates failed with Ssm.ThrottlingException (Rate exceeded): AWS had too much to do: wait a few minutes and start the operation again, it goes on where it stopped.',
  ],
  [
    'a Lambda ran out of time',
    'Sandbox.Timedout',
    lambda('Sandbox.Timedout', 'RequestId: 1 Error: Task timed out after 30.00 seconds'),
    'Sandbox.Timedout',
    'renew-certificates failed with Sandbox.Timedout (RequestId: 1 Error: Task timed out after 30.00 seconds): it took longer than its time limit: see what still runs on the nodes, then start the operation again, it goes on where it stopped.',
  ],
  [
    'a mistake of ours quotes its payload',
    'States.QueryEvaluationError',
    'The JSONata expression failed for {"nodes":[{"name":"cp-1","secret":"0123456789"}],"more":"and more"}',
    'States.QueryEvaluationError',
    'renew-certificates failed with States.QueryEvaluationError (The JSONata expression failed for …): this is a mistake in the app: report it with the history of this execution.',
  ],
  [
    'JSON of a form that nobody knows',
    'Weird',
    { payload: 'x' },
    'Weird',
    'renew-certificates failed with Weird: see "Operation failed" in the runbook and the history of this execution.',
  ],
  [
    'JSON that was cut',
    'States.TaskFailed',
    '{"ExecutionArn":"arn:aws',
    'States.TaskFailed',
    'renew-certificates failed with States.TaskFailed: see "Operation failed" in the runbook and the history of this execution.',
  ],
])('%s', (_name, error, cause, name, sentence) =>
  expect(conclude(error, cause)).toEqual({ error: name, cause: sentence }),
);

test('every user error passes with its own sentence', () => {
  for (const name of USER_ERRORS)
    expect(conclude('States.TaskFailed', child(name, lambda(name, 'One sentence.')))).toEqual({
      error: name,
      cause: 'One sentence.',
    });
});

test('the log of a node is not in the sentence', () =>
  expect(conclude('NodeStepFailed', node).cause).not.toContain('secret log'));

test('whatever the cause, the sentence is one line of at most 1,000 characters, and there is one', () => {
  const text = fc.oneof(fc.string({ maxLength: 5000 }), fc.json(), fc.constantFrom(...USER_ERRORS));
  fc.assert(
    fc.property(text, text, fc.nat(4), (error, cause, depth) => {
      let nested: unknown = cause;
      for (let level = 0; level < depth; level++) nested = child(error, nested);
      const concluded = conclude(error, nested);
      expect(concluded.error.length).toBeGreaterThan(0);
      expect(concluded.cause).toMatch(/^[^\n]+$/);
      expect(concluded.cause.length).toBeLessThanOrEqual(1000);
    }),
  );
});

test.each<[string, string]>([
  ['a bootstrap token', 'abcdef.0123456789abcdef'],
  ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----'],
  ['the beginning of one', '-----BEGIN EC PRIVATE KEY-----\nMIIEpA'],
  ['a certificate key', 'e6a2eb8581237ab72a4f494f30285ec12a9694d750b9785706a83bfcbbbd2204'],
  ['an access key', 'AKIAIOSFODNN7EXAMPLE'],
  ['a service account token', 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl'],
])('%s does not get into a sentence', (_name, secret) => {
  const { cause } = conclude('NodeStepFailed', { ...node, message: `kubeadm said ${secret} on cp-2` });
  expect(cause).not.toContain(secret.slice(0, 20));
  expect(cause).toContain('kubeadm said [');
});

test.each([
  'arn:aws:states:eu-central-1:000000000000:execution:kubeadm-autopilot-renew-certificates:renew-certificates-demo-0123456789abcdef0123',
  '/var/lib/kubeadm-autopilot/backups/2026-11-23T03:00:00Z',
  'apiserver on cp-1 has serial 0A1400005F6E7D8C',
])('what is no secret stays: %s', (text) => expect(redact(text)).toBe(text));
