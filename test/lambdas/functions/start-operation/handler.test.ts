import type { handler as Handler } from '../../../../lambdas/functions/start-operation/handler';
import fc from '../../../helpers/property';
import { executionName } from '../../../../lambdas/domain/operations';
import { AwsServer } from '../../helpers/aws-server';

const aws = new AwsServer();
let handler: typeof Handler;
const MACHINE = 'arn:aws:states:eu-central-1:000000000000:stateMachine:kubeadm-autopilot-check-certificates';
beforeAll(async () => {
  await aws.start();
  process.env.APPROVALS_TABLE = 'approvals';
  process.env.STATE_MACHINES = JSON.stringify({ 'check-certificates': MACHINE });
  ({ handler } = await import('../../../../lambdas/functions/start-operation/handler'));
});
afterAll(() => aws.stop());

const payload = {
  operation: 'check-certificates',
  cluster: 'demo',
  trigger: { source: 'schedule', id: '2026-11-23T03:00:00Z' },
};
const EXECUTION = (name: string) => `${MACHINE.replace(':stateMachine:', ':execution:')}:${name}`;

test('starts the operation under a name from its trigger', async () => {
  aws.answer({
    StartExecution: ({ input }) => ({ body: { executionArn: EXECUTION(String(input.name)), startDate: 1 } }),
  });
  const started = await handler(payload);
  const [call] = aws.callsOf('StartExecution');
  expect(call).toMatchObject({
    stateMachineArn: MACHINE,
    name: expect.stringMatching(/^check-certificates-demo-[0-9a-f]{20}$/),
  });
  expect(call?.input).toBe('{"cluster":"demo","trigger":{"id":"2026-11-23T03:00:00Z","source":"schedule"}}');
  expect(started).toEqual({ executionArn: EXECUTION(String(call?.name)), started: true, status: 'RUNNING' });
});

test.each<[string, object]>([
  ['without its input', {}],
  [
    'with the same input',
    { input: '{"trigger": {"source": "schedule", "id": "2026-11-23T03:00:00Z"}, "cluster": "demo"}' },
  ],
])(
  'the same trigger delivered again answers with the execution that there is, described %s',
  async (_how, described) => {
    aws.answer({
      StartExecution: { code: 'ExecutionAlreadyExists' },
      DescribeExecution: { body: { executionArn: 'x', status: 'SUCCEEDED', startDate: 1, ...described } },
    });
    const answer = await handler(payload);
    const expected = EXECUTION(executionName('check-certificates', 'demo', payload.trigger));
    expect(answer).toEqual({ executionArn: expected, started: false, status: 'SUCCEEDED' });
    expect(aws.callsOf('DescribeExecution')).toEqual([{ executionArn: expected }]);
  },
);

test("options become part of the execution's input", async () => {
  aws.answer({ StartExecution: { body: { executionArn: EXECUTION('x'), startDate: 1 } } });
  await handler({ ...payload, options: { thresholdDays: 90, planOnly: true } });
  expect(aws.callsOf('StartExecution')[0]?.input).toBe(
    '{"cluster":"demo","planOnly":true,"thresholdDays":90,"trigger":{"id":"2026-11-23T03:00:00Z","source":"schedule"}}',
  );
});

test('the same trigger with other options is refused, and names the input that it came with before', async () => {
  const input = '{"cluster":"demo","trigger":{"id":"2026-11-23T03:00:00Z","source":"schedule"}}';
  aws.answer({
    StartExecution: { code: 'ExecutionAlreadyExists' },
    DescribeExecution: { body: { executionArn: 'x', status: 'RUNNING', startDate: 1, input } },
  });
  await expect(handler({ ...payload, options: { thresholdDays: 90 } })).rejects.toMatchObject({
    name: 'InvalidInput',
    message: `The trigger schedule/2026-11-23T03:00:00Z has already started check-certificates of demo with the input ${input}, and one trigger cannot start it with other options ({"thresholdDays":90}): start it with another trigger id.`,
  });
});

const FIELDS = 'expected fields of check-certificates: planOnly, thresholdDays, renew: correct what sends them.';
test.each<[string, object, string]>([
  ['a wrong value', { thresholdDays: -1 }, `thresholdDays is -1, must be 0 or more days; ${FIELDS}`],
  ['an unknown option', { machine: 'cp-1' }, `unknown field "machine"; ${FIELDS}`],
  [
    'an option of another operation',
    { force: true },
    `unknown field "force"; "force" is a field of renew-certificates; ${FIELDS}`,
  ],
  ['another cluster', { cluster: 'prod' }, `unknown field "cluster"; ${FIELDS}`],
])('refuses %s before anything starts', async (_name, options, message) => {
  aws.answer({});
  await expect(handler({ ...payload, options })).rejects.toMatchObject({
    name: 'InvalidInput',
    message: `The options are not valid: ${message}`,
  });
  expect(aws.calls).toEqual([]);
});

test.each<[string, object, string]>([
  ['an unknown operation', { ...payload, operation: 'downgrade' }, 'operation is "downgrade"'],
  [
    'a cluster name that is none',
    { ...payload, cluster: 'Demo!' },
    'cluster is "Demo!", must be 1 to 32 lower-case letters',
  ],
  ['no trigger', { operation: payload.operation, cluster: 'demo' }, 'trigger is missing'],
])('refuses %s', async (_name, input, message) => {
  aws.answer({});
  await expect(handler(input)).rejects.toMatchObject({
    name: 'InvalidInput',
    message: expect.stringContaining(`The trigger is not valid: ${message}`),
  });
  expect(aws.calls).toEqual([]);
});

test('names fit into 80 characters, differ by trigger and stay the same for one', () => {
  const trigger = fc.record({ source: fc.string({ maxLength: 40 }), id: fc.string({ minLength: 1, maxLength: 256 }) });
  fc.assert(
    fc.property(trigger, trigger, (one, other) => {
      const name = (from: typeof one) => executionName('renew-certificates', 'a'.repeat(32), from);
      expect(name(one)).toMatch(/^[0-9A-Za-z_-]{1,80}$/);
      expect(name({ ...one })).toBe(name(one));
      fc.pre(`${one.source}:${one.id}` !== `${other.source}:${other.id}`);
      expect(name(one)).not.toBe(name(other));
    }),
  );
});
