import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BashNode } from './bash-node';
import { documentOf, eventually, World } from './ssm-world';

let world: World;
afterEach(() => world.stop());

const worldWith = (...document: Parameters<typeof documentOf>) => {
  world = new World(undefined, { documents: [documentOf(...document)] });
  return world;
};

describe('a script on a node', () => {
  test('its output, exit code and times arrive', async () => {
    worldWith([{ runCommand: ['#!/bin/bash', 'echo out', 'echo problem >&2'] }]);
    const invocation = await world.run({ Comment: 'mine' });
    expect(invocation).toMatchObject({
      Status: 'Success',
      StatusDetails: 'Success',
      ResponseCode: 0,
      PluginName: 'run',
      Comment: 'mine',
      DocumentVersion: '$DEFAULT',
      StandardOutputContent: 'out\n',
      StandardErrorContent: 'problem\n',
    });
    expect(invocation.ExecutionElapsedTime).toMatch(/^PT\d+(\.\d+)?S$/);
    expect(new Date(invocation.ExecutionEndDateTime).getTime()).toBeGreaterThanOrEqual(
      new Date(invocation.ExecutionStartDateTime).getTime(),
    );
  });

  test('its lines are told while it runs', async () => {
    worldWith([
      { runCommand: ['echo one', 'while ! test -e go; do sleep 0.02; done', 'echo two'], workingDirectory: '/nowhere' },
    ]);
    world.addDocument(
      documentOf(
        [{ runCommand: ['echo one', 'while ! test -e go; do sleep 0.02; done', 'echo two >&2'] }],
        {},
        'talker',
      ),
    );
    const id = await world.send({ DocumentName: 'talker' });
    await eventually(() => world.output.includes('cp-1 talker stdout: one'));
    expect(await world.invocation(id)).toMatchObject({
      Status: 'InProgress',
      StandardOutputContent: '',
      ResponseCode: -1,
    });
    writeFileSync(`${world.nodes[0]!.folder}/go`, '');
    await world.over(id);
    expect(world.output).toEqual(['cp-1 talker stdout: one', 'cp-1 talker stderr: two']);
  });

  test('the environment is the agent’s: no HOME, and who and where it is', async () => {
    worldWith([{ runCommand: ['#!/bin/bash', 'echo "${HOME-unset}"', 'env | grep -E "^(AWS_|SSM_)" | sort'] }]);
    const id = await world.send();
    await world.over(id);
    expect((await world.invocation(id)).StandardOutputContent.trim().split('\n')).toEqual([
      'unset',
      'AWS_SSM_INSTANCE_ID=i-00000000000000001',
      'AWS_SSM_PLATFORM_NAME=Ubuntu',
      'AWS_SSM_PLATFORM_VERSION=24.04',
      'AWS_SSM_REGION_NAME=eu-central-1',
      `SSM_COMMAND_ID=${id}`,
    ]);
  });

  test('without #! it runs under sh', async () => {
    worldWith([
      {
        runCommand: [
          'echo "${BASH_VERSION:-not bash as bash}$0" | sed "s/.*bash as bash.*/sh/"',
          'ps -o args= -p $$ | cut -d" " -f1',
        ],
      },
    ]);
    expect((await world.run()).StandardOutputContent).toContain('/bin/sh');
  });

  test('the working directory is an absolute path or the agent’s own', async () => {
    worldWith([
      { name: 'absolute', runCommand: ['pwd'], workingDirectory: '/usr' },
      { name: 'relative', runCommand: ['pwd'], workingDirectory: 'usr' },
    ]);
    const id = await world.send();
    await world.over(id);
    expect((await world.invocation(id, { PluginName: 'absolute' })).StandardOutputContent).toBe('/usr\n');
    expect((await world.invocation(id, { PluginName: 'relative' })).StandardOutputContent).toBe(
      `${world.nodes[0]!.folder}\n`,
    );
  });

  test('a failing line in the middle does not fail it: the last exit code counts', async () => {
    worldWith([{ runCommand: ['false', 'echo on'] }]);
    expect(await world.run()).toMatchObject({ Status: 'Success', ResponseCode: 0 });
  });

  test('a failure adds the agent’s line to stderr, right behind the script’s', async () => {
    worldWith([{ runCommand: ['echo fine', 'printf broken >&2', 'exit 3'] }]);
    expect(await world.run()).toMatchObject({
      Status: 'Failed',
      StatusDetails: 'Failed',
      ResponseCode: 3,
      StandardOutputContent: 'fine\n',
      StandardErrorContent: 'brokenfailed to run commands: exit status 3',
    });
  });

  test('a script that cannot be started fails with code 1', async () => {
    worldWith([{ runCommand: ['#!/no/such/interpreter', 'true'] }]);
    expect(await world.run()).toMatchObject({
      Status: 'Failed',
      ResponseCode: 1,
      StandardErrorContent: expect.stringMatching(/^failed to run commands: /),
    });
  });
});

