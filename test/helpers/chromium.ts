import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';

/** Debian's, where it is installed. */
export const chromium = (): string | undefined =>
  ['chromium', 'chromium-browser', 'google-chrome'].find((name) => spawnSync(name, ['--version']).status === 0);

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Loose = any;

/** One page in headless Chromium, by its DevTools protocol. */
export class Page {
  /** URLs that were asked for, and what went wrong, as the browser tells it. */
  readonly requests: string[] = [];
  readonly errors: string[] = [];
  private readonly answers = new Map<number, (message: Loose) => void>();
  private readonly waiting = new Map<string, () => void>();
  private last = 0;

  private constructor(
    private readonly socket: WebSocket,
    private readonly end: () => Promise<void>,
  ) {
    socket.on('message', (text: Buffer) => this.hear(JSON.parse(text.toString())));
  }

  static async open(program: string): Promise<Page> {
    const folder = mkdtempSync(join(tmpdir(), 'chromium-'));
    const options = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'];
    const browser = spawn(
      program,
      [...options, '--remote-debugging-port=0', `--user-data-dir=${folder}`, 'about:blank'],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const gone = new Promise<void>((resolve) => browser.once('exit', () => resolve()));
    const end = async () => {
      browser.kill('SIGKILL');
      await gone;
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    };
    let said = '';
    const port = await new Promise<string>((resolve, reject) => {
      browser.stderr.on('data', (text: Buffer) => {
        said += text.toString();
        const found = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(said);
        if (found) resolve(found[1]!);
      });
      void gone.then(() => reject(new Error(`Chromium ended at once: ${said}`)));
    });
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as Loose[];
    const socket = new WebSocket(targets.find(({ type }) => type === 'page').webSocketDebuggerUrl, {
      maxPayload: 2 ** 27,
    });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const page = new Page(socket, end);
    for (const domain of ['Page', 'Network', 'Runtime', 'Log']) await page.call(`${domain}.enable`);
    return page;
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.end();
  }

  /** Loads an address on a screen of this width, as a phone shows it below 500. */
  async show(url: string, width: number, height: number): Promise<void> {
    const mobile = width < 500;
    await this.call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: mobile ? 2 : 1, mobile });
    const loaded = new Promise<void>((resolve) => this.waiting.set('Page.loadEventFired', resolve));
    await this.call('Page.navigate', { url });
    await loaded;
  }

  async evaluate(expression: string): Promise<Loose> {
    const { result, exceptionDetails } = await this.call('Runtime.evaluate', { expression, returnByValue: true });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  }

  async call(method: string, params: object = {}): Promise<Loose> {
    const id = ++this.last;
    const answer = new Promise<Loose>((resolve) => this.answers.set(id, resolve));
    this.socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await answer;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  private hear({ id, method, params, ...message }: Loose): void {
    this.answers.get(id)?.(message);
    this.waiting.get(method)?.();
    if (method === 'Network.requestWillBeSent') this.requests.push(params.request.url);
    if (method === 'Runtime.exceptionThrown') this.errors.push(JSON.stringify(params.exceptionDetails));
    if (method === 'Runtime.consoleAPICalled' && params.type === 'error') this.errors.push(JSON.stringify(params.args));
    if (method === 'Log.entryAdded' && ['error', 'warning'].includes(params.entry.level))
      this.errors.push(params.entry.text);
  }
}
