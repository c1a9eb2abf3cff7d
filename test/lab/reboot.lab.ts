import { Clock } from '../../local/clock';
import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import type { LabNode } from '../../local/nodes/lab/lab-node';
import { Ssm } from '../../local/ssm/ssm';
import { checkedCall } from '../local/eventbridge/checked-call';
import { documentOf, eventually } from '../local/ssm/ssm-world';
import { traces } from './helpers/traces';

const NAME = 'reboot';

describe('a script that asks for a reboot', () => {
  let cluster: LabCluster;
  let node: LabNode;
  let ssm: Ssm;

  beforeAll(async () => {
    cluster = await LabCluster.up({ name: NAME, controlPlanes: 1, workers: 0, createCluster: false });
    node = cluster.node('cp-1');
    ssm = new Ssm({ nodes: [node], clock: new Clock(), emit: () => undefined, visibleAfterMs: 0 });
  });
  afterAll(async () => {
    await ssm?.stop();
    await cluster?.down();
    expect(traces(NAME)).toEqual([]);
  });

  const run = async (name: string, ...steps: { name: string; runCommand: string[] }[]) => {
    const { Name, Content } = documentOf(steps, {}, name);
    await checkedCall(ssm, 'CreateDocument', { Name, Content: JSON.stringify(Content), DocumentType: 'Command' });
    const { Command } = await checkedCall(ssm, 'SendCommand', {
      DocumentName: Name,
      InstanceIds: [node.instanceId],
    });
    const stepOf = (PluginName: string) =>
      checkedCall(ssm, 'GetCommandInvocation', {
        CommandId: Command.CommandId,
        InstanceId: node.instanceId,
        PluginName,
      });
    await eventually(async () => !/Pending|InProgress/.test((await stepOf(steps.at(-1)!.name)).Status), 60);
    return stepOf;
  };

  test('with 194 runs again from its first line after the boot; later steps come then', async () => {
    const invocation = await run(
      'rebooting',
      {
        name: 'reboot',
        runCommand: [
          '#!/bin/bash',
          'echo "run $(($(cat /var/lib/runs 2>/dev/null || echo 0) + 1)), since boot $(cat /run/runs 2>/dev/null || echo 0)"',
          'for file in /var/lib/runs /run/runs; do echo $(($(cat $file 2>/dev/null || echo 0) + 1)) >$file; done',
          '[ "$(cat /var/lib/runs)" -ge 3 ] || exit 194',
        ],
      },
      { name: 'later', runCommand: ['#!/bin/bash', 'systemctl is-active containerd'] },
    );
    expect(await invocation('reboot')).toMatchObject({
      Status: 'Success',
      ResponseCode: 0,
      StandardOutputContent: 'run 1, since boot 0\nrun 2, since boot 0\nrun 3, since boot 0\n',
    });
    expect(await invocation('later')).toMatchObject({ Status: 'Success', StandardOutputContent: 'active\n' });
    expect((await node.exec(['journalctl', '-u', 'init', '-o', 'cat'])).stdout.match(/^Booting\.$/gm)).toHaveLength(3);
  });
});
