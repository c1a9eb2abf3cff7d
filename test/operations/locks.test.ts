import type { ScriptedCluster } from '../../local/nodes/scripted/scripted-cluster';
import { once } from './helpers/scripted';
import { World, until } from './helpers/world';
import type { Ended } from './helpers/world';

let world: World;
let cluster: ScriptedCluster;
beforeAll(async () => {
  world = await World.startScripted();
  cluster = world.scriptedCluster('solo');
});
afterAll(() => world?.stop());

test('two renewals at once: the second ends with ClusterLocked and names the first, whose lock stays', async () => {
  const node = cluster.node('cp-1');
  let holder: string | undefined;
  let second: Ended | undefined;
  let sent: string[] = [];
  // While the first one renews, the second one runs from its beginning to its end.
  once(cluster, 'renew-certificates', async (answer) => {
    holder = await world.lockHolder('solo');
    const since = world.calls.length;
    second = await world.despite(1, () => world.run('renew-certificates', { cluster: 'solo', force: true }));
    sent = world.sent(since);
    return answer();
  });
  const first = await world.start('renew-certificates', { cluster: 'solo' }, 'the-first');
  await world.succeeded(first);
  expect(holder).toBe(first);
  expect(second).toMatchObject({ status: 'FAILED', error: 'ClusterLocked' });
  expect(second!.cause).toMatch(
    /^solo is locked: renew-certificates .*the-first.*start renew-certificates again when it has ended.*\.$/,
  );
  expect(sent).toEqual(['inspect-control-plane to cp-1']);
  expect(await world.lockHolder('solo')).toBeUndefined();
  expect(node.renewals).toBe(1);
});

test('a lock whose holder runs is never taken, nor given back by who failed to take it', async () => {
  // A check runs for as long as this test holds it up.
  let goOn = () => {};
  const heldUp = new Promise<void>((resolve) => (goOn = resolve));
  let isHeldUp = false;
  world.onCall = async (call, next) => {
    if (call.action === 'PutMetricData') {
      isHeldUp = true;
      await heldUp;
    }
    return next();
  };
  const holder = await world.start('check-certificates', { cluster: 'solo', renew: false }, 'still-at-work');
  await world.passUntil(() => isHeldUp);
  await world.putLock('solo', holder);
  const since = world.calls.length;
  // The function's call is held up, and so is the call to the function.
  const refused = await world.despite(2, () => world.run('renew-certificates', { cluster: 'solo', force: true }));
  expect(refused).toMatchObject({ status: 'FAILED', error: 'ClusterLocked' });
  expect(refused.cause).toMatch(
    /^solo is locked: renew-certificates has been at work since 2026-01-02.*still-at-work.*\.$/,
  );
  expect(world.sent(since).filter((command) => command.startsWith('renew'))).toEqual([]);

  // conclude-failure and on-operation-ended have tried to give back what was not theirs.
  const deletes = () => world.calls.slice(since).filter(({ action }) => action === 'DeleteItem').length;
  await until('both have tried', () => deletes() >= 2);
  expect(await world.lockHolder('solo')).toBe(holder);
  goOn();
  await world.succeeded(holder);
  expect(await world.lockHolder('solo')).toBe(holder);
});

test('a lock that a dead holder left behind is taken over', async () => {
  const had = cluster.node('cp-1').serials;
  const holder = await world.lockHolder('solo');
  expect((await world.describe(holder!)).status).toBe('SUCCEEDED');
  const { arn, output } = await world.runWell('renew-certificates', { cluster: 'solo', force: true });
  expect(await world.entered(arn)).toContain('Take over the lock if its holder has ended');
  expect(output.renewedNodes).toEqual(['cp-1']);
  expect(cluster.node('cp-1').serials['apiserver']).not.toBe(had['apiserver']);
  expect(await world.lockHolder('solo')).toBeUndefined();
});

test('a lock of an execution that AWS has forgotten is taken over', async () => {
  await world.putLock(
    'solo',
    world.machineArn('renew-certificates').replace(':stateMachine:', ':execution:') + ':long-ago',
  );
  // Nothing is to be done within the hour, so the lock is not even looked at; with force it is.
  const { arn } = await world.runWell('renew-certificates', { cluster: 'solo', force: true });
  expect(await world.entered(arn)).toContain('Take over the lock if its holder has ended');
  expect(await world.lockHolder('solo')).toBeUndefined();
});

describe('RunOnNodes started by somebody', () => {
  const renewal = (lock?: object, of = cluster) => ({
    document: 'kubeadm-autopilot-renew-certificates',
    nodes: [{ instanceId: of.node('cp-1').instanceId, name: 'cp-1' }],
    parameters: { Force: 'yes', AdminKubeconfigs: 'none', Until: 'all' },
    ...{ deliverySeconds: 120, executionSeconds: 1800, tolerateFailures: false },
    ...(lock && { lock }),
  });
  const holder = (machine: Parameters<World['machineArn']>[0], name: string) =>
    `${world.machineArn(machine).replace(':stateMachine:', ':execution:')}:${name}`;

  test.each<[string, () => object | undefined, string]>([
    ['without a lock', () => undefined, 'InvalidInput'],
    ['for itself', () => ({ holder: holder('run-on-nodes', 'x') }), 'InvalidInput'],
    ['for a check', () => ({ holder: holder('check-certificates', 'x') }), 'InvalidInput'],
    [
      'for an execution that there never was',
      () => ({ holder: holder('renew-certificates', 'never') }),
      'ClusterLocked',
    ],
    ['for one that has ended', () => ({ holder: holder('renew-certificates', 'the-first') }), 'ClusterLocked'],
  ])('%s: nothing is sent, and no lock is taken', async (_name, lock, error) => {
    const since = world.calls.length;
    const named = lock();
    const input = renewal(named && { cluster: 'solo', since: '2026-01-02T03:04:05Z', ...named });
    expect(await world.run('run-on-nodes', input)).toMatchObject({ status: 'FAILED', error });
    expect(world.sent(since)).toEqual([]);
    expect(await world.lockHolder('solo')).toBeUndefined();
  });

  test('for an operation that runs, on a node of another cluster: nothing is sent', async () => {
    const other = world.scriptedCluster('other');
    let refused: Ended | undefined;
    let sent: string[] = [];
    once(cluster, 'renew-certificates', async (answer) => {
      const since = world.calls.length;
      const lock = { cluster: 'solo', holder: holder('renew-certificates', 'at-work'), since: '2026-01-02T03:04:05Z' };
      refused = await world.despite(1, () => world.run('run-on-nodes', renewal(lock, other)));
      sent = world.sent(since);
      return answer();
    });
    await world.runWell('renew-certificates', { cluster: 'solo', force: true }, 'at-work');
    expect(refused).toMatchObject({ status: 'FAILED', error: 'InvalidInput' });
    expect(refused!.cause).toBe(
      `Nothing was sent to cp-1, because the lock of solo is for its own nodes, and ${other.node('cp-1').instanceId} does not carry the tag kubeadm-autopilot:cluster=solo: correct the tag and start the operation again.`,
    );
    expect(sent).toEqual([]);
    expect(other.node('cp-1').renewals).toBe(0);
  });
});

test.each(['somebody', 'arn:aws:states:eu-central-1:000000000000:execution:kubeadm-autopilot-run-on-nodes:x'])(
  'a lock of %s, which is no operation of this app, is taken over',
  async (stranger) => {
    await world.putLock('solo', stranger);
    await world.runWell('renew-certificates', { cluster: 'solo', force: true });
    expect(await world.lockHolder('solo')).toBeUndefined();
  },
);
