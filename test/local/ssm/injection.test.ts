import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BashNode } from './bash-node';
import { documentOf, World } from './ssm-world';

/** What an attacker gives as a value: if it is ever run as shell text, the file appears. */
const ATTACKS = [
  'x; touch "$NODE_FOLDER/pwned"',
  '$(touch "$NODE_FOLDER/pwned")',
  '`touch "$NODE_FOLDER/pwned"`',
  '\'; touch "$NODE_FOLDER/pwned"; \'',
  'x\ntouch "$NODE_FOLDER/pwned"',
];
const ENV_VAR = { type: 'String', interpolationType: 'ENV_VAR' };

let world: World;
afterEach(() => world.stop());
const pwned = () => existsSync(join(world.nodes[0]!.folder, 'pwned'));
const worldWith = (who: Record<string, unknown>, runCommand: string[], agentVersion?: string) => {
  world = new World([new BashNode('i-00000000000000001', 'cp-1', {}, agentVersion)], {
    documents: [documentOf([{ runCommand }], { who })],
  });
};

test.each(ATTACKS)('through ENV_VAR the value %j is data', async (attack) => {
  worldWith(ENV_VAR, ['#!/bin/bash', 'printf "%s" "$SSM_who"']);
  expect(await world.run({ Parameters: { who: [attack] } })).toMatchObject({
    Status: 'Success',
    StandardOutputContent: attack,
  });
  expect(pwned()).toBe(false);
});

test.each(ATTACKS)('as text within the script the value %j is a command', async (attack) => {
  worldWith({ type: 'String' }, [`echo ${attack.startsWith("'") ? "'{{ who }}'" : '{{ who }}'}`]);
  await world.run({ Parameters: { who: [attack] } });
  expect(pwned()).toBe(true);
});

test('a pattern without anchors lets it through', async () => {
  worldWith({ type: 'String', allowedPattern: '[a-z0-9.-]+' }, ['echo {{ who }}']);
  await world.run({ Parameters: { who: [ATTACKS[0]] } });
  expect(pwned()).toBe(true);
});

test.each(ATTACKS)('an anchored pattern refuses %j before anything is sent', async (attack) => {
  worldWith({ type: 'String', allowedPattern: '^[a-z0-9.-]{1,63}$' }, ['echo {{ who }}']);
  await expect(world.send({ Parameters: { who: [attack] } })).rejects.toThrow(
    expect.objectContaining({ code: 'InvalidParameters' }),
  );
  expect((await world.call('ListCommands')).Commands).toEqual([]);
  expect(await world.run({ Parameters: { who: ['cp-1.example'] } })).toMatchObject({
    StandardOutputContent: 'cp-1.example\n',
  });
});

test('$ is the end of the value, not of a line', async () => {
  worldWith({ type: 'String', allowedPattern: '^[a-z]+$' }, ['echo {{ who }}']);
  await expect(world.send({ Parameters: { who: ['ok\n'] } })).rejects.toThrow(/does not match/);
});

test.each([
  ['3.3.2746.0', 'set to v'],
  ['3.3.10000.0', 'set to v'],
  ['4.0.0.0', 'set to v'],
  ['3.3.2745.9', 'unset'],
  ['3.2.9999.0', 'unset'],
])('an agent %s: the variable is %s', async (agentVersion, expected) => {
  worldWith(ENV_VAR, ['#!/bin/bash', '[ -v SSM_who ] && echo "set to $SSM_who" || echo unset'], agentVersion);
  expect((await world.run({ Parameters: { who: ['v'] } })).StandardOutputContent).toBe(`${expected}\n`);
});

test('ENV_VAR of a list is JSON; a default arrives as well; the id of the command cannot be overwritten', async () => {
  world = new World(undefined, {
    documents: [
      documentOf([{ runCommand: ['#!/bin/bash', 'echo "$SSM_names $SSM_mode"'] }], {
        names: { type: 'StringList', interpolationType: 'ENV_VAR' },
        mode: { ...ENV_VAR, default: 'quick' },
      }),
    ],
  });
  expect((await world.run({ Parameters: { names: ['a b', 'c'] } })).StandardOutputContent).toBe('["a b","c"] quick\n');
});

test('a list within text is JSON, which echo shows without its quotes', async () => {
  world = new World(undefined, {
    documents: [documentOf([{ runCommand: ['echo {{ names }}'] }], { names: { type: 'StringList' } })],
  });
  expect((await world.run({ Parameters: { names: ['n1', 'n2'] } })).StandardOutputContent).toBe('[n1,n2]\n');
});

test('a list alone is the lines of the script; a list as one of several lines is an error of the agent', async () => {
  world = new World(undefined, {
    documents: [
      documentOf([{ runCommand: '{{ lines }}' }], { lines: { type: 'StringList' } }),
      documentOf([{ runCommand: ['true', '{{ lines }}'] }], { lines: { type: 'StringList' } }, 'nested'),
    ],
  });
  const Parameters = { lines: ['echo one', 'echo two'] };
  expect((await world.run({ Parameters })).StandardOutputContent).toBe('one\ntwo\n');
  expect(await world.run({ DocumentName: 'nested', Parameters })).toMatchObject({ Status: 'Failed', ResponseCode: 1 });
});