describe('output limits', () => {
  test('24,000 characters of stdout with a mark, 8,000 of stderr without, 2,500 in lists', async () => {
    worldWith([{ runCommand: ['printf "%066000d" 0', 'printf "%018000d" 1 >&2'] }]);
    const id = await world.send();
    await world.over(id);
    const { StandardOutputContent, StandardErrorContent } = await world.invocation(id);
    expect(StandardOutputContent).toHaveLength(24_000);
    expect(StandardOutputContent).toMatch(/^0+--output truncated--$/);
    expect(StandardErrorContent).toBe('0'.repeat(8_000));
    const { CommandInvocations } = await world.call('ListCommandInvocations', { CommandId: id, Details: true });
    const { Output } = CommandInvocations[0].CommandPlugins[0];
    expect(Output).toMatch(/^0+\n---Output truncated---\n----------ERROR-------\n0+\n---Error truncated----$/);
    expect(Output.length).toBeGreaterThan(2_490);
    expect(Output.length).toBeLessThanOrEqual(2_500);
  });

  test.each([
    [23_999, /^0+$/],
    [24_000, /^0+--output truncated--$/],
  ])('%d characters', async (length, expected) => {
    worldWith([{ runCommand: [`printf "%0${length}d" 0`] }]);
    const { StandardOutputContent } = await world.run();
    expect(StandardOutputContent).toHaveLength(length);
    expect(StandardOutputContent).toMatch(expected);
  });

  test('what is cut is whole characters', async () => {
    worldWith([{ runCommand: ['for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do printf "ü%.0s" $(seq 1000); done'] }]);
    const { StandardOutputContent } = await world.run();
    expect(StandardOutputContent).toMatch(/^ü+--output truncated--$/);
    expect(Buffer.byteLength(StandardOutputContent)).toBeLessThanOrEqual(24_000);
  });

  test('without Details a list has no plugins', async () => {
    worldWith([{ runCommand: ['echo'] }]);
    const id = await world.send();
    await world.over(id);
    const { CommandInvocations } = await world.call('ListCommandInvocations', { CommandId: id });
    expect(CommandInvocations).toEqual([
      expect.objectContaining({ CommandPlugins: [], Status: 'Success', InstanceName: 'cp-1' }),
    ]);
  });
});

