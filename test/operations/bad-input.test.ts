import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  DeleteParameterCommand,
  ListCommandInvocationsCommand,
  PutParameterCommand,
  SendCommandCommand,
} from '@aws-sdk/client-ssm';
import { NODE_STEPS } from '../../lib/node-access/node-steps';
import type { SimulatedCluster } from '../../local/nodes/simulated';
import { World, until } from './helpers/world';

let world: World;
let good: SimulatedCluster;
beforeAll(async () => {
  world = await World.start();
  good = await world.cluster('good');
});
afterAll(() => world?.stop());

/** Both operations end with this error and one sentence; nothing was sent, and no lock is left. */
async function refuses(input: unknown, error: string, cause: RegExp, cluster = 'good'): Promise<void> {
  for (const operation of ['check-certificates', 'renew-certificates'] as const) {
    const since = world.calls.length;
    const ended = await world.run(operation, input);
    expect(`${operation}: ${ended.status} ${ended.error}`).toBe(`${operation}: FAILED ${error}`);
    expect(ended.cause).toMatch(cause);
    expect(ended.cause).toMatch(/^[^\n]{20,600}\.$/);
    expect(ended.cause).not.toMatch(/\n|Error:|undefined|\[object/);
    expect(world.sent(since)).toEqual([]);
    expect(world.calls.slice(since).filter(({ action }) => action === 'PutItem')).toEqual([]);
    expect(await world.lockHolder(cluster)).toBeUndefined();
  }
}

describe('the input', () => {
  test.each([
    [
      'an unknown cluster',
      { cluster: 'prod' },
      'UnknownCluster',
      /kubeadm-autopilot:cluster=prod, there are .*\bgood\b/,
    ],
    ['no cluster', {}, 'InvalidInput', /cluster.*\{"cluster":"demo"\}/],
    ['thresholdDays -1', { cluster: 'good', thresholdDays: -1 }, 'InvalidInput', /thresholdDays.*-1.*0 or more days/],
    ['an unknown field', { cluster: 'good', dryRun: true }, 'InvalidInput', /dryRun.*fields: cluster, planOnly/],
    ['a text instead of an object', '"good"', 'InvalidInput', /expected JSON such as \{"cluster":"demo"\}/],
    ['a list', '["good"]', 'InvalidInput', /expected JSON such as \{"cluster":"demo"\}/],
    ['null', 'null', 'InvalidInput', /expected JSON such as \{"cluster":"demo"\}/],
    ['a number', '7', 'InvalidInput', /expected JSON such as \{"cluster":"demo"\}/],
    [
      'shell metacharacters',
      { cluster: 'good;$(touch /tmp/x)' },
      'InvalidInput',
      /lower-case letters, digits or hyphens/,
    ],
    ['a wildcard', { cluster: '*' }, 'InvalidInput', /lower-case letters, digits or hyphens/],
    ['force as a text', { cluster: 'good', force: 'yes' }, 'InvalidInput', /force/],
  ])('%s', (_what, input, error, cause) => refuses(input, error, cause));
});

describe('the settings in Parameter Store', () => {
  test.each([
    ['a list', 'StringList', 'a,b', /are not JSON/],
    ['encrypted', 'SecureString', '{"cluster":"good"}', /are not (JSON|valid)/],
    ['not JSON', 'String', 'cluster: good', /are not JSON, as cdk deploy writes it: correct clusters\/good\.yaml/],
    ['of the wrong type', 'String', '{"cluster":"good","certificates":{"thresholdDays":"30"}}', /thresholdDays/],
    ['with an unknown field', 'String', '{"cluster":"good","certs":{}}', /certs/],
    [
      'with shell metacharacters',
      'String',
      '{"cluster":"good","certificates":{"adminKubeconfigs":["/a;reboot"]}}',
      /adminKubeconfigs.*absolute path/,
    ],
    ['of another cluster', 'String', '{"cluster":"other"}', /those of cluster other, expected good/],
  ])('%s', async (_what, Type, Value, cause) => {
    const Name = '/kubeadm-autopilot/clusters/good';
    await world.ssm.send(new PutParameterCommand({ Name, Type: Type as 'String', Value, Overwrite: true }));
    await refuses({ cluster: 'good' }, 'InvalidClusterConfig', cause);
  });

  // A parameter keeps its type for as long as it is there.
  afterEach(() => world.ssm.send(new DeleteParameterCommand({ Name: '/kubeadm-autopilot/clusters/good' })));
});

describe('the instances', () => {
  test('no control plane among them', async () => {
    await world.cluster('headless', { workers: 1, tags: { 'kubeadm-autopilot:role': 'worker' } });
    await refuses({ cluster: 'headless' }, 'NoControlPlane', /kubeadm-autopilot:role=control-plane/, 'headless');
  });

  test('a role that nobody knows', async () => {
    await world.cluster('odd', { tags: { 'kubeadm-autopilot:role': 'master' } });
    await refuses(
      { cluster: 'odd' },
      'InvalidClusterConfig',
      /role=master, expected one of control-plane, worker, etcd/,
      'odd',
    );
  });

  test('an SSM agent that is too old', async () => {
    await world.cluster('oldagent', { agentVersion: '3.1.1732.0' });
    await refuses({ cluster: 'oldagent' }, 'AgentTooOld', /cp-1 has 3\.1\.1732\.0, at least 3\.3\.2746\.0/, 'oldagent');
  });

  test('a node that SSM does not know', async () => {
    await world.cluster('noagent', { agentVersion: '' });
    await refuses({ cluster: 'noagent' }, 'NodeUnreachable', /cp-1: it is not registered with SSM/, 'noagent');
  });

  test('two clusters under one tag: nothing but looking', async () => {
    const tags = { 'kubeadm-autopilot:cluster': 'mixed' };
    await world.cluster('mixed', { tags });
    await world.cluster('mixed-in', { tags });
    const since = world.calls.length;
    for (const operation of ['check-certificates', 'renew-certificates'] as const) {
      const ended = await world.run(operation, { cluster: 'mixed' });
      expect(`${operation}: ${ended.error}`).toBe(`${operation}: MixedClusters`);
      expect(ended.cause).toMatch(/^.*mixed.*cp-1.*\.$/);
    }
    expect(world.sent(since).filter((command) => command.startsWith('renew'))).toEqual([]);
    expect(await world.lockHolder('mixed')).toBeUndefined();
  });
});

describe('values that want to be commands', () => {
  const marker = () => join(good.node('cp-1').root, 'injected');
  const nasty = () => [
    `$(touch ${marker()})`,
    `\`touch ${marker()}\``,
    `yes; touch ${marker()}`,
    `yes\ntouch ${marker()}`,
    `'; touch ${marker()}; '`,
    `"; touch ${marker()}; "`,
    `yes && touch ${marker()}`,
    `| touch ${marker()}`,
    `/etc/x,$(touch ${marker()})`,
    `{{ TaskToken }}`,
    '',
    ' ',
  ];
  const parameters = Object.entries(NODE_STEPS).flatMap(([step, definition]) =>
    Object.keys(definition.parameters).map((parameter) => [step, parameter] as const),
  );
  const harmless: Record<string, string> = {
    Force: 'no',
    AdminKubeconfigs: 'none',
    Until: 'all',
    Inventory: 'no',
    Secret: '/kubeadm-autopilot/secrets/demo/bootstrap-token',
    Wait: 'no',
    Action: 'delete',
  };
  const renewal = { Force: 'no', AdminKubeconfigs: 'none', Until: 'all' };
  const send = (step: string, values: Record<string, string>) =>
    world.ssm.send(
      new SendCommandCommand({
        DocumentName: `kubeadm-autopilot-${step}`,
        InstanceIds: [good.node('cp-1').instanceId],
        Parameters: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]])),
      }),
    );

  test.each(parameters)('%s refuses them as %s', async (step, parameter) => {
    const others = parameters.filter(([of]) => of === step).map(([, name]) => [name, harmless[name]!]);
    for (const value of nasty()) {
      const outcome = await send(step, { ...Object.fromEntries(others), [parameter]: value }).then(
        () => 'taken',
        ({ name }: Error) => name,
      );
      expect(`${JSON.stringify(value)} ${outcome}`).toBe(`${JSON.stringify(value)} InvalidParameters`);
    }
    expect(existsSync(marker())).toBe(false);
  });

  test.each(['/etc/../etc/passwd', '/root/../tmp/x', '/tmp/'])(
    'the script itself refuses to write to %s',
    async (path) => {
      const invocation = await end(await send('renew-certificates', { ...renewal, AdminKubeconfigs: path }));
      expect(invocation.status).toBe('Failed');
      expect(invocation.output).toMatch(/"error":"refused".*AdminKubeconfigs is/);
    },
  );

  test('the task token is never part of a script', async () => {
    const invocation = await end(await send('check-certificates', { TaskToken: `$(touch ${marker()})` }));
    expect(invocation.status).toBe('Success');
    expect(existsSync(marker())).toBe(false);
  });

  async function end({ Command: command }: { Command?: { CommandId?: string | undefined } | undefined }) {
    return until('the command ends', async () => {
      const { CommandInvocations: [invocation] = [] } = await world.ssm.send(
        new ListCommandInvocationsCommand({ CommandId: command!.CommandId, Details: true }),
      );
      const status = invocation?.Status;
      if (status !== 'Success' && status !== 'Failed') return undefined;
      return { status, output: invocation!.CommandPlugins![0]!.Output! };
    });
  }
});
