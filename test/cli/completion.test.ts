import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiClient } from '../../cli/api/client';
import { EXIT } from '../../cli/exit';
import type { Io } from '../../cli/io';
import { DAY, World } from '../operations/helpers/world';
import { apiOf } from '../helpers/api';
import { cliOf } from '../helpers/cli';

let world: World;
let api: ApiClient;
let autopilot: ReturnType<typeof cliOf>;
beforeAll(async () => {
  world = await World.startScripted();
  api = await apiOf(world);
  autopilot = cliOf(world, api);
  world.scriptedCluster('demo');
  world.scriptedCluster('well', { leafSeconds: 100 * DAY });
  world.scriptedCluster('weak');
  await autopilot('check well --yes');
});
afterAll(() => world.stop());

let printed: string[];
beforeEach(() => {
  printed = [];
  jest.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(...text.split('\n')));
});
afterEach(() => jest.restoreAllMocks());
/** What a shell is offered for the last of these words. */
async function offered(words: string[], more: Partial<Io> = {}) {
  printed = [];
  const said = await autopilot(['complete', '--', ...words], more);
  expect(said).toMatchObject({ code: EXIT.done, out: '', note: '' });
  return printed.filter((line) => line.includes('\t')).map((line) => line.split('\t')[0]);
}

test('names of clusters, where a command wants one', async () => {
  expect(await offered(['status', ''])).toEqual(expect.arrayContaining(['demo', 'well']));
  expect(await offered(['status', 'we'])).toEqual(['weak', 'well']);
  expect(await offered(['plan', 'renew', 'dem'])).toEqual(['demo']);
  expect(await offered(['plan', 'renew-certificates', 'dem'])).toEqual(['demo']);
  expect(await offered(['upgrade', '--yes', 'dem'])).toEqual(['demo']);
  expect(await offered(['status', 'demo', ''])).toEqual([]);
});

test('ids of operations: of all for report, of those that run for stop', async () => {
  const { operations } = await api.call('listOperations');
  expect(await offered(['report', ''])).toContain(operations[0]!.id);
  expect(await offered(['stop', ''])).toEqual([]);
});

test('commands without a request; nothing, and no sentence, where the API is out of reach', async () => {
  const connect = () => Promise.reject(new Error('nobody is there'));
  expect(await offered(['unf'], { connect })).toEqual(['unfreeze']);
  expect(await offered(['status', ''], { connect })).toEqual([]);
});

const CHECKS: Record<string, string[]> = { bash: ['-n'], zsh: ['-n'], fish: ['--no-execute'] };
test.each(Object.entries(CHECKS))('%s takes the script that is made for it', async (shell, check) => {
  const { out } = await autopilot(['completion', shell]);
  // What bash-completion would bring comes first, for where that is not installed.
  expect(out).toMatch(shell === 'bash' ? /^declare -F _get_comp_words_by_ref/ : /^$/);
  const script = [out, ...printed].join('\n');
  expect(script).toContain('autopilot');
  if (spawnSync(shell, ['-c', 'exit 0']).error) return void console.warn(`${shell} is not installed here: not checked`);
  const file = join(mkdtempSync(join(tmpdir(), 'completion-')), shell);
  writeFileSync(file, script);
  expect(spawnSync(shell, [...check, file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  writeFileSync(file, 'if true; then {');
  expect(spawnSync(shell, [...check, file]).status).not.toBe(0);
});
