import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

const FALLBACK = join(__dirname, '../../../../local/nodes/simulated/stand-ins/fallback');
const REAL = ['/usr/bin', '/bin'].find(
  (folder) => existsSync(join(folder, 'flock')) && existsSync(join(folder, 'timeout')),
);
/** On macOS there is nothing to compare with: the fallbacks are what is used. */
const describeWithReal = REAL ? describe : describe.skip;

/** flock and timeout for hosts that have none, and those of this machine: the same calls. */
describeWithReal('the fallbacks do what the real ones do', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fallback-'));
  const lock = join(folder, 'lock');
  afterAll(() => rmSync(folder, { recursive: true }));

  const ends = (tools: string, text: string): { status: number; stdout: string } => {
    const { status, signal, stdout } = spawnSync('/bin/bash', ['-c', text], {
      encoding: 'utf8',
      cwd: folder,
      // flock and timeout alone are those in question; whatever else is the machine's.
      env: { PATH: `${tools}:${process.env.PATH}` },
    });
    // The last command takes the shell's place, so a signal that ends it ends the shell: a script would see 128 and more.
    return { status: status ?? 128 + constants.signals[signal!], stdout };
  };
  const same = (text: string): void => expect(ends(FALLBACK, text)).toEqual(ends(REAL!, text));

  test.each([
    'timeout 5 true',
    'timeout 5 false',
    'timeout 5 sh -c "exit 42"',
    'timeout 5 echo "a  b" c',
    'timeout 5 ./no-such-command 2>/dev/null',
    'timeout 0.2 sleep 5',
    'timeout --foreground --kill-after=2 0.2 sleep 5',
    'timeout --foreground --kill-after=0.2 2 sh -c "trap \'\' TERM; sleep 9 & wait; wait"',
    'timeout --foreground --preserve-status --signal=TERM --kill-after=25 5 sh -c "exit 20"',
    'timeout --preserve-status 2 sh -c "trap \'exit 30\' TERM; sleep 5 & wait"',
    'timeout --foreground -s INT 2 sh -c "trap \'echo told; exit 3\' INT; sleep 5 & wait"',
    'timeout 5 sh -c "kill -KILL \\$\\$"',
    'timeout 1m true',
  ])('%s', (text) => same(text));

  test.each([
    'exec 9>>lock; flock -w 3 9 && echo mine',
    'exec 9>>lock; flock -n 9 && flock -n 9 && echo mine again',
    'exec 9>>lock; flock 9; exec 8>>lock; flock -n 8 || echo "held $?"',
    'exec 9>>lock; flock 9; exec 8>>lock; flock -w 1 8 || echo "held $?"',
    'exec 9>>lock; flock -s 9; exec 8>>lock; flock -n -s 8 && echo both',
    'exec 9>>lock; flock -s 9; exec 8>>lock; flock -n -x 8 || echo "held $?"',
    'exec 9>>lock; flock 9; flock -u 9; exec 8>>lock; flock -n 8 && echo free',
    'flock -n lock true && echo free',
    'flock -n -s lock sh -c "exit 7"',
    'flock -n lock -c "exit 8"',
  ])('%s', (text) => same(text));

  test.each([FALLBACK, REAL!])('a lock of %s is seen by the other, and ends with its holder', async (tools) => {
    const holder = spawn('/bin/bash', ['-c', 'exec 9>>lock; flock 9; echo held; exec sleep 60'], {
      cwd: folder,
      env: { PATH: `${tools}:${process.env.PATH}` },
    });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    const tried = [FALLBACK, REAL!].map((other) => ends(other, `flock -n ${lock} true`).status);
    holder.kill('SIGKILL');
    await new Promise((resolve) => holder.once('close', resolve));
    expect([...tried, ends(FALLBACK, `flock -n ${lock} true`).status]).toEqual([1, 1, 0]);
  });
});