describe('several steps', () => {
  const outcomes = async (id: string) => {
    const { CommandInvocations } = await world.call('ListCommandInvocations', { CommandId: id, Details: true });
    return CommandInvocations[0].CommandPlugins.map(
      (plugin: { Name: string; StatusDetails: string; ResponseCode: number }) => [
        plugin.Name,
        plugin.StatusDetails,
        plugin.ResponseCode,
      ],
    );
  };
  const runAll = async (steps: Parameters<typeof documentOf>[0]) => {
    worldWith(steps);
    const id = await world.send();
    const { StatusDetails } = await world.over(id);
    return { id, StatusDetails, steps: await outcomes(id) };
  };

  test('a failed step does not stop the next ones', async () => {
    const { StatusDetails, steps } = await runAll([
      { name: 'first', runCommand: ['exit 4'] },
      { name: 'second', runCommand: ['true'] },
    ]);
    expect(steps).toEqual([
      ['first', 'Failed', 4],
      ['second', 'Success', 0],
    ]);
    expect(StatusDetails).toBe('Failed');
  });

  test('onFailure exit skips the rest, and says so in both streams', async () => {
    const { id, StatusDetails, steps } = await runAll([
      { name: 'first', runCommand: ['true'] },
      { name: 'second', runCommand: ['echo out', 'exit 3'], onFailure: 'exit' },
      { name: 'third', runCommand: ['true'] },
    ]);
    expect(steps).toEqual([
      ['first', 'Success', 0],
      ['second', 'Failed', 3],
      ['third', 'Skipped', 0],
    ]);
    expect(StatusDetails).toBe('Failed');
    const line = '\nStep was found to have onFailure property. Further document steps will be skipped.';
    expect(await world.invocation(id, { PluginName: 'second' })).toMatchObject({
      StandardOutputContent: `out\n${line}`,
      StandardErrorContent: `failed to run commands: exit status 3${line}`,
    });
  });

  test('onFailure successAndExit turns the failure into success', async () => {
    const { StatusDetails, steps } = await runAll([
      { name: 'first', runCommand: ['exit 3'], onFailure: 'successAndExit' },
      { name: 'second', runCommand: ['true'] },
    ]);
    expect(steps).toEqual([
      ['first', 'Success', 168],
      ['second', 'Skipped', 0],
    ]);
    expect(StatusDetails).toBe('Success');
  });

  test('a finally step runs after onFailure exit; onSuccess exit skips', async () => {
    const { steps } = await runAll([
      { name: 'first', runCommand: ['true'], onSuccess: 'exit' },
      { name: 'second', runCommand: ['true'] },
      { name: 'last', runCommand: ['true'], finallyStep: true },
    ]);
    expect(steps.map(([, details]: string[]) => details)).toEqual(['Success', 'Skipped', 'Success']);
  });

  test.each([
    [168, 'Success', ''],
    [
      169,
      'Failed',
      'failed to run commands: exit status 169\nStep exited with code 169. Therefore, marking step as Failed. Further document steps will be skipped.',
    ],
  ])('exit %d ends the document', async (code, details, stderr) => {
    const { id, steps } = await runAll([
      { name: 'first', runCommand: [`exit ${code}`] },
      { name: 'second', runCommand: ['true'] },
    ]);
    expect(steps).toEqual([
      ['first', details, code],
      ['second', 'Skipped', 0],
    ]);
    expect((await world.invocation(id, { PluginName: 'first' })).StandardErrorContent).toBe(stderr);
  });

  test('PluginName has to say which step', async () => {
    const { id } = await runAll([
      { name: 'first', runCommand: ['true'] },
      { name: 'second', runCommand: ['true'] },
    ]);
    await expect(world.invocation(id)).rejects.toThrow(expect.objectContaining({ code: 'InvalidPluginName' }));
    await expect(world.invocation(id, { PluginName: 'third' })).rejects.toThrow(/first, second/);
  });

  test('a precondition for another platform skips the step, which is a success', async () => {
    const document = documentOf([{ runCommand: ['touch ran'] }]);
    Object.assign(document.Content.mainSteps[0]!, { precondition: { StringEquals: ['platformType', 'Windows'] } });
    world = new World(undefined, { documents: [document] });
    const id = await world.send();
    expect((await world.over(id)).Status).toBe('Success');
    const { CommandInvocations } = await world.call('ListCommandInvocations', { CommandId: id, Details: true });
    expect(CommandInvocations[0].CommandPlugins[0]).toMatchObject({
      StatusDetails: 'Skipped',
      Output: `Step execution skipped due to unsatisfied preconditions: '"StringEquals": [platformType, Windows]'. Step name: run`,
    });
    expect(existsSync(`${world.nodes[0]!.folder}/ran`)).toBe(false);
  });

  test('a precondition for Linux, or on a parameter, is met', async () => {
    const document = documentOf(
      [
        { name: 'linux', runCommand: ['true'] },
        { name: 'asked', runCommand: ['true'] },
        { name: 'unasked', runCommand: ['true'] },
      ],
      { mode: { type: 'String' } },
    );
    const conditions = [
      ['Linux', 'platformType'],
      ['{{ mode }}', 'full'],
      ['{{ mode }}', 'quick'],
    ];
    document.Content.mainSteps.forEach((step, index) =>
      Object.assign(step, { precondition: { StringEquals: conditions[index] } }),
    );
    world = new World(undefined, { documents: [document] });
    const id = await world.send({ Parameters: { mode: ['full'] } });
    await world.over(id);
    expect((await outcomes(id)).map(([, details]: string[]) => details)).toEqual(['Success', 'Success', 'Skipped']);
  });
});

