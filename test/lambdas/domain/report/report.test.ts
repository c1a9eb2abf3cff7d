import type { OperationDetails, OperationProgress, ProgressStep } from '../../../../lambdas/contracts/api/operations';
import { operationReport } from '../../../../lambdas/contracts/operation-report';
import { buildReport } from '../../../../lambdas/domain/report/build-report';
import { renderHtml } from '../../../../lambdas/domain/report/render-html';
import { drawTimeline, lanesOf } from '../../../../lambdas/domain/report/timeline';

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 29, 3, 0, seconds)).toISOString();
const step = (name: string, from: number, to: number | undefined, ...nodes: string[]): ProgressStep => ({
  name,
  state: to === undefined ? 'running' : 'succeeded',
  startedAt: at(from),
  ...(to !== undefined && { endedAt: at(to) }),
  nodes: nodes.map((node) => ({ name: node, state: to === undefined ? 'running' : 'succeeded' })),
});
const HOSTILE = '<img src=x onerror=alert(1)>"\u202e';
const COMMAND = '0f9a2b1c-1234-4123-8123-0123456789ab';
const steps = [
  step('Plan the renewal', 0, 10),
  { ...step('Renew', 10, 60, 'cp-2'), commandId: COMMAND },
  step('Renew', 60, 100, HOSTILE),
];

const details: OperationDetails = {
  ...{ id: 'renew-certificates.one', operation: 'renew-certificates', cluster: 'prod', status: 'SUCCEEDED' },
  ...{
    startedAt: at(0),
    endedAt: at(100),
    planOnly: false,
    requester: { source: 'api', who: 'arn:aws:iam::1:user/al' },
  },
  ...{ input: { cluster: 'prod' }, current: [], executionArn: 'arn:one' },
  output: {
    summary: `Renewed. ${HOSTILE}`,
    approval: {
      ...{ state: 'approved', digest: 'd', requester: { source: 'api', person: 'al' } },
      approvers: [{ person: 'bo', who: 'arn:aws:iam::000000000000:user/bo', at: at(5) }],
    },
    rows: [
      {
        ...{ node: 'cp-2', certificate: 'apiserver' },
        ...{ before: { serial: '0A', notAfter: '2026-12-01T00:00:00Z' }, after: { serial: '0B' } },
      },
      { ...{ node: 'w-1', role: 'worker', before: '1.36.3', after: '1.37.2', outcome: 'upgraded', seconds: {} } },
      { something: 'else' },
    ],
    components: [
      { node: 'cp-2', component: 'etcd', before: '3.6.12', after: '3.7.0' },
      { component: 'kube-proxy', after: '1.37.2' },
    ],
    certificates: [{ node: 'cp-2', certificate: 'etcd-server', before: {}, after: { serial: '0C' } }],
  },
};
const progress: OperationProgress = { operation: details, steps };

test('a report has who asked and approved, and what changed on each node', () => {
  const report = buildReport(details, progress);
  expect(operationReport.parse(report)).toEqual(report);
  expect(report.changes).toEqual([
    { node: 'cp-2', what: 'apiserver', before: '0A, until 2026-12-01', after: '0B' },
    { node: 'w-1', what: 'kubelet (upgraded)', before: '1.36.3', after: '1.37.2' },
    { node: 'cp-2', what: 'etcd', before: '3.6.12', after: '3.7.0' },
    { node: 'cluster', what: 'kube-proxy', before: '-', after: '1.37.2' },
    { node: 'cp-2', what: 'etcd-server', before: '-', after: '0C' },
  ]);
  const html = renderHtml(report, new Date(at(200)));
  expect(html).toContain(`<td>${COMMAND}</td>`);
  expect(html).toContain('<dt>Asked by</dt><dd>al</dd>');
  expect(html).toContain('<dt>Approved by</dt><dd>bo (user/bo, 2026-11-29 03:00 UTC)</dd>');
});

test('the steps of nested executions, evictions by node, and what it cost', () => {
  const drain = (from: number, pods: number) => ({
    ...step('Drain', from, from + 5, 'cp-1'),
    evicted: { node: 'w-1', pods },
  });
  const used = { stateTransitions: 1000, lambdaInvocations: 10, lambdaSeconds: 2 };
  const report = buildReport(details, progress, { steps: [drain(20, 3), drain(30, 1)], used, complete: false });
  expect(operationReport.parse(report)).toEqual(report);
  expect(report.steps.map(({ name }) => name)).toEqual(['Plan the renewal', 'Renew', 'Drain', 'Drain', 'Renew']);
  expect(report.evictions).toEqual([{ node: 'w-1', pods: 4 }]);
  expect(report.cost).toEqual({ ...used, dollars: 0.025, complete: false });
  const html = renderHtml(report, new Date(at(200)));
  expect(html).toContain('<td>counted, at least</td><td>1000</td><td>10 calls, 2 s</td><td>0.0250</td>');
  expect(html).toContain('<td>w-1</td><td>4</td>');
  expect(html).not.toContain('planned, at most');
});

test('what nodes say is text: no markup, no script, nothing from elsewhere', () => {
  const html = renderHtml(buildReport(details, progress), new Date(at(200)));
  expect(html).not.toContain('<img');
  expect(html).not.toContain('\u202e');
  expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;');
  expect(html).not.toMatch(/<script|<link|\bhref=|\bsrc="|url\(/);
});

test('an operation that failed at once, with no output and no steps, has a page too', () => {
  const { output: _, ...failed } = {
    ...details,
    status: 'FAILED' as const,
    error: 'ClusterLocked',
    cause: 'It is locked.',
  };
  const html = renderHtml(buildReport(failed, { ...progress, steps: [] }), new Date(at(200)));
  expect(html).toContain('<p>It is locked.</p>');
  expect(html).toContain('<dt>Error</dt><dd>ClusterLocked</dd>');
});

test('lanes: the operation, then its nodes by name', () => {
  const of = [step('Look', 0, 5, 'cp-2', 'cp-1'), step('Plan', 5, 6), step('Renew', 6, 9, 'cp-1')];
  expect(lanesOf(of).map(({ name, steps: in_ }) => [name, in_.map((one) => one.name)])).toEqual([
    ['operation', ['Plan']],
    ['cp-1', ['Look', 'Renew']],
    ['cp-2', ['Look']],
  ]);
});

test.each<[string, ProgressStep, [number, number]]>([
  ['the whole time', step('Do', 0, 100), [190, 810]],
  ['the second half', step('Do', 50, 100), [595, 405]],
  ['no time, at the end', step('Do', 100, 100), [997, 3]],
  ['what still runs', step('Do', 75, undefined), [797.5, 202.5]],
])('a bar for %s', (_, one, [x, width]) => {
  expect(drawTimeline([one], at(0), at(100))).toContain(`x="${x}" y="5" width="${width}"`);
});
