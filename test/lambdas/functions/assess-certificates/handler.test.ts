import type { handler as Assess } from '../../../../lambdas/functions/assess-certificates/handler';
import type { handler as Verify } from '../../../../lambdas/functions/verify-renewal/handler';
import { AwsServer } from '../../helpers/aws-server';
import { config, facts, inDays, instanceId, inventory, options, result } from '../../helpers/samples';

const aws = new AwsServer();
let assess: typeof Assess;
let verify: typeof Verify;
beforeAll(async () => {
  await aws.start();
  process.env.BUS_NAME = 'kubeadm-autopilot';
  ({ handler: assess } = await import('../../../../lambdas/functions/assess-certificates/handler'));
  ({ handler: verify } = await import('../../../../lambdas/functions/verify-renewal/handler'));
});
afterAll(() => aws.stop());

type Entries = { Entries: { Detail: string; DetailType: string }[] }[];
const payload = (nodes: object[]) => ({
  cluster: 'demo',
  config: config(),
  options: options('check-certificates'),
  nodes,
  unreachable: [],
  etcdNodes: [],
});
/** Handlers read the real clock, so ends are told from it. */
const soon = () =>
  inventory('cp-1', {
    certificates: { apiserver: { notAfter: new Date(Date.now() + 10.5 * 86_400_000).toISOString() } },
    days: 100_000,
  });
const put = (call: { input: Record<string, unknown> }) => ({
  body: { FailedEntryCount: 0, Entries: (call.input.Entries as object[]).map((_, index) => ({ EventId: `${index}` })) },
});

test('metrics, one event for each finding, and the report', async () => {
  aws.answer({ PutMetricData: { body: {} }, PutEvents: put });
  const report = await assess(payload([result(1, soon())]));
  expect(report).toMatchObject({
    next: 'renew',
    findings: [{ kind: 'expiring', certificate: 'apiserver' }],
    subject: 'demo: 1 certificate to run out soon; renewal starts',
  });
  const [metrics] = aws.callsOf('PutMetricData');
  expect(metrics?.Namespace).toBe('KubeadmAutopilot');
  expect(metrics?.MetricData).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        MetricName: 'DaysToExpiry',
        Value: 10.5,
        Dimensions: [
          { Name: 'Cluster', Value: 'demo' },
          { Name: 'Certificate', Value: 'apiserver' },
        ],
      }),
      expect.objectContaining({
        MetricName: 'SmallestDaysToExpiry',
        Value: 10.5,
        Dimensions: [{ Name: 'Cluster', Value: 'demo' }],
      }),
      expect.objectContaining({ MetricName: 'NodesNotChecked', Value: 0 }),
    ]),
  );
  const entries = (aws.callsOf('PutEvents') as Entries).flatMap(({ Entries: all }) => all);
  expect(entries).toMatchObject([
    { DetailType: 'Certificate Finding', Source: 'kubeadm-autopilot', EventBusName: 'kubeadm-autopilot' },
  ]);
  expect(JSON.parse(entries[0]?.Detail ?? '')).toMatchObject({
    cluster: 'demo',
    kind: 'expiring',
    node: 'cp-1',
    certificate: 'apiserver',
    renewable: true,
  });
});

test('events go in tens, and those that EventBridge refuses go again', async () => {
  aws.answer({
    PutMetricData: { body: {} },
    PutEvents: (call, earlier) => {
      const entries = call.input.Entries as object[];
      return earlier.length > 0
        ? put(call)
        : {
            body: {
              FailedEntryCount: 1,
              Entries: entries.map((_, index) =>
                index === 3 ? { ErrorCode: 'ThrottlingException' } : { EventId: `${index}` },
              ),
            },
          };
    },
  });
  await assess(payload([result(1, inventory('cp-1', { days: -100_000 }))]));
  const sizes = (aws.callsOf('PutEvents') as Entries).map(({ Entries: all }) => all.length);
  expect(sizes).toEqual([10, 3, 1]);
});

test('events that EventBridge refuses for good are an error', async () => {
  aws.answer({
    PutMetricData: { body: {} },
    PutEvents: { body: { FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure', ErrorMessage: 'no' }] } },
  });
  await expect(assess(payload([result(1, soon())]))).rejects.toThrow(
    'EventBridge refused 1 of 1 events on kubeadm-autopilot: InternalFailure no.',
  );
  expect(aws.callsOf('PutEvents')).toHaveLength(3);
});

test('metrics that CloudWatch refuses cost neither findings nor report', async () => {
  aws.answer({ PutMetricData: { code: 'InvalidParameterValue', message: 'no' }, PutEvents: put });
  await expect(assess(payload([result(1, soon())]))).resolves.toMatchObject({ next: 'renew' });
  expect(aws.callsOf('PutEvents')).toHaveLength(1);
  expect(aws.calls.map(({ action }) => action)).toEqual(['PutEvents', 'PutMetricData']);
});

test('nothing to tell: metrics, and no event', async () => {
  aws.answer({ PutMetricData: { body: {} } });
  await expect(
    assess(
      payload([result(1, inventory('cp-1', { days: 100_000, certificates: { ca: { notAfter: inDays(90_000) } } }))]),
    ),
  ).resolves.toMatchObject({ next: 'none' });
});

test('verify-renewal puts the metrics anew', async () => {
  aws.answer({ PutMetricData: { body: {} } });
  const step = {
    ...{ instanceId: instanceId(1), name: 'cp-1', action: 'renew certificates', why: '' },
    predictedSeconds: 15,
  };
  const plan = {
    ...{ operation: 'renew-certificates', cluster: 'demo', kind: 'renewal', decision: 'act', summary: '' },
    ...{ steps: [step], gates: [], predictedSeconds: 15, digest: '' },
  };
  const before = [result(1, facts(1, [true], { inventory: inventory('cp-1') }))];
  const after = [result(1, facts(1, [true], { inventory: inventory('cp-1', { days: 100_000, generation: 2 }) }))];
  await expect(verify({ cluster: 'demo', config: config(), plan, before, after, answers: [] })).resolves.toMatchObject({
    renewedNodes: ['cp-1'],
  });
  expect(aws.callsOf('PutMetricData')).toHaveLength(1);
});