describe('time limits', () => {
  test('SIGKILL after timeoutSeconds: 137, Execution Timed Out, the output so far; the next step still runs', async () => {
    worldWith([
      {
        name: 'slow',
        runCommand: ['#!/bin/bash', 'trap "echo trapped" TERM EXIT', 'echo begun', 'sleep 60'],
        timeoutSeconds: '5',
        onFailure: 'exit',
      },
      { name: 'next', runCommand: ['true'] },
    ]);
    const id = await world.send();
    const command = await world.over(id);
    expect(command).toMatchObject({ Status: 'TimedOut', StatusDetails: 'Execution Timed Out', ErrorCount: 1 });
    expect(await world.invocation(id, { PluginName: 'slow' })).toMatchObject({
      Status: 'TimedOut',
      StatusDetails: 'Execution Timed Out',
      ResponseCode: 137,
      StandardOutputContent: 'begun\n',
      StandardErrorContent: '',
    });
    expect(await world.invocation(id, { PluginName: 'next' })).toMatchObject({ Status: 'Success' });
  });

  test.each([
    ['3', 3600],
    [4, 3600],
    ['172801', 3600],
    ['soon', 3600],
    ['', 3600],
    ['5', 5],
    ['7.9', 7],
    [172_800, 172_800],
    ['{{ limit }}', 42],
  ])('timeoutSeconds %j is %d s', async (timeoutSeconds, expected) => {
    const { stepSeconds } = await import('../../../local/ssm/run-command/run-step');
    worldWith([{ runCommand: ['true'] }]);
    const step = {
      action: 'aws:runShellScript' as const,
      name: 'run',
      inputs: { runCommand: ['true'], timeoutSeconds },
    };
    expect(stepSeconds(step, { limit: '42' })).toBe(expected);
  });

  test('a script that ends itself with SIGKILL looks like a time-out to the agent', async () => {
    worldWith([{ runCommand: ['kill -9 $$'] }]);
    expect(await world.run()).toMatchObject({ StatusDetails: 'Execution Timed Out', ResponseCode: 137 });
  });
});

describe('just after SendCommand', () => {
  test('nobody sees the command for a moment', async () => {
    world = new World(undefined, { documents: [documentOf([{ runCommand: ['true'] }])], visibleAfterMs: 1_000 });
    const id = await world.send();
    await expect(world.invocation(id)).rejects.toThrow(expect.objectContaining({ code: 'InvocationDoesNotExist' }));
    expect((await world.call('ListCommandInvocations', { CommandId: id })).CommandInvocations).toEqual([]);
    expect((await world.call('ListCommands', { CommandId: id })).Commands).toEqual([]);
    await delay(1_050);
    expect((await world.invocation(id)).CommandId).toBe(id);
  });

  test('a command that never was is InvocationDoesNotExist too', async () => {
    worldWith([{ runCommand: ['true'] }]);
    await expect(world.invocation('none')).rejects.toThrow(expect.objectContaining({ code: 'InvocationDoesNotExist' }));
  });
});

