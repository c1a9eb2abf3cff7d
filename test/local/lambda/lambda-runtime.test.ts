import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { AccessKeys } from '../../../local/aws/access-keys';
import type { FunctionDefinition } from '../../../local/lambda/function-definition';
import { FunctionRuntime } from '../../../local/lambda/function-runtime';

const folder = mkdtempSync(join(tmpdir(), 'lambda-'));
const runtimes: FunctionRuntime[] = [];
const output: string[] = [];
const accessKeys = new AccessKeys();
const roleArn = 'arn:aws:iam::000000000000:role/fn';

afterAll(async () => {
  await Promise.all(runtimes.map((runtime) => runtime.stop()));
  rmSync(folder, { recursive: true, force: true });
});

/** A function from TypeScript, bundled by esbuild as the app's own are. */
function fn(source: string, more: Partial<FunctionDefinition> & { format?: 'cjs' | 'esm' } = {}): FunctionRuntime {
  const { format = 'cjs', ...definition } = more;
  const codeFolder = mkdtempSync(join(folder, 'code-'));
  buildSync({
    stdin: { contents: source, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format,
    outfile: join(codeFolder, format === 'esm' ? 'index.mjs' : 'index.js'),
  });
  const runtime = new FunctionRuntime(
    {
      name: 'fn',
      arn: 'arn:aws:lambda:eu-central-1:000000000000:function:fn',
      roleArn,
      codeFolder,
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      description: '',
      timeoutSeconds: 10,
      memoryMb: 128,
      environment: { OWN: 'value' },
      ...definition,
    },
    { endpoint: 'http://127.0.0.1:1', accessKeys, onOutput: (name, line) => output.push(`${name}: ${line}`) },
  );
  runtimes.push(runtime);
  return runtime;
}
const invoke = async (runtime: FunctionRuntime, payload: unknown = {}) => {
  const outcome = await runtime.invoke(JSON.stringify(payload));
  return { ...outcome, payload: JSON.parse(outcome.payload) as unknown };
};

test.each(['cjs', 'esm'] as const)('a %s bundle gets the event and its answer goes back', async (format) => {
  const runtime = fn('export const handler = async (event: { n: number }) => ({ twice: event.n * 2 });', { format });
  expect(await invoke(runtime, { n: 21 })).toMatchObject({ payload: { twice: 42 } });
});

test('nothing returned is null', async () => {
  expect((await invoke(fn('export const handler = async () => {};'))).payload).toBeNull();
});

test('it stays warm: module state lives on', async () => {
  const runtime = fn('let calls = 0; export const handler = async () => ++calls;');
  expect([await invoke(runtime), await invoke(runtime), await invoke(runtime)].map(({ payload }) => payload)).toEqual([
    1, 2, 3,
  ]);
});

test('one invocation at a time in each environment; further ones start another', async () => {
  const runtime = fn(`let calls = 0; let busy = 0;
    export const handler = async () => { busy++; await new Promise((r) => setTimeout(r, 300)); return { busy: busy--, call: ++calls }; };`);
  const [a, b] = await Promise.all([invoke(runtime), invoke(runtime)]);
  expect([a!.payload, b!.payload]).toEqual([
    { busy: 1, call: 1 },
    { busy: 1, call: 1 },
  ]);
  expect((await invoke(runtime)).payload).toMatchObject({ call: 2 });
});

test('reserved concurrency is enforced', async () => {
  const runtime = fn('export const handler = () => new Promise((r) => setTimeout(r, 300));', {
    reservedConcurrency: 1,
  });
  const first = runtime.invoke('{}');
  await expect(runtime.invoke('{}')).rejects.toMatchObject({ name: 'TooManyRequestsException' });
  await first;
});

test('what it throws comes back as Lambda words it', async () => {
  const runtime = fn(`class InvalidInput extends Error { override name = 'InvalidInput'; }
    export const handler = async () => { throw new InvalidInput('got -1, expected more'); };`);
  const outcome = await invoke(runtime);
  expect(outcome).toMatchObject({
    functionError: 'Unhandled',
    payload: {
      errorType: 'InvalidInput',
      errorMessage: 'got -1, expected more',
      trace: expect.arrayContaining(['InvalidInput: got -1, expected more']),
    },
  });
  expect(await invoke(fn("export const handler = async () => { throw 'text'; };"))).toMatchObject({
    payload: { errorType: 'string', errorMessage: 'text', trace: [] },
  });
});

test.each([
  ['asynchronously', 'export const handler = () => new Promise(() => setInterval(() => {}, 1000));'],
  ['in a busy loop', 'export const handler = async () => { for (;;); };'],
])('its time limit is real, %s, and the next invocation starts anew', async (_how, source) => {
  const runtime = fn(
    `let calls = 0; const hang = ${source.replace('export const handler =', '')}
    export const handler = async (event: { hang: boolean }) => (calls++, event.hang ? (hang as () => unknown)() : calls);`,
    { timeoutSeconds: 1 },
  );
  expect((await invoke(runtime, { hang: false })).payload).toBe(1);
  const outcome = await invoke(runtime, { hang: true });
  expect(outcome).toMatchObject({
    functionError: 'Unhandled',
    payload: {
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${outcome.requestId} Error: Task timed out after 1.00 seconds`,
    },
  });
  expect((await invoke(runtime, { hang: false })).payload).toBe(1);
});

test.each<[string, string, object]>([
  [
    'process.exit',
    'export const handler = async () => process.exit(3);',
    { errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited with error: exit status 3' },
  ],
  [
    'an error outside the handler',
    "export const handler = () => new Promise(() => setTimeout(() => { throw new TypeError('late'); }, 10));",
    { errorType: 'TypeError', errorMessage: 'late' },
  ],
  [
    'an error while loading',
    "throw new RangeError('at start'); export const handler = 1;",
    { errorType: 'RangeError', errorMessage: 'at start' },
  ],
  [
    'no such handler',
    'export const other = 1;',
    { errorType: 'Runtime.HandlerNotFound', errorMessage: 'index.handler is undefined or not exported' },
  ],
  [
    'too large an answer',
    "export const handler = async () => 'x'.repeat(6291556);",
    { errorType: 'Function.ResponseSizeTooLarge' },
  ],
])('%s ends the invocation with an error and leaves the function usable', async (_what, source, error) => {
  const runtime = fn(source);
  expect(await invoke(runtime)).toMatchObject({ functionError: 'Unhandled', payload: error });
  expect(await invoke(runtime)).toMatchObject({ functionError: 'Unhandled', payload: error });
});

test('no such file', async () => {
  expect(await invoke(fn('export const handler = 1;', { handler: 'other.handler' }))).toMatchObject({
    payload: { errorType: 'Runtime.ImportModuleError', errorMessage: "Error: Cannot find module 'other'" },
  });
});

test("its environment is Lambda's and its own, nothing of this process", async () => {
  process.env['SECRET_OF_THIS_PROCESS'] = 'x';
  const { payload } = await invoke(fn('export const handler = async () => ({ ...process.env });'));
  delete process.env['SECRET_OF_THIS_PROCESS'];
  expect(payload).toMatchObject({
    OWN: 'value',
    PATH: process.env['PATH'],
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_LAMBDA_FUNCTION_NAME: 'fn',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
  });
  expect(payload).not.toHaveProperty('SECRET_OF_THIS_PROCESS');
  expect(payload).not.toHaveProperty('HOME');
  const { AWS_ACCESS_KEY_ID: key, AWS_SESSION_TOKEN: token } = payload as Record<string, string>;
  const credential = `${key}/20260101/eu-central-1/ssm/aws4_request`;
  expect(accessKeys.callerOf(credential, token, 'issued')).toEqual({ principal: roleArn, session: 'fn' });
});

test('the context object', async () => {
  const source = `export const handler = async (_event: unknown, context: any) =>
    ({ ...context, left: context.getRemainingTimeInMillis() });`;
  const outcome = await invoke(fn(source));
  expect(outcome.payload).toMatchObject({
    awsRequestId: outcome.requestId,
    functionName: 'fn',
    memoryLimitInMB: '128',
    invokedFunctionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:fn',
  });
  const { left } = outcome.payload as { left: number };
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(10_000);
});

test('what it prints is handed on by line', async () => {
  await invoke(
    fn("export const handler = async () => { console.log('one\\ntwo'); console.error('three'); };", {
      name: 'printer',
    }),
  );
  const printed = () => output.filter((line) => line.startsWith('printer'));
  for (let looks = 0; looks < 600 && printed().length < 3; looks++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(printed().sort()).toEqual(['printer: one', 'printer: three', 'printer: two']);
});

test('after stop it takes nothing more, and what runs ends', async () => {
  const runtime = fn('export const handler = () => new Promise(() => setInterval(() => {}, 1000));');
  const running = invoke(runtime);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await runtime.stop();
  expect(await running).toMatchObject({ functionError: 'Unhandled', payload: { errorType: 'Runtime.ExitError' } });
  await expect(runtime.invoke('{}')).rejects.toThrow('stopping');
});
