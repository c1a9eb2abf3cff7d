import type { SimulatedCluster } from '../../local/nodes/simulated';
import { onDisk, serials } from './helpers/openssl';
import { World, until } from './helpers/world';

let world: World;
let cluster: SimulatedCluster;
beforeAll(async () => {
  world = await World.start();
  cluster = await world.cluster('solo');
});
afterEach(() => (world.onLine = undefined));
afterAll(() => world?.stop());

test('two renewals at once: the second ends with ClusterLocked and names the first, whose lock stays', async () => {
  // The first one keeps its lock until the second one has ended.
  let goOn = () => {};
  const heldUp = new Promise<void>((resolve) => (goOn = resolve));
  const first = await world.start('renew-certificates', { cluster: 'solo' }, 'the-first');
  await until('the first changes the node', () => world.lines.some(({ line }) => line.includes('restart etcd')));
  world.onCall = async ({ action, input }, next) => {
    if (action === 'DeleteItem' && JSON.stringify(input).includes(first)) await heldUp;
    return next();
  };
  expect(await world.lockHolder('solo')).toBe(first);

  const renewed = serials(onDisk(cluster.node('cp-1')));
  const since = world.calls.length;
  const second = await world.run('renew-certificates', { cluster: 'solo', force: true });
  // A node in the middle of its restart may refuse before the lock does: both are in order, and neither changes anything.
  expect(['ClusterLocked', 'GateRefused']).toContain(second.error);
  if (second.error === 'ClusterLocked')
    expect(second.cause).toMatch(
      /^solo is locked: renew-certificates .*the-first.*start renew-certificates again when it has ended.*\.$/,
    );
  // The first one looks at the node as well when its script has ended.
  expect(new Set(world.sent(since))).toEqual(new Set(['inspect-control-plane to cp-1']));

  goOn();
  await world.succeeded(first);
  world.onCall = undefined;
  expect(await world.lockHolder('solo')).toBeUndefined();
  expect(serials(onDisk(cluster.node('cp-1')))).toEqual(renewed);
});

test('a lock whose holder runs is never taken, nor given back by who failed to take it', async () => {
  // A check runs for as long as this test holds it up.
  let goOn = () => {};
  const heldUp = new Promise<void>((resolve) => (goOn = resolve));
  world.onCall = async (call, next) => {
    if (call.action === 'PutMetricData') await heldUp;
    return next();
  };
  const holder = await world.start('check-certificates', { cluster: 'solo', renew: false }, 'still-at-work');
  await world.putLock('solo', holder);
  const since = world.calls.length;
  const refused = await world.run('renew-certificates', { cluster: 'solo', force: true });
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
  const had = serials(onDisk(cluster.node('cp-1')));
  const holder = await world.lockHolder('solo');
  expect((await world.describe(holder!)).status).toBe('SUCCEEDED');
  const { arn, output } = await world.runWell('renew-certificates', { cluster: 'solo', force: true });
  expect(await world.entered(arn)).toContain('Take over the lock if its holder has ended');
  expect(output.renewedNodes).toEqual(['cp-1']);
  expect(serials(onDisk(cluster.node('cp-1')))['apiserver']).not.toBe(had['apiserver']);
  expect(await world.lockHolder('solo')).toBeUndefined();
});

test('a lock of an execution that AWS has forgotten is taken over', async () => {
  await world.putLock(
    'solo',
    world.machineArn('renew-certificates').replace(':stateMachine:', ':execution:') + ':long-ago',
  );
  // Nothing is to be done within the hour, so the lock is not even looked at; with force it is.
  world.onLine = undefined;
  const { arn } = await world.runWell('renew-certificates', { cluster: 'solo', force: true });
  expect(await world.entered(arn)).toContain('Take over the lock if its holder has ended');
  expect(await world.lockHolder('solo')).toBeUndefined();
});