describe('CancelCommand', () => {
  test('kills the script at once without its trap; later steps never run', async () => {
    worldWith([
      { name: 'slow', runCommand: ['#!/bin/bash', 'trap "touch trapped" TERM EXIT', 'echo begun', 'sleep 60'] },
      { name: 'next', runCommand: ['touch ran'] },
    ]);
    const id = await world.send();
    await eventually(() => world.output.some((line) => line.endsWith('begun')));
    await world.call('CancelCommand', { CommandId: id });
    expect(await world.over(id)).toMatchObject({ Status: 'Cancelled', StatusDetails: 'Cancelled' });
    expect(await world.invocation(id, { PluginName: 'slow' })).toMatchObject({
      Status: 'Cancelled',
      ResponseCode: 137,
      StandardOutputContent: 'begun\n',
    });
    expect(await world.invocation(id, { PluginName: 'next' })).toMatchObject({ Status: 'Cancelled', ResponseCode: 1 });
    expect(existsSync(`${world.nodes[0]!.folder}/trapped`)).toBe(false);
    expect(existsSync(`${world.nodes[0]!.folder}/ran`)).toBe(false);
  });

  test('one that waits for its node ends without running', async () => {
    worldWith([{ runCommand: ['touch ran'] }]);
    await world.nodes[0]!.powerOff();
    const id = await world.send();
    await world.call('CancelCommand', { CommandId: id, InstanceIds: [world.nodes[0]!.instanceId] });
    expect((await world.over(id)).StatusDetails).toBe('Cancelled');
    await world.nodes[0]!.powerOn();
    await delay(150);
    expect(existsSync(`${world.nodes[0]!.folder}/ran`)).toBe(false);
  });

  test('after the end it changes nothing; an unknown command or node is an error', async () => {
    worldWith([{ runCommand: ['true'] }]);
    const id = await world.send();
    await world.over(id);
    await world.call('CancelCommand', { CommandId: id });
    expect((await world.command(id)).Status).toBe('Success');
    await expect(world.call('CancelCommand', { CommandId: 'x' })).rejects.toThrow(
      expect.objectContaining({ code: 'InvalidCommandId' }),
    );
    await expect(world.call('CancelCommand', { CommandId: id, InstanceIds: ['i-0'] })).rejects.toThrow(
      expect.objectContaining({ code: 'InvalidInstanceId' }),
    );
  });
});

describe('exit 194 asks for a reboot', () => {
  test('the same step runs again, its output is appended, then come the later steps', async () => {
    worldWith([
      { name: 'rebooting', runCommand: ['#!/bin/bash', 'echo n=$BOOTS', '[ $BOOTS -ge 2 ] || exit 194'] },
      { name: 'next', runCommand: ['echo boots=$BOOTS'] },
    ]);
    const id = await world.send();
    expect((await world.over(id)).Status).toBe('Success');
    expect(await world.invocation(id, { PluginName: 'rebooting' })).toMatchObject({
      StandardOutputContent: 'n=1\nn=2\n',
      ResponseCode: 0,
    });
    expect((await world.invocation(id, { PluginName: 'next' })).StandardOutputContent).toBe('boots=2\n');
  });

  test('after 15 reboots the agent drops it without a word: it times out when the command expires', async () => {
    worldWith([{ runCommand: ['exit 194'], timeoutSeconds: 60 }]);
    const id = await world.send({ TimeoutSeconds: 30 });
    await eventually(() => world.nodes[0]!.runs.length === 16);
    await delay(50);
    expect(world.nodes[0]!.runs).toHaveLength(16);
    expect((await world.command(id)).Status).toBe('InProgress');
    world.clock.advance(61_000);
    await delay(50);
    expect((await world.command(id)).Status).toBe('InProgress');
    world.clock.advance(30_000);
    expect((await world.over(id)).StatusDetails).toBe('Delivery Timed Out');
  });
});

