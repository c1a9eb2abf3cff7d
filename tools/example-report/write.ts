import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OperationReport } from '../../lambdas/contracts/operation-report';
import { renderHtml } from '../../lambdas/domain/report/render-html';
import { chromium, Page } from '../../test/helpers/chromium';
import { runExample } from './run';

const path = (extension: string) => join(__dirname, `../../docs/example-report.${extension}`);

/** Writes docs/example-report.json, .html and, where there is Chromium, .png: `npm run example-report`. */
async function main(): Promise<void> {
  const report: OperationReport = await runExample();
  writeFileSync(path('json'), `${JSON.stringify(report, undefined, 1)}\n`);
  writeFileSync(path('html'), renderHtml(report, new Date(report.endedAt!)));
  const program = chromium();
  if (program === undefined) return console.log('docs/example-report.png is as it was: there is no chromium here.');
  const page = await Page.open(program);
  try {
    await page.show(pathToFileURL(path('html')).href, 1000, 900);
    const { data } = await page.call('Page.captureScreenshot', { format: 'png' });
    writeFileSync(path('png'), Buffer.from(data, 'base64'));
  } finally {
    await page.close();
  }
}

void main();
