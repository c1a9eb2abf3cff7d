import { readdirSync } from 'node:fs';
import { SCENARIOS, chooseScenarios, isClusterOf } from './scenarios';
import { closingLines, failureOf, isToBeRunAgain, verdictOf } from './verdict';
import type { Attempt } from './verdict';

const names = (...args: string[]) => chooseScenarios(args).scenarios.map(({ name }) => name);

describe('which scenarios are run', () => {
  test('the list has every file of this folder, and nothing else', () => {
    const files = readdirSync(__dirname).flatMap((file) => /^(.*)\.lab\.ts$/.exec(file)?.[1] ?? []);
    expect(SCENARIOS.map(({ name }) => name).sort()).toEqual(files.sort());
  });

  test('without arguments the small ones, with --all every one, or those that are named', () => {
    expect(names()).toEqual(['operations', 'upgrade', 'create', 'reconfigure', 'packages', 'reboot']);
    expect(names('--all')).toEqual(SCENARIOS.map(({ name }) => name));
    expect(names('reboot', 'dead')).toEqual(['dead', 'reboot']);
  });

  test('options of Jest come after them', () => {
    expect(chooseScenarios(['killed', '-t', 'killed when'])).toMatchObject({
      scenarios: [{ name: 'killed' }],
      jestOptions: ['-t', 'killed when'],
    });
    expect(chooseScenarios(['--all', '--ci']).jestOptions).toEqual(['--ci']);
  });

  test.each([
    [['nothing'], /^There is no scenario "nothing": expected --all or some of upgrade-ha, .*, reboot\.$/],
    [['dead', '--all'], /^Expected --all or names of scenarios, got both: dead --all\.$/],
  ])('%j is refused in one sentence', (args, sentence) => {
    expect(() => chooseScenarios(args)).toThrow(sentence);
  });
});

test('a cluster is of the scenario whose name it begins with, of the longest of several', () => {
  const owners = (cluster: string) =>
    SCENARIOS.filter(({ name }) => isClusterOf(name, cluster)).map(({ name }) => name);
  expect(['upgrade', 'upgrade-ha', 'upgrade-ha-2', 'upgrade-2', 'upgrades', 'side-by-side-one'].map(owners)).toEqual([
    ...[['upgrade'], ['upgrade-ha'], ['upgrade-ha'], ['upgrade'], [], ['side-by-side']],
  ]);
});

describe('what becomes of a scenario', () => {
  const passed: Attempt = { seconds: 60.4 };
  const failed: Attempt = { seconds: 30, failure: 'the road: expected 0, got 1' };
  const failedAgain: Attempt = { seconds: 31, failure: 'another one' };

  test.each([
    ['passes', [passed], 'PASSED', false],
    ['fails', [failed], 'FAILED', true],
    ['fails and passes', [failed, passed], 'FLAKY', false],
    ['fails twice', [failed, failedAgain], 'FAILED', false],
    ['is never run', [], 'FAILED', false],
  ])('that %s', (_, attempts, verdict, again) => {
    expect([verdictOf(attempts), isToBeRunAgain(attempts)]).toEqual([verdict, again]);
  });

  test('the closing lines name each, the first failure in one line', () => {
    const results = new Map([
      ['dead', [failed, failedAgain]],
      ['killed', [failed, passed]],
      ['reboot', [passed]],
      ['faults', []],
    ]);
    expect(closingLines(results)).toEqual([
      'PASSED: reboot, 60 s',
      'FLAKY: killed (the road: expected 0, got 1)',
      'FAILED: dead (the road: expected 0, got 1)',
      'FAILED: faults (it was not run)',
    ]);
  });
});

describe('what failed first', () => {
  const test1 = { status: 'passed', fullName: 'a b', failureMessages: [] as string[] };
  const test2 = {
    status: 'failed',
    fullName: 'a c',
    failureMessages: ['Error: \x1b[31mexpected\x1b[39m\n\n  0\n    at one (file.ts:1)\n    at two (file.ts:2)'],
  };
  const result = (assertionResults: (typeof test1)[], message = '') => ({
    success: false,
    testResults: [{ assertionResults, message }],
  });

  test('nothing, when all is well', () => {
    expect(failureOf(0, { ...result([test1]), success: true })).toBeUndefined();
  });
  test('a test: its name and its message, without colours and places, in one line', () => {
    expect(failureOf(1, result([test1, test2]))).toBe('a c: Error: expected 0');
  });
  test('no test, but the file', () => {
    expect(failureOf(1, result([test1], '  ● Test suite failed\n\n    traces'))).toBe('● Test suite failed traces');
  });
  test('nothing that could be read', () => {
    expect(failureOf(1, { success: false, testResults: [] })).toBe('Jest ran no test');
  });
  test('no test: none has the name that was asked for', () => {
    const skipped = { ...test1, status: 'pending' };
    expect(failureOf(0, { ...result([skipped, skipped]), success: true })).toBe('Jest ran no test');
  });
  test.each([
    [1, 'no test failed, and Jest ended with 1'],
    ['SIGKILL', 'no test failed, and Jest ended with SIGKILL'],
  ] as const)('all passed, and Jest ended with %s', (end, failure) => {
    expect(failureOf(end, { ...result([test1]), success: true })).toBe(failure);
  });
  test('Jest says so, and no test does', () => {
    expect(failureOf(1, result([test1]))).toBe('Jest says that it failed, and not why');
  });
  test.each([
    [1, 'Jest ended with 1 and wrote no result'],
    [0, 'Jest ended with 0 and wrote no result'],
    ['SIGSEGV', 'Jest ended with SIGSEGV and wrote no result'],
    [new Error('spawn setpriv ENOENT'), 'Jest could not be started: spawn setpriv ENOENT'],
  ] as const)('Jest itself (%s)', (end, failure) => {
    expect(failureOf(end, undefined)).toBe(failure);
  });
  test('a long message is cut', () => {
    const long = { ...test2, failureMessages: ['word '.repeat(200)] };
    expect(failureOf(1, result([long]))).toMatch(/^a c: word .{200,240} \.\.\.$/);
  });
});
