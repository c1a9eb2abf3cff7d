import { DeleteParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { World, type Loose } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.startScripted();
  world.scriptedCluster('good');
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
    [
      'thresholdDays -1',
      { cluster: 'good', thresholdDays: -1 },
      'InvalidInput',
      // Only the check takes it.
      /thresholdDays.*(-1.*0 or more days|is a field of check-certificates)/,
    ],
    ['an unknown field', { cluster: 'good', dryRun: true }, 'InvalidInput', /dryRun.*fields of \S+: cluster, planOnly/],
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
    world.scriptedCluster('headless', { workers: 1, tags: { 'kubeadm-autopilot:role': 'worker' } });
    await refuses({ cluster: 'headless' }, 'NoControlPlane', /kubeadm-autopilot:role=control-plane/, 'headless');
  });

  test('a role that nobody knows: nothing changes; a check says so and looks at the others', async () => {
    world.scriptedCluster('odd', { controlPlanes: 1 });
    world.scriptedCluster('stray', {
      tags: { 'kubeadm-autopilot:cluster': 'odd', 'kubeadm-autopilot:role': 'master' },
    });
    const ended = await world.run('renew-certificates', { cluster: 'odd' });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'InvalidClusterConfig' });
    expect(ended.cause).toMatch(/role=master, expected one of control-plane, worker, etcd/);
    const { output } = await world.runWell('check-certificates', { cluster: 'odd', renew: false });
    expect(output.findings.map(({ kind }: Loose) => kind)).toContain('wrong-role');
  });

  test('an SSM agent that is too old: its node is not asked', async () => {
    world.scriptedCluster('oldagent', { agentVersion: '3.1.1732.0' });
    const ended = await world.run('renew-certificates', { cluster: 'oldagent' });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'AgentTooOld' });
    expect(ended.cause).toMatch(/cp-1 has 3\.1\.1732\.0, at least 3\.3\.2746\.0/);
    const check = await world.run('check-certificates', { cluster: 'oldagent' });
    expect(check).toMatchObject({ error: 'NodeUnreachable', cause: expect.stringContaining('3.1.1732.0') });
  });

  test('a node that SSM does not know', async () => {
    world.scriptedCluster('noagent', { agentVersion: '' });
    await refuses({ cluster: 'noagent' }, 'NodeUnreachable', /cp-1: it is not registered with SSM/, 'noagent');
  });

  test('two clusters under one tag: nothing but looking', async () => {
    const tags = { 'kubeadm-autopilot:cluster': 'mixed' };
    world.scriptedCluster('mixed', { tags });
    world.scriptedCluster('mixed-in', { tags });
    const since = world.calls.length;
    const ended = await world.run('renew-certificates', { cluster: 'mixed' });
    expect(ended.error).toBe('MixedClusters');
    expect(ended.cause).toMatch(/^.*mixed.*cp-1.*\.$/);
    const { output } = await world.runWell('check-certificates', { cluster: 'mixed' });
    expect(output.findings.map(({ kind }: Loose) => kind)).toContain('mixed-clusters');
    expect(output.next).not.toBe('renew');
    expect(world.sent(since).filter((command) => command.startsWith('renew'))).toEqual([]);
    expect(await world.lockHolder('mixed')).toBeUndefined();
  });
});
