import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand, startInBackground } from '../../local/nodes/lab/host-script';
import { buildLab } from '../../local/nodes/lab/lab-build';
import { until } from '../operations/helpers/world';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'kubeadm-autopilot-lab-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a command that fails: its reason on stderr is not lost behind what it printed', async () => {
  const failed = runCommand(['sh', '-c', 'echo error: no reason >&2; seq 40; exit 3']);
  await expect(failed).rejects.toThrow(/ended with 3: 27\n(.*\n)*40\nerror: no reason$/);
  await expect(failed).rejects.toMatchObject({ exitCode: 3, output: { stderr: 'error: no reason\n' } });
});

test('a signal ends a command with all that it started', async () => {
  const stop = new AbortController();
  const started: string[] = [];
  const script = 'sleep 1000 & echo $! >&2; wait';
  const onLine = (pid: string) => {
    started.push(pid);
    stop.abort();
  };
  await expect(runCommand(['sh', '-c', script], { onLine, signal: stop.signal })).rejects.toMatchObject({
    exitCode: 'SIGTERM',
  });
  await until('it is gone', () => !existsSync(`/proc/${started[0]}`));
  await expect(runCommand(['true'], { signal: stop.signal })).rejects.toThrow('aborted');
});

test('a command that cannot be started is told where its output would be', async () => {
  const log = join(folder, 'log');
  startInBackground([join(folder, 'nothing')], log);
  await until('it is told', () => readFileSync(log, 'utf8').includes('ENOENT'));
});

test.each([
  ['v1.34.9', []],
  ['v1.34.4', ['v9']],
])('what cannot be built (%s, packages of %j) is one sentence, and no progress', async (version, packagesOf) => {
  const progress: string[] = [];
  const unknown = packagesOf[0] ?? version;
  await expect(buildLab(folder, version, { packagesOf, onProgress: (line) => progress.push(line) })).rejects.toThrow(
    new RegExp(`^The lab cannot build Kubernetes ${unknown}: expected one of v1[^\n]*$`),
  );
  expect(progress).toEqual([]);
});
