import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, Page } from './helpers/chromium';

const program = chromium();
const URL = pathToFileURL(join(__dirname, '../docs/example-report.html')).href;

if (program === undefined) test.skip('the report in a browser: skipped, because there is no chromium here', () => {});
else {
  let page: Page;
  beforeAll(async () => {
    page = await Page.open(program);
  });
  afterAll(() => page?.close());

  test.each([390, 768, 1280])(
    '%i px wide: nothing overflows, nothing is loaded, nothing is complained of',
    async (width) => {
      const before = page.requests.length;
      await page.show(URL, width, 844);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      expect(await page.evaluate('document.querySelector("svg").getBoundingClientRect().height')).toBeGreaterThan(50);
      expect(page.requests.slice(before)).toEqual([URL]);
      expect(page.errors).toEqual([]);
    },
  );

  test('printed it fits on paper', async () => {
    await page.show(URL, 1280, 844);
    const { data } = await page.call('Page.printToPDF', { paperWidth: 8.27, paperHeight: 11.69 });
    const pdf = Buffer.from(data, 'base64');
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)!.length;
    expect(pages).toBeGreaterThan(0);
    expect(pages).toBeLessThan(20);
    await page.call('Emulation.setEmulatedMedia', { media: 'print' });
    // A4 with Chromium's margins, at 96 pixels an inch.
    await page.show(URL, 718, 1047);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(718);
    for (const inner of ['figure', '.wide'])
      expect(
        await page.evaluate(
          `Math.max(...[...document.querySelectorAll('${inner}')].map((one) => one.scrollWidth - one.clientWidth))`,
        ),
      ).toBeLessThanOrEqual(0);
  });
}
