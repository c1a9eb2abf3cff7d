import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloudAssembly, runApp } from '../helpers/synth';

test('cdk-nag finds nothing that is not acknowledged with a reason', () => {
  const report = JSON.parse(readFileSync(join(cloudAssembly(), 'validation-report.json'), 'utf8')) as {
    pluginReports: unknown[];
  };
  expect(report.pluginReports).toEqual([]);
});

test('the template leaves a tenth of what CloudFormation takes', () => {
  const { size } = statSync(join(cloudAssembly(), 'Autopilot.template.json'));
  expect(size).toBeLessThan(900_000);
});

test('cdk-nag is at work: a queue that takes messages without TLS stops the synthesis', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cdk-nag-'));
  try {
    const { status, output } = runApp({ folder, program: 'test/helpers/app-with-open-queue.ts' });
    expect(status).not.toBe(0);
    expect(output).toContain('AwsSolutions-SQS4');
    expect(output).toContain('Autopilot/Open');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