describe('a node that is off', () => {
  const offNode = async () => {
    worldWith([{ runCommand: ['echo ran'], timeoutSeconds: 60 }]);
    await world.nodes[0]!.powerOff();
  };

  test('its command waits, and is delivered when it comes back', async () => {
    await offNode();
    const id = await world.send();
    await delay(100);
    expect(await world.invocation(id)).toMatchObject({ Status: 'Pending', ResponseCode: -1 });
    await world.nodes[0]!.powerOn();
    expect((await world.over(id)).Status).toBe('Success');
  });

  test('Delivery Timed Out after TimeoutSeconds on the clock, and never delivered later', async () => {
    await offNode();
    const id = await world.send({ TimeoutSeconds: 600 });
    world.clock.advance(500_000);
    await delay(50);
    expect((await world.command(id)).Status).toBe('Pending');
    world.clock.advance(101_000);
    expect(await world.over(id)).toMatchObject({
      Status: 'TimedOut',
      StatusDetails: 'Delivery Timed Out',
      DeliveryTimedOutCount: 1,
      ErrorCount: 0,
    });
    expect(await world.invocation(id)).toMatchObject({
      Status: 'TimedOut',
      StatusDetails: 'Delivery Timed Out',
      ResponseCode: -1,
    });
    await world.nodes[0]!.powerOn();
    await delay(150);
    expect(world.nodes[0]!.runs).toEqual([]);
  });

  test('power lost under a running script: in progress until the command expires', async () => {
    worldWith([{ runCommand: ['echo begun', 'sleep 60'], timeoutSeconds: 100 }]);
    const id = await world.send({ TimeoutSeconds: 30 });
    await eventually(() => world.output.length > 0);
    await world.nodes[0]!.powerOff();
    world.clock.advance(80_000);
    await delay(100);
    expect((await world.command(id)).Status).toBe('InProgress');
    world.clock.advance(60_000);
    expect((await world.over(id)).StatusDetails).toBe('Delivery Timed Out');
  });

  test('the agent that comes back reports a failure without output after a minute', async () => {
    worldWith([{ runCommand: ['echo begun', 'sleep 60'] }]);
    const id = await world.send();
    await eventually(() => world.output.length > 0);
    await world.nodes[0]!.powerOff();
    await delay(60);
    await world.nodes[0]!.powerOn();
    await delay(120);
    world.clock.advance(60_001);
    await world.over(id);
    expect(await world.invocation(id)).toMatchObject({
      Status: 'Failed',
      ResponseCode: 1,
      StandardOutputContent: '',
      StandardErrorContent: '',
    });
    expect(world.nodes[0]!.runs).toHaveLength(1);
  });
});

