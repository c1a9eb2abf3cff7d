import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { operationReport } from '../lambdas/contracts/operation-report';
import { renderHtml } from '../lambdas/domain/report/render-html';

const read = (name: string) => readFileSync(join(__dirname, '../docs', name), 'utf8');
const report = operationReport.parse(JSON.parse(read('example-report.json')));

test('docs/example-report.html is what reports look like: npm run example-report writes it', () => {
  expect(read('example-report.html')).toBe(renderHtml(report, new Date(report.endedAt!)));
});

test('it shows everything that a report can have', () => {
  expect(report).toMatchObject({
    status: 'SUCCEEDED',
    approval: { requester: { person: 'alice' }, approvers: [{ person: 'bob' }] },
    cost: { complete: true, planned: expect.anything() },
  });
  for (const part of [report.steps, report.evictions, report.changes]) expect(part).not.toEqual([]);
  expect(report.steps).toContainEqual(
    expect.objectContaining({
      nodeStep: 'upgrade-kubelet',
      commandId: expect.any(String),
      nodes: [{ name: 'worker-1', state: 'succeeded' }],
    }),
  );
  expect(report.cost!.stateTransitions).toBeLessThanOrEqual(report.cost!.planned!.stateTransitions);
});
