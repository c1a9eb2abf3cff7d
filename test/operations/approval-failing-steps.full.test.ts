import type { ApiClient } from '../../cli/api/client';
import { AwsError } from '../../local/aws/aws-call';
import { addRoles, as, isApproval, waiting, wantApproval } from './helpers/approvals';
import { deny, injectFaults, taskStates } from './helpers/faults';
import { World, until } from './helpers/world';

let world: World;
let alice: ApiClient;
let bob: ApiClient;
beforeAll(async () => {
  world = await World.startScripted(addRoles);
  [alice, bob] = await Promise.all([as(world, 'Alice'), as(world, 'Bob')]);
});
afterEach(() => (world.onCall = undefined));
afterAll(() => world?.stop());

let clusters = 0;
/** Another one each time, whose renewal needs approval. */
async function needingApproval(): Promise<string> {
  const cluster = `solo-${++clusters}`;
  world.scriptedCluster(cluster);
  await wantApproval(world, cluster);
  return cluster;
}
async function startByAlice(cluster: string) {
  const { id } = await alice.call('startOperation', { parameters: { cluster, operation: 'renew-certificates' } });
  return { id, arn: `${world.machineArn('renew-certificates').replace(':stateMachine:', ':execution:')}:${id}` };
}

/** It ends with a sentence that says what failed, nothing was changed, and nobody holds the lock. */
async function endsUnapproved(arn: string, cluster: string, cause: RegExp): Promise<void> {
  const since = world.calls.length;
  expect(await world.end(arn)).toMatchObject({ status: 'FAILED', cause: expect.stringMatching(cause) });
  expect(world.sent(since).filter((sent) => !sent.startsWith('inspect-'))).toEqual([]);
  expect(await world.lockHolder(cluster)).toBeUndefined();
}

test.each(taskStates('renew-certificates').filter(isApproval))('"%s" fails: nothing is renewed', async (state) => {
  const cluster = await needingApproval();
  const hits = await injectFaults(world, { machine: 'renew-certificates', state });
  const arn = await world.start('renew-certificates', { cluster });
  await endsUnapproved(arn, cluster, /^renew-certificates failed with .*Refused by a test/);
  expect(hits.get(state)).toBeGreaterThan(0);
});

/** Refuses an action on items whose keys begin so. */
function denyItems(action: string, role: string, keys: string): { times: number } {
  const denied = { times: 0 };
  world.onCall = async (call, next) => {
    const { id } = (call.input['Key'] ?? call.input['Item'] ?? {}) as { id?: { S?: string } };
    if (call.action !== action || !call.caller.principal.includes(role) || !id?.S?.startsWith(keys)) return next();
    denied.times += 1;
    throw new AwsError('AccessDeniedException', `not authorized to perform: dynamodb:${action}`);
  };
  return denied;
}

test.each([
  ['RequestApprovalRole', 'GetItem', 'approval/'],
  ['RequestApprovalRole', 'GetItem', 'start/'],
  ['RequestApprovalRole', 'PutItem', 'approval/'],
  ['AwaitApprovalRole', 'UpdateItem', 'approval/'],
])('%s without %s of %s: nothing is renewed', async (role, action, keys) => {
  const cluster = await needingApproval();
  const denied = denyItems(action, role, keys);
  const { arn } = await startByAlice(cluster);
  await endsUnapproved(arn, cluster, new RegExp(`dynamodb:${action}`));
  expect(denied.times).toBeGreaterThan(0);
});

test('RequestApprovalRole without UpdateItem: an approval whose time is over is none all the same', async () => {
  const cluster = await needingApproval();
  const { id, arn } = await startByAlice(cluster);
  await waiting(world, bob, id);
  const denied = denyItems('UpdateItem', 'RequestApprovalRole', 'approval/');
  await endsUnapproved(arn, cluster, /dynamodb:UpdateItem/);
  expect(denied.times).toBeGreaterThan(0);
});

test('AwaitApprovalRole without SendTaskSuccess: a verdict that came before the token ends it unapproved', async () => {
  const cluster = await needingApproval();
  const denied = deny(world, 'states:SendTaskSuccess', 'AwaitApprovalRole');
  const { onCall } = world;
  let early: string | undefined;
  world.onCall = async (call, next) => {
    if (call.action === 'UpdateItem' && call.caller.principal.includes('AwaitApprovalRole') && !early) {
      early = 'given';
      await world.despite(1, () => approve(id));
    }
    return onCall!(call, next);
  };
  const { id, arn } = await startByAlice(cluster);
  await endsUnapproved(arn, cluster, /SendTaskSuccess/);
  expect([early, denied.times > 0]).toEqual(['given', true]);
});

test('StartOperationRole without PutItem: it starts, and nobody knows who asked, which takes one approver more', async () => {
  const cluster = await needingApproval();
  const denied = denyItems('PutItem', 'StartOperationRole', 'start/');
  const { id, arn } = await startByAlice(cluster);
  const { needed, requester } = await waiting(world, bob, id);
  expect({ needed, requester }).toEqual({ needed: 2, requester: undefined });
  expect(denied.times).toBe(1);
  await bob.call('rejectOperation', { parameters: { id }, body: { reason: 'a test' } });
  await world.end(arn);
});

async function approve(id: string) {
  const { operation } = await bob.call('followOperation', { parameters: { id } });
  return bob.call('approveOperation', { parameters: { id }, body: { digest: operation.approval!.digest } });
}

test.each(['dynamodb:GetItem', 'dynamodb:UpdateItem'])(
  'the API without %s: the approval fails with a sentence, and it waits on',
  async (action) => {
    const cluster = await needingApproval();
    const { id, arn } = await startByAlice(cluster);
    const { digest } = await waiting(world, bob, id);
    const denied = deny(world, action, 'ApiFunctionRole');
    await expect(bob.call('approveOperation', { parameters: { id }, body: { digest } })).rejects.toEqual(
      expect.objectContaining({ message: 'The API failed at approveOperation.' }),
    );
    expect(denied.times).toBeGreaterThan(0);
    world.onCall = undefined;
    expect(await waiting(world, bob, id)).toMatchObject({ state: 'waiting', approvedBy: [] });
    await approve(id);
    await world.succeeded(arn);
  },
);

test('the API without SendTaskSuccess: it is approved and sleeps on; approving it again wakes it', async () => {
  const cluster = await needingApproval();
  const { id, arn } = await startByAlice(cluster);
  await waiting(world, bob, id);
  const denied = deny(world, 'states:SendTaskSuccess', 'ApiFunctionRole');
  await expect(approve(id)).rejects.toEqual(
    expect.objectContaining({ message: 'The API failed at approveOperation.' }),
  );
  expect(denied.times).toBeGreaterThan(0);
  world.onCall = undefined;
  const { approval } = await bob.call('describeOperation', { parameters: { id } });
  expect(approval).toMatchObject({ state: 'approved', approvedBy: ['bob'] });
  await approve(id);
  await until('it goes on', async () => (await world.entered(arn)).filter((state) => state === 'Hold the lock').length);
  await world.succeeded(arn);
});
