import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const PROJECT = join(__dirname, '../..');
const FOLDERS = ['scripts', 'kubeadm', 'lab', 'operations', 'lambdas'];

/** The rows of the table that has tests in its last column. */
const rows = readFileSync(join(PROJECT, 'docs/clusters-of-others.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.includes('"'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, state, , tests]) => ({
    state: state!,
    tests: [...tests!.matchAll(/"([^"]+)"/g)].map((match) => match[1]!),
  }));

const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(PROJECT, 'test', folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(bats|test\.ts|kubeadm\.ts|lab\.ts)$/.test(name))
    .map((name) => readFileSync(join(PROJECT, 'test', folder, name), 'utf8')),
);
/** Names of tests begin a line of their own: after @test, test( or describe(, or as the first cell of a table's row. */
const names = files.join('\n').replace(/\\'/g, "'");

test('the table has rows', () => expect(rows.length).toBeGreaterThan(17));

test.each(rows)('$state: its tests are there, by the beginning of their names', ({ tests }) => {
  expect(tests.filter((name) => !['"', "'", '`'].some((quote) => names.includes(quote + name)))).toEqual([]);
});
