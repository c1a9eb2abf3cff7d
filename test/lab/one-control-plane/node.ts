import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DescribeInstancesCommand, EC2Client, StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateDocumentCommand, ListCommandInvocationsCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { runCommand } from '../../../local/nodes/lab/host-script';
import type { LabCluster } from '../../../local/nodes/lab/lab-cluster';
import type { LabNode } from '../../../local/nodes/lab/lab-node';
import { World, until } from '../../operations/helpers/world';

/** What a node is to a script, and that it comes up again however it went down. */
export const aLabNode = (lab: () => LabCluster): void =>
  describe('a lab node', () => {
    let cluster: LabCluster;
    let node: LabNode;

    beforeAll(() => {
      cluster = lab();
      node = cluster.node('cp-1');
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

    test('kubeadm was content with it, but for two warnings about this machine', async () => {
      const log = await node.readFile('/var/log/kubeadm-init.log');
      // Debian's containerd does not tell its cgroup driver; and cgroup v1.
      const known = ['[WARNING ContainerRuntimeVersion]', '[WARNING SystemVerification]'];
      expect(log.match(/\[WARNING [^\]]+\]/g) ?? []).toEqual(known);
    });

    test.each([
      [['is-active', 'kubelet'], 0, /^active$/],
      [['is-enabled', 'containerd'], 0, /^enabled$/],
      [['is-active', 'nothing'], 3, /^inactive$/],
      [['status', 'nothing'], 4, /^$/],
      [['status', 'kubelet'], 0, /Active: active \(running\) since/],
      [['status', 'containerd'], 0, /Active: active \(running\) since/],
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
      // To the microsecond, as scripts ask: nothing of what stopped in the same second.
      const ofThisStart =
        'systemctl stop kubelet; since=$(date +%s.%6N); systemctl start kubelet; journalctl -u kubelet --since "@$since" -n 500 --no-pager';
      const log = (await script(ofThisStart)).stdout;
      expect(log).toMatch(/Started kubelet.service/);
      expect(log).not.toMatch(/Stopped kubelet.service/);
    });

    test('a changed unit counts from daemon-reload on', async () => {
      const folder = '/etc/systemd/system/kubelet.service.d';
      const kubelet = 'tr "\\0" " " </proc/$(systemctl show kubelet -p MainPID --value)/cmdline';
      // A file, as that of the kubelet's package: what files say comes after Environment=.
      await node.writeFile('/run/test.env', 'KUBELET_EXTRA_ARGS=--v=1\n', 0o644);
      await node.writeFile(`${folder}/20-test.conf`, '[Service]\nEnvironmentFile=/run/test.env\n', 0o644);
      expect((await script(`systemctl restart kubelet; ${kubelet}`)).stdout).not.toContain('--v=1');
      expect((await script(`systemctl daemon-reload; systemctl restart kubelet; ${kubelet}`)).stdout).toContain(
        '--v=1',
      );
      await script(`rm -r ${folder}; systemctl daemon-reload; systemctl restart kubelet`);
      expect((await script(kubelet)).stdout).not.toContain('--v=1');
    });

    test('containerd restarts below its containers, and keeps its log in the journal', async () => {
      const containers = 'crictl ps --label tier=control-plane -q | sort';
      const before = (await script(containers)).stdout;
      expect((await script('systemctl restart containerd && systemctl is-active containerd')).stdout).toBe('active\n');
      expect((await script(`until crictl ps -q >/dev/null; do sleep 0.2; done; ${containers}`)).stdout).toBe(before);
      const log = await says('journalctl', '-u', 'containerd', '-n', '500', '--no-pager');
      expect(log).toMatch(/systemd\[1\]: Stopped containerd.service/);
      expect(log).toMatch(/containerd\[\d+\]: .*containerd successfully booted/);
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

    test('a script runs in its working directory', async () => {
      const run = { script: '#!/bin/bash\npwd\n', env: {}, timeLimitSeconds: 10 };
      expect((await node.run({ ...run, workingDirectory: '/etc/kubernetes' })).stdout).toBe('/etc/kubernetes\n');
      expect(await node.run({ ...run, workingDirectory: '/nowhere' })).toMatchObject({
        exitCode: 125,
        stderr: expect.stringContaining('/nowhere'),
      });
    });

    test('what systemctl, journalctl and crictl of a node do not know they refuse', async () => {
      const etcd = '"$(crictl ps --name "^etcd$" -q)"';
      for (const call of [
        `crictl logs -f ${etcd}`,
        `crictl exec -i ${etcd} true`,
        'crictl ps -o yaml',
        'journalctl -k',
      ])
        expect(`${call}: ${(await script(call)).exitCode}`).toBe(`${call}: 1`);
      await node.writeFile(
        '/etc/systemd/system/strange.service',
        '[Service]\nExecStart=/bin/true\nUser=nobody\n',
        0o644,
      );
      const { exitCode, stderr } = await script('systemctl start strange');
      expect({ exitCode, stderr }).toEqual({
        exitCode: 1,
        stderr: expect.stringContaining('does not know the setting User'),
      });
      await script('rm /etc/systemd/system/strange.service');
    });

    test('at the time limit the whole process group is killed', async () => {
      const outcome = await script('trap "" TERM; echo before; (sleep 1000; echo child) & sleep 1000', 10);
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

    test('nor does it when what ran it ends late, after it has been powered on again', async () => {
      // Node scripts run in the node; this one is on the machine, and goes on when its node has died.
      const { stdout } = await runCommand(['pgrep', '-f', `host/node-run.sh .* ${cluster.name} ${node.name} `]);
      const runner = Number(stdout);
      process.kill(runner, 'SIGSTOP');
      await node.cutPower();
      const poweredOn = node.powerOn();
      await delay(1_000);
      process.kill(runner, 'SIGCONT');
      await poweredOn;
      expect(node.isOn).toBe(true);
      await apiAnswers();
      expect(node.isOn).toBe(true);
    });

    describe('as an instance of the local AWS', () => {
      let world: World;
      let ec2: EC2Client;
      beforeAll(async () => {
        world = await World.start();
        world.nodes.push(node);
        const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
        ec2 = new EC2Client({ endpoint: world.aws.endpoint, region: 'eu-central-1', credentials });
      });
      afterAll(async () => {
        ec2?.destroy();
        await world?.stop();
      });

      test('a script that ends with 194 reboots it, and begins again afterwards', async () => {
        const text = readFileSync(join(__dirname, '../helpers/reboot-once.sh'), 'utf8');
        const step = { action: 'aws:runShellScript', name: 'run', inputs: { runCommand: [text] } };
        const Content = JSON.stringify({ schemaVersion: '2.2', mainSteps: [step] });
        await world.ssm.send(new CreateDocumentCommand({ Name: 'reboot-once', DocumentType: 'Command', Content }));
        const InstanceIds = [node.instanceId];
        const { Command: command } = await world.ssm.send(
          new SendCommandCommand({ DocumentName: 'reboot-once', InstanceIds }),
        );
        const ended = await until('the command ends', async () => {
          const { CommandInvocations: found } = await world.ssm.send(
            new ListCommandInvocationsCommand({ CommandId: command!.CommandId!, Details: true }),
          );
          return found?.find(({ Status }) => Status !== 'Pending' && Status !== 'InProgress');
        });
        expect(ended.Status).toBe('Success');
        expect(ended.CommandPlugins![0]!.Output).toBe('before\nafter, /run is empty\n');
        await apiAnswers();
      });

      test('is stopped and started by its instance id', async () => {
        const InstanceIds = [node.instanceId];
        const state = async () => {
          const { Reservations: found = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds }));
          return found[0]!.Instances![0]!.State!.Name;
        };
        expect(await state()).toBe('running');
        await ec2.send(new StopInstancesCommand({ InstanceIds }));
        await until('it has stopped', async () => (await state()) === 'stopped');
        expect(node.isOn).toBe(false);
        await ec2.send(new StartInstancesCommand({ InstanceIds }));
        await until('it runs', async () => (await state()) === 'running');
        await apiAnswers();
      });
    });
  });