describe('many nodes and many commands', () => {
  const many = (count: number) =>
    Array.from(
      { length: count },
      (_, index) => new BashNode(`i-0000000000000000${index}`, `node-${index}`, { team: index % 2 ? 'odd' : 'even' }),
    );
  const manyWorld = (count: number, runCommand: string[]) => {
    world = new World(many(count), { documents: [documentOf([{ runCommand }])] });
    return world.nodes.map(({ instanceId }) => instanceId);
  };

  test('nodes run in parallel', async () => {
    // Each waits until all have begun: one after another, they would never end.
    const meeting = mkdtempSync(join(tmpdir(), 'meeting-'));
    const wait = `while [ $(ls ${meeting} | wc -l) -lt 3 ]; do sleep 0.02; done`;
    const InstanceIds = manyWorld(3, [`touch ${meeting}/$AWS_SSM_INSTANCE_ID`, wait]);
    const id = await world.send({ InstanceIds });
    expect(await world.over(id)).toMatchObject({ TargetCount: 3, CompletedCount: 3, ErrorCount: 0, Status: 'Success' });
    rmSync(meeting, { recursive: true });
  });

  test('a node runs 5 commands at a time, and the 6th when one has ended', async () => {
    manyWorld(1, ['echo begun', 'while ! test -e "$NODE_FOLDER/go"; do sleep 0.02; done']);
    const ids: string[] = [];
    while (ids.length < 6) ids.push(await world.send());
    await eventually(() => world.output.length === 5);
    await delay(100);
    const statuses = () => Promise.all(ids.map(async (id) => (await world.command(id)).Status));
    expect(await statuses()).toEqual([...Array(5).fill('InProgress'), 'Pending']);
    expect(world.output).toHaveLength(5);
    writeFileSync(join(world.nodes[0]!.folder, 'go'), '');
    for (const id of ids) await world.over(id);
    expect(world.nodes[0]!.runs).toHaveLength(6);
  });

  test('MaxConcurrency 1: one node after another; more than MaxErrors errors end the rest', async () => {
    const InstanceIds = manyWorld(4, ['[ $AWS_SSM_INSTANCE_ID != i-00000000000000001 ]']);
    const id = await world.send({ InstanceIds, MaxConcurrency: '1', MaxErrors: '0' });
    expect(await world.over(id)).toMatchObject({ Status: 'Failed', CompletedCount: 4, ErrorCount: 1 });
    const { CommandInvocations } = await world.call('ListCommandInvocations', { CommandId: id });
    expect(CommandInvocations.map(({ StatusDetails }: { StatusDetails: string }) => StatusDetails)).toEqual([
      'Success',
      'Failed',
      'Terminated',
      'Terminated',
    ]);
    expect(world.nodes.map(({ runs }) => runs.length)).toEqual([1, 1, 0, 0]);
  });

  test('up to MaxErrors errors the command is Incomplete', async () => {
    const InstanceIds = manyWorld(3, ['[ $AWS_SSM_INSTANCE_ID != i-00000000000000001 ]']);
    const id = await world.send({ InstanceIds, MaxErrors: '50%' });
    expect(await world.over(id)).toMatchObject({ StatusDetails: 'Incomplete', ErrorCount: 1 });
  });

  test('Targets by tag', async () => {
    manyWorld(4, ['true']);
    const id = await world.send({ Targets: [{ Key: 'tag:team', Values: ['odd'] }] });
    await world.over(id);
    expect(world.nodes.map(({ runs }) => runs.length)).toEqual([0, 1, 0, 1]);
    const other = await world.send({
      Targets: [
        { Key: 'tag:team', Values: ['odd', 'even'] },
        { Key: 'InstanceIds', Values: ['i-00000000000000002'] },
      ],
    });
    await world.over(other);
    expect(world.nodes.map(({ runs }) => runs.length)).toEqual([0, 1, 1, 1]);
  });

  test('Targets that nobody matches are a success of no instances', async () => {
    manyWorld(1, ['true']);
    const id = await world.send({ Targets: [{ Key: 'tag:team', Values: ['none'] }] });
    expect(await world.over(id)).toMatchObject({
      Status: 'Success',
      StatusDetails: 'NoInstancesInTag',
      TargetCount: 0,
    });
  });

  test('a node without an agent is Undeliverable by tag, and invalid by id', async () => {
    world = new World([new BashNode('i-00000000000000009', 'bare', { team: 'bare' }, '')], {
      documents: [documentOf([{ runCommand: ['true'] }])],
    });
    const id = await world.send({ Targets: [{ Key: 'tag:team', Values: ['bare'] }] });
    expect(await world.over(id)).toMatchObject({ StatusDetails: 'Undeliverable', ErrorCount: 0 });
    await expect(world.send()).rejects.toThrow(expect.objectContaining({ code: 'InvalidInstanceId' }));
  });

  test('stop ends what runs, and does not wait for its end', async () => {
    manyWorld(2, ['sleep 60']);
    await world.send({ InstanceIds: world.nodes.map(({ instanceId }) => instanceId) });
    await delay(100);
    await world.ssm.stop();
    expect(world.nodes.map(({ runs }) => runs)).toEqual([['cancelled'], ['cancelled']]);
  });
});
