import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PROJECT = join(__dirname, '../..');
const BATS = join(PROJECT, 'node_modules/bats/bin/bats');
/** The longest file takes two minutes here; a machine that is busy or slow takes several times that. */
const LIMIT_MS = 1_200_000;

/** One Jest test for each test of the .bats file at this absolute path; bats runs them all at once, before the first. */
export function runBats(path: string): void {
  const names = Array.from(readFileSync(path, 'utf8').matchAll(/^@test (['"])(.*)\1 \{$/gm), (match) => match[2]!);
  let outcomes: string[] = [];
  let ended = '';

  beforeAll(() => {
    const args = ['--formatter', 'tap', '--print-output-on-failure', path];
    const { status, stdout, stderr, error } = spawnSync(BATS, args, {
      cwd: PROJECT,
      encoding: 'utf8',
      timeout: LIMIT_MS,
    });
    outcomes = stdout.split(/^(?=ok |not ok )/m).filter((outcome) => /^(ok|not ok) \d/.test(outcome));
    ended = `bats ended with ${status}${error ? ` (${error.message})` : ''}: ${stdout}${stderr}`;
  }, LIMIT_MS + 10_000);

  test.each(names.map((name, index) => ({ name, number: index + 1 })))('$name', ({ name, number }) => {
    const outcome = outcomes.find((text) => new RegExp(`^(ok|not ok) ${number} `).test(text)) ?? ended;
    if (outcome.trim() !== `ok ${number} ${name}`) throw new Error(outcome);
  });

  // What bats found and Jest does not know of, and what failed outside of a test.
  test('is all that there is', () =>
    expect([outcomes.length, ended]).toEqual([names.length, expect.stringMatching(/^bats ended with 0: /)]));
}
