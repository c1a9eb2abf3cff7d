import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import type { LabNode } from '../../local/nodes/lab/lab-node';
import { traces } from './helpers/traces';

const NAME = 'lab-nodes';

/** One control plane, alone: what a node is to a script, and that nothing of it stays behind. */
describe('a lab node', () => {
  let cluster: LabCluster;
  let node: LabNode;

  beforeAll(async () => {
    cluster = await LabCluster.up({ name: NAME, controlPlanes: 1, workers: 0 });
    node = cluster.node('cp-1');
  });
  afterAll(async () => {
    await cluster?.down();
    expect(traces(NAME)).toEqual([]);
  });

  const script = (text: string, timeLimitSeconds = 60) =>
    node.run({ script: `#!/bin/bash\n${text}\n`, env: {}, timeLimitSeconds });
  const says = async (...command: string[]): Promise<string> => (await node.exec(command)).stdout.trim();
  const apiAnswers = async (): Promise<void> => {
    const wait = 'until curl -sk --max-time 2 https://127.0.0.1:6443/readyz | grep -qx ok; do sleep 0.5; done';
    expect((await script(wait, 120)).ended).toBe('exit');
  };

  test('has names of its own', async () => {
    expect(await says('hostname')).toBe('cp-1');
    expect(await says('cat', '/etc/machine-id')).toBe(node.plan.machineId);
    expect(await says('cat', '/sys/class/dmi/id/product_uuid')).toBe(node.plan.productUuid);
    const info = JSON.parse(await cluster.kubectl('get', 'node', 'cp-1', '-o', 'json')).status.nodeInfo;
    expect(info).toMatchObject({ machineID: node.plan.machineId, systemUUID: node.plan.productUuid });
  });

  test('shows nothing of the machine it is on', async () => {
    const tools = await script(
      'type -P go node npm git gcc python3 docker; ls -A /usr/local/bin /opt /home /srv; ls -d /work; ls /dev',
    );
    expect(tools.stdout).not.toMatch(/\/(go|node|npm|git|gcc|python3|docker|work)$/m);
    expect(tools.stdout).not.toMatch(/^(vd|sd|nvme)/m);
    expect(await says('sh', '-c', 'ls /proc | grep -c "^[0-9]"')).not.toBe('0');
    expect(await says('cat', '/proc/1/comm')).toBe('init');
  });

  test('kubeadm was content with it, without any exception', async () => {
    const log = await node.readFile('/var/log/kubeadm-init.log');
    expect(log.match(/\[WARNING [^\]]+\]/g) ?? []).toEqual(['[WARNING SystemVerification]']); // cgroup v1
  });

  test.each([
    [['is-active', 'kubelet'], 0, /^active$/],
    [['is-enabled', 'containerd'], 0, /^enabled$/],
    [['is-active', 'nothing'], 3, /^inactive$/],
    [['status', 'nothing'], 4, /^$/],
    [['status', 'kubelet'], 0, /Active: active \(running\) since/],
    [['show', 'kubelet', '-p', 'ActiveState', '--value'], 0, /^active$/],
    [['dance', 'kubelet'], 1, /^$/],
  ])('systemctl %j ends with %i', async (args, exitCode, stdout) => {
    const outcome = await script(`systemctl ${args.join(' ')}`);
    expect(outcome.exitCode).toBe(exitCode);
    expect(outcome.stdout.trim()).toMatch(stdout);
  });

  test('systemctl stops, starts and restarts the kubelet, which keeps its log in the journal', async () => {
    const pid = () => says('systemctl', 'show', 'kubelet', '-p', 'MainPID', '--value');
    const first = await pid();
    expect((await script('systemctl stop kubelet; systemctl is-active kubelet')).stdout).toBe('inactive\n');
    await node.exec(['systemctl', 'start', 'kubelet']);
    const second = await pid();
    await node.exec(['systemctl', 'restart', 'kubelet']);
    expect(new Set([first, second, await pid()]).size).toBe(3);
    expect(await says('journalctl', '-u', 'kubelet', '-n', '500', '--no-pager')).toMatch(
      /systemd\[1\]: Stopped kubelet.service/,
    );
  });

  test('a killed kubelet is started again', async () => {
    await script('kill -9 $(systemctl show kubelet -p MainPID --value); sleep 1; systemctl is-active kubelet');
    const back = await script('until [ "$(systemctl is-active kubelet)" = active ]; do sleep 0.5; done', 30);
    expect(back.ended).toBe('exit');
    expect(Number(await says('systemctl', 'show', 'kubelet', '-p', 'NRestarts', '--value'))).toBe(1);
  });

  test('crictl finds a static pod and runs a command in it', async () => {
    const outcome = await script(
      `crictl exec "$(crictl ps --label io.kubernetes.pod.namespace=kube-system --name '^etcd$' --state Running -q)" etcdctl version`,
    );
    expect(outcome).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('etcdctl version: 3.6') });
  });

  test('a script gets its variables and those of a system service, nothing else', async () => {
    const env = { SSM_Text: `a "b" $c 'd'`, AWS_SSM_REGION_NAME: 'eu-central-1' };
    const outcome = await node.run({
      script: '#!/bin/bash\nenv -u _ -u SHLVL -u PWD | sort\n',
      env,
      timeLimitSeconds: 10,
    });
    expect(outcome.stdout.trim().split('\n')).toEqual([
      'AWS_SSM_REGION_NAME=eu-central-1',
      'LANG=C.UTF-8',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      `SSM_Text=a "b" $c 'd'`,
    ]);
  });

  test('at the time limit the whole process group is killed', async () => {
    const outcome = await script('trap "" TERM; echo before; (sleep 1000; echo child) & sleep 1000', 1);
    expect(outcome).toMatchObject({ exitCode: 137, stdout: 'before\n', ended: 'time-limit' });
    expect((await script('pgrep -fc "sleep 1000"')).stdout).toBe('0\n');
  });

  test('a cancelled script is killed', async () => {
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 300);
    const run = { script: '#!/bin/bash\nsleep 1000\n', env: {}, timeLimitSeconds: 60, signal: cancel.signal };
    expect(await node.run(run)).toMatchObject({ exitCode: 137, ended: 'cancelled' });
  });

  test('a reboot ends everything and brings it up again', async () => {
    await script('touch /run/before /var/lib/before');
    await node.reboot();
    expect((await script('ls /run/before /var/lib/before')).stdout).toBe('/var/lib/before\n');
    await apiAnswers();
  });

  test('a stopped instance is off, and comes up again', async () => {
    const running = script('sleep 1000', 100);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await node.powerOff();
    expect(node.isOn).toBe(false);
    expect(await running).toMatchObject({ exitCode: 137, ended: 'power-off' });
    await expect(script('true')).rejects.toThrow('cp-1 is off: power it on first.');
    await node.powerOn();
    await apiAnswers();
  });

  test('a power cut does not keep it from coming up', async () => {
    await node.cutPower();
    expect(node.isOn).toBe(false);
    await node.powerOn();
    await apiAnswers();
  });
});

test('an owner that is killed takes its cluster with it', async () => {
  const name = 'lab-orphan';
  const up = join(__dirname, 'helpers/up-and-stay.ts');
  const owner = spawn(process.execPath, ['--import', 'tsx', up, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const said of owner.stdout) if (String(said).includes('kubeadm init')) break;
  expect(traces(name)).not.toEqual([]);
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  for (let attempt = 0; attempt < 60 && traces(name).length > 0; attempt++) execFileSync('sleep', ['1']);
  expect(traces(name)).toEqual([]);
});
