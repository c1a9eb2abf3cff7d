import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_KUBERNETES } from '../../../../local/nodes/default-kubernetes';
import type { SimulatedCluster, SimulatedNode } from '../../../../local/nodes/simulated';
import { READYZ, output, sh, startCluster, until } from './helpers';

let cluster: SimulatedCluster;
let node: SimulatedNode;
let end: () => Promise<void>;

beforeAll(async () => {
  ({ cluster, end } = await startCluster());
  node = cluster.node('cp-1');
});
afterAll(() => end());

const alive = (pid: string) => {
  try {
    process.kill(Number(pid), 0);
    // A zombie still takes a signal.
    return !execFileSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
};

test('a script has NODE_ROOT, its own variables and no HOME; output is told line by line and kept', async () => {
  const lines: string[] = [];
  const outcome = await sh(
    node,
    'echo "home=${HOME-unset} root=$NODE_ROOT x=$X"; echo oops >&2; printf unfinished; exit 20',
    {
      env: { X: 'a b' },
      onOutput: ({ stream, line }) => lines.push(`${stream}: ${line}`),
    },
  );
  expect(outcome).toEqual({
    exitCode: 20,
    stdout: `home=unset root=${node.root} x=a b\nunfinished`,
    stderr: 'oops\n',
    ended: 'exit',
  });
  expect(lines.sort()).toEqual(['stderr: oops', `stdout: home=unset root=${node.root} x=a b`, 'stdout: unfinished']);
});

test('it runs in the working directory, a path of the node’s; in one that is not there it does not run', async () => {
  const { stdout } = await sh(node, 'pwd', { workingDirectory: '/etc/kubernetes' });
  expect(stdout).toBe(`${realpathSync(node.root)}/etc/kubernetes\n`);
  await expect(sh(node, 'pwd', { workingDirectory: '/nowhere' })).rejects.toThrow(
    'chdir /nowhere: no such file or directory',
  );
});

test('the time limit kills the whole group', async () => {
  const outcome = await sh(node, 'trap "" TERM; sleep 60 & echo $!; wait', { timeLimitSeconds: 0.5 });
  expect(outcome).toMatchObject({ exitCode: 137, ended: 'time-limit' });
  await until('the child is gone', () => !alive(outcome.stdout.trim()));
});

test('cancelling kills it too, also before it began', async () => {
  const cancel = new AbortController();
  const running = sh(node, 'sleep 60', { signal: cancel.signal });
  setTimeout(() => cancel.abort(), 100);
  expect(await running).toMatchObject({ exitCode: 137, ended: 'cancelled' });
  expect(await sh(node, 'sleep 60', { signal: AbortSignal.abort() })).toMatchObject({ ended: 'cancelled' });
});

test('what a script leaves running ends with it', async () => {
  const { stdout } = await sh(node, 'sleep 60 >/dev/null 2>&1 & echo $!');
  await until('the child is gone', () => !alive(stdout.trim()));
});

test('power off kills scripts and listeners and keeps the disk; power on starts the containers', async () => {
  const before = node.containers;
  const running = sh(node, 'touch "$NODE_ROOT/was-here"; sleep 60');
  await until('it runs', () => existsSync(join(node.root, 'was-here')));
  const port = cluster.addresses.portOf('10.0.1.11:6443');
  await node.powerOff();
  expect(await running).toMatchObject({ exitCode: 137, ended: 'power-off' });
  expect(node.isOn).toBe(false);
  expect(() => execFileSync('curl', ['-sk', `https://127.0.0.1:${port}/readyz`], { stdio: 'pipe' })).toThrow();
  await expect(sh(node, 'true')).rejects.toThrow('cp-1 is off: power it on before you run a script on it.');
  await node.powerOn();
  await until('ready', async () => (await sh(node, READYZ)).stdout === '200');
  expect(existsSync(join(node.root, 'was-here'))).toBe(true);
  // The API server may be ready before the last of the others runs.
  await until('all run', () => Object.keys(node.containers).length === Object.keys(before).length);
  expect(Object.keys(node.containers).sort()).toEqual(Object.keys(before).sort());
  expect(Object.values(node.containers)).not.toContain(before.etcd);
});

test('faults: exit code and message, only the n-th call, after the tool has run, host tools, a full disk', async () => {
  node.addFault({ tool: 'crictl', arguments: 'pods*', action: 3, stderr: 'no pods today', call: 2 });
  expect((await sh(node, 'crictl pods -q >/dev/null')).exitCode).toBe(0);
  expect(await sh(node, 'crictl pods -q')).toMatchObject({ exitCode: 3, stdout: '', stderr: 'no pods today\n' });
  expect((await sh(node, 'crictl pods -q >/dev/null')).exitCode).toBe(0);
  node.addFault({ tool: 'kubeadm', arguments: 'version*', action: 'after:9' });
  expect(await sh(node, 'kubeadm version -o short')).toMatchObject({ exitCode: 9, stdout: `${DEFAULT_KUBERNETES}\n` });
  node.addFault({ tool: 'sync', action: 1, stderr: 'I/O error' });
  expect(await sh(node, 'sync')).toMatchObject({ exitCode: 1, stderr: 'I/O error\n' });
  node.addFault({ tool: 'df', action: 0, stdout: 'Filesystem Size\\n/dev/x 0' });
  expect((await sh(node, 'df -Pk /')).stdout).toBe('Filesystem Size\n/dev/x 0\n');
  node.addFault({ tool: 'systemctl', action: 'hang' });
  expect(await sh(node, 'systemctl is-active kubelet', { timeLimitSeconds: 0.5 })).toMatchObject({
    ended: 'time-limit',
  });
  node.addFault({ tool: 'apt-get', action: 'kill-group' });
  expect(await sh(node, 'apt-get update; echo not reached')).toMatchObject({
    exitCode: 137,
    stdout: '',
    ended: 'exit',
  });
});

test('calls are recorded in their order; what stand-ins call themselves is not', async () => {
  const before = node.calls.length;
  await output(node, 'kubeadm certs renew apiserver >/dev/null; crictl ps -q >/dev/null');
  expect(node.calls.slice(before)).toEqual(['kubeadm certs renew apiserver', 'crictl ps -q']);
});

test('what a stand-in does not know is an error that says so', async () => {
  expect((await sh(node, 'apt-get install -y kubeadm')).exitCode).not.toBe(0);
  expect((await sh(node, 'kubectl drain cp-1')).stderr).toContain('a simulated node');
  expect((await sh(node, 'crictl images')).stderr).toContain('a simulated node has no command "images"');
});

test('flock and timeout for hosts that have none do what scripts use', async () => {
  const own = join(__dirname, '../../../../local/nodes/simulated/stand-ins/fallback');
  writeFileSync(
    join(node.root, 'tools.sh'),
    `PATH=${own}:$PATH
    exec 9>>"$NODE_ROOT/lock"
    flock -n 9 && echo locked
    (exec 9>&-; exec 8>>"$NODE_ROOT/lock"; flock -n 8 || echo busy)
    exec 9>&-; exec 7>>"$NODE_ROOT/lock"; flock -n 7 && echo free
    timeout --foreground --kill-after=2 1 sleep 30; echo $?
    timeout --foreground 5 bash -c 'exit 7'; echo $?
    timeout --preserve-status --signal=TERM --kill-after=5 1 bash -c 'trap "exit 30" TERM; sleep 30 & wait'; echo $?
    timeout --foreground --kill-after=1 1 bash -c 'trap "" TERM; sleep 5; sleep 5'; echo $?\n`,
  );
  expect((await output(node, '. "$NODE_ROOT/tools.sh"')).split('\n')).toEqual([
    'locked',
    'busy',
    'free',
    '124',
    '7',
    '30',
    '137',
  ]);
});
