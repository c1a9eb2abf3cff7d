import type { ApiClient } from '../../cli/api/client';
import { runCli } from '../../cli/program';
import { createReport } from '../../lambdas/contracts/create';
import { removalReport } from '../../lambdas/contracts/remove';
import { AwsError } from '../../local/aws/aws-call';
import { addRoles, as, sessionArn, waiting, wantApproval } from './helpers/approvals';
import { once } from './helpers/scripted';
import { cluster as upgradable, expectUpgraded, TARGET, unlocked } from './helpers/upgrades';
import { World, type Machine } from './helpers/world';

let world: World;
let alice: ApiClient;
let bob: ApiClient;
let carol: ApiClient;
beforeAll(async () => {
  world = await World.startScripted(addRoles);
  [alice, bob, carol] = await Promise.all([as(world, 'Alice'), as(world, 'Bob'), as(world, 'Carol')]);
});
afterAll(() => world?.stop());
afterEach(() => (world.onCall = undefined));

const arnOf = (id: string, operation: Machine = 'renew-certificates') =>
  `${world.machineArn(operation).replace(':stateMachine:', ':execution:')}:${id}`;
const changes = (since: number) => world.sent(since).filter((sent) => !sent.startsWith('inspect-'));
const wanted = (since: number) => world.onBus(since).filter(([type]) => type === 'Approval Wanted');
const refused = (error: string) => expect.objectContaining({ error });

/** A cluster whose renewal waits, because Alice has asked for it. */
async function waitingRenewal(cluster: string, approval: object = {}) {
  const scripted = world.scriptedCluster(cluster);
  await wantApproval(world, cluster, approval);
  const since = { calls: world.calls.length, events: world.events.length };
  const { id } = await alice.call('startOperation', { parameters: { cluster, operation: 'renew-certificates' } });
  const { digest } = await waiting(world, alice, id);
  const parameters = { id };
  return { scripted, id, arn: arnOf(id), since, digest, parameters, body: { digest } };
}

test('approved: nothing changes before, who asked and who approved is in the output, and nobody is told twice', async () => {
  const { id, arn, since, digest, parameters, body } = await waitingRenewal('approved');
  expect(changes(since.calls)).toEqual([]);
  expect(await world.lockHolder('approved')).toBeUndefined();
  expect(wanted(since.events)).toEqual([
    [
      'Approval Wanted',
      expect.objectContaining({
        id,
        digest,
        cluster: 'approved',
        needed: 1,
        requester: expect.objectContaining({ person: 'alice' }),
      }),
    ],
  ]);
  expect(world.aws.published().at(-1)).toMatchObject({ subject: 'approved: renew-certificates waits for approval' });

  expect(await bob.call('approveOperation', { parameters, body })).toMatchObject({
    state: 'approved',
    approvedBy: ['bob'],
  });
  const { output } = await world.succeeded(arn);
  expect(output.approval).toEqual({
    state: 'approved',
    requester: { source: 'api', who: sessionArn('Alice'), person: 'alice' },
    digest,
    approvers: [{ person: 'bob', who: sessionArn('Bob'), at: expect.any(String) }],
  });
  expect(output.plan.digest).toBe(digest);
  expect(output.renewedNodes).toEqual(['cp-1']);
  expect(wanted(since.events)).toHaveLength(1);
  await expect(carol.call('approveOperation', { parameters, body })).rejects.toEqual(refused('AlreadyDecided'));
});

test('rejected: it ends with who and why', async () => {
  const { arn, since, parameters, body } = await waitingRenewal('rejected');
  await bob.call('rejectOperation', { parameters, body: { reason: 'release week' } });
  expect(await world.end(arn)).toMatchObject({
    status: 'FAILED',
    error: 'ApprovalRejected',
    cause: expect.stringMatching(/^renew-certificates of rejected is rejected: bob rejected it \(release week\)\. /),
  });
  expect(changes(since.calls)).toEqual([]);
  await expect(carol.call('approveOperation', { parameters, body })).rejects.toEqual(refused('AlreadyDecided'));
});

test('timed out: rejected, and an approval that comes later is refused', async () => {
  const { arn, since, parameters, body } = await waitingRenewal('late');
  expect(await world.end(arn)).toMatchObject({
    error: 'ApprovalRejected',
    cause: expect.stringMatching(/^renew-certificates of late is rejected: it had 0 of 1 approval by /),
  });
  expect(changes(since.calls)).toEqual([]);
  await expect(bob.call('approveOperation', { parameters, body })).rejects.toEqual(refused('AlreadyDecided'));
});

test('neither the one who asked nor somebody who is no approver can approve', async () => {
  const { arn, parameters, body, id } = await waitingRenewal('own');
  await expect(alice.call('approveOperation', { parameters, body })).rejects.toEqual(refused('OwnRequest'));
  const mallory = await as(world, 'Mallory');
  await expect(mallory.call('approveOperation', { parameters, body })).rejects.toEqual(refused('NotAnApprover'));
  await expect(mallory.call('rejectOperation', { parameters, body: { reason: 'no' } })).rejects.toEqual(
    refused('NotAnApprover'),
  );
  expect(await waiting(world, bob, id)).toMatchObject({ state: 'waiting', approvedBy: [] });
  await bob.call('approveOperation', { parameters, body });
  await world.succeeded(arn);
});

test('two people: the first is not enough, also not twice', async () => {
  const { arn, id, parameters, body, since } = await waitingRenewal('two', { count: 2 });
  for (let times = 0; times < 2; times++)
    expect(await bob.call('approveOperation', { parameters, body })).toMatchObject({
      state: 'waiting',
      approvedBy: ['bob'],
    });
  expect(await waiting(world, bob, id)).toMatchObject({ needed: 2, mayApprove: ['bob', 'carol'] });
  expect(changes(since.calls)).toEqual([]);
  await carol.call('approveOperation', { parameters, body });
  const { output } = await world.succeeded(arn);
  expect(output.approval.approvers.map(({ person }: { person: string }) => person)).toEqual(['bob', 'carol']);
});

test('another digest is refused; a cluster that changes while its upgrade waits ends it', async () => {
  const scripted = upgradable(world, 'changed', { loadBalancer: false });
  await wantApproval(world, 'changed');
  const since = world.calls.length;
  const { id } = await alice.call('startOperation', {
    parameters: { cluster: 'changed', operation: 'upgrade' },
    body: { version: TARGET },
  });
  const { digest } = await waiting(world, alice, id);
  const parameters = { id };
  await expect(bob.call('approveOperation', { parameters, body: { digest: 'f'.repeat(64) } })).rejects.toEqual(
    refused('PlanChanged'),
  );
  await wantApproval(world, 'changed', {}, { upgrade: { drainMinutes: 3 } });
  await bob.call('approveOperation', { parameters, body: { digest } });
  const arn = `${world.machineArn('upgrade').replace(':stateMachine:', ':execution:')}:${id}`;
  expect(await world.end(arn)).toMatchObject({
    error: 'PlanChanged',
    cause: expect.stringMatching(/^The plan of upgrade of changed has changed since approval was asked for /),
  });
  expect(changes(since)).toEqual([]);
  expect(scripted.nodes[0]!.versions.kubelet).not.toBe(TARGET);
});

test('an upgrade, approved', async () => {
  const scripted = upgradable(world, 'upgraded', { workers: 1, loadBalancer: false });
  await wantApproval(world, 'upgraded');
  const { id } = await alice.call('startOperation', {
    parameters: { cluster: 'upgraded', operation: 'upgrade' },
    body: { version: TARGET },
  });
  const { digest } = await waiting(world, alice, id);
  await bob.call('approveOperation', { parameters: { id }, body: { digest } });
  const { output } = await world.succeeded(
    `${world.machineArn('upgrade').replace(':stateMachine:', ':execution:')}:${id}`,
  );
  expect(output.approval).toMatchObject({ digest, approvers: [{ person: 'bob' }] });
  await expectUpgraded(world, scripted);
});

describe('nodes that come and go', () => {
  const KUBERNETES = { version: '1.37.2', endpoint: 'api.nodes.internal:6443', podSubnet: '10.244.0.0/16' };
  const bare = { membership: 'none', prepared: false } as const;

  /** Started by Alice; nothing changes until Bob approves it. */
  async function approvedByBob(
    cluster: string,
    operation: 'create-cluster' | 'join-node' | 'remove-node',
    body: object,
  ) {
    await wantApproval(world, cluster, {}, { kubernetes: KUBERNETES });
    const since = world.calls.length;
    const { id } = await alice.call('startOperation', { parameters: { cluster, operation }, body });
    const { digest } = await waiting(world, alice, id);
    expect(changes(since).filter((sent) => !sent.startsWith('preflight '))).toEqual([]);
    expect(await world.lockHolder(cluster)).toBeUndefined();
    await expect(alice.call('approveOperation', { parameters: { id }, body: { digest } })).rejects.toEqual(
      refused('OwnRequest'),
    );
    await bob.call('approveOperation', { parameters: { id }, body: { digest } });
    const { output } = await world.succeeded(arnOf(id, operation));
    expect(output.approval).toMatchObject({ digest, requester: { person: 'alice' }, approvers: [{ person: 'bob' }] });
    return output;
  }

  test('create-cluster', async () => {
    const cluster = world.scriptedCluster('made', { controlPlanes: 1, bare: true, loadBalancer: false });
    expect(createReport.parse(await approvedByBob('made', 'create-cluster', {})).outcome).toBe('created');
    expect(cluster.joined).toHaveLength(1);
  });

  test('join-node', async () => {
    const cluster = world.scriptedCluster('grown', { workers: 2, loadBalancer: false });
    Object.assign(cluster.node('worker-2'), bare);
    const { instanceId } = cluster.node('worker-2');
    expect(createReport.parse(await approvedByBob('grown', 'join-node', { nodes: [instanceId] })).outcome).toBe(
      'joined',
    );
    expect(cluster.joined).toHaveLength(3);
  });

  test('remove-node', async () => {
    const cluster = world.scriptedCluster('shrunk', { workers: 2, loadBalancer: false });
    const output = await approvedByBob('shrunk', 'remove-node', { node: 'worker-2' });
    expect(removalReport.parse(output).outcome).toBe('removed');
    expect(cluster.joined.map(({ name }) => name)).toEqual(['cp-1', 'worker-1']);
  });

  test('remove-node: what changes between approval and lock ends it', async () => {
    const cluster = world.scriptedCluster('moved', { controlPlanes: 3, workers: 1, loadBalancer: false });
    await wantApproval(world, 'moved');
    const since = world.calls.length;
    const { id } = await alice.call('startOperation', {
      parameters: { cluster: 'moved', operation: 'remove-node' },
      body: { node: 'cp-3' },
    });
    const { digest } = await waiting(world, alice, id);
    const looks = () => world.sent(since).filter((sent) => sent.startsWith('inspect-for-upgrade')).length;
    world.onCall = async (call, next) => {
      // Whoever holds the lock looks at the cluster once more.
      if (call.service === 'dynamodb' && call.action === 'PutItem' && looks() > 0)
        cluster.etcd.members.splice(0, 3, ...cluster.etcd.members.filter(({ name }) => name !== 'cp-3'));
      return next();
    };
    await bob.call('approveOperation', { parameters: { id }, body: { digest } });
    expect(await world.end(arnOf(id, 'remove-node'))).toMatchObject({
      error: 'PlanChanged',
      cause: expect.stringMatching(/^moved has changed since the removal was approved, so nothing was done /),
    });
    await unlocked(world, cluster);
  });
});

test.each<[string, object]>([
  ['without a trigger', {}],
  ['with one that somebody made up', { trigger: { source: 'api', id: 'x', who: sessionArn('Alice') } }],
  ['as the check would start it', { trigger: { source: 'check-certificates', id: 'x' } }],
])('unknown requester, started in Step Functions %s: one approver more', async (name, more) => {
  const cluster = `unknown-${name.length}`;
  world.scriptedCluster(cluster);
  await wantApproval(world, cluster);
  const arn = await world.start('renew-certificates', { cluster, ...more });
  const id = `renew-certificates.${arn.split(':').at(-1)!}`;
  const { needed, digest, requester } = await waiting(world, bob, id);
  expect({ needed, requester }).toEqual({ needed: 2, requester: undefined });
  await bob.call('approveOperation', { parameters: { id }, body: { digest } });
  expect(await waiting(world, bob, id)).toMatchObject({ state: 'waiting' });
  await carol.call('approveOperation', { parameters: { id }, body: { digest } });
  const { output } = await world.succeeded(arn);
  expect(output.approval.requester).toEqual({ source: 'unknown' });
});

test('the renewal that the check starts does not wait, unless the settings say so', async () => {
  world.scriptedCluster('automatic');
  await wantApproval(world, 'automatic');
  const { output } = await world.runWell('check-certificates', { cluster: 'automatic' });
  const renewal = await world.succeeded(output.nextExecutionArn);
  expect(renewal.output.approval).toMatchObject({ state: 'not-needed', requester: { source: 'check-certificates' } });

  world.scriptedCluster('asked');
  await wantApproval(world, 'asked', { automaticRenewals: true });
  const { output: checked } = await world.runWell('check-certificates', { cluster: 'asked' });
  const id = checked.nextExecutionArn.split(':').at(-1);
  const { needed, digest } = await waiting(world, bob, id);
  expect(needed).toBe(1);
  await bob.call('approveOperation', { parameters: { id }, body: { digest } });
  await world.succeeded(checked.nextExecutionArn);
});

test('a redrive does not ask again, a new start does', async () => {
  const { scripted, id, arn, since, parameters, body } = await waitingRenewal('redriven');
  once(scripted, 'renew-certificates', async (answer) => {
    await world.stopExecution(arn);
    return answer();
  });
  await bob.call('approveOperation', { parameters, body });
  expect((await world.end(arn)).status).toBe('ABORTED');
  const asked = async () => (await world.entered(arn)).filter((state) => state === 'Ask for approval').length;
  expect(await asked()).toBe(2);

  await world.redrive(arn);
  const { output } = await world.succeeded(arn);
  expect(await asked()).toBe(2);
  expect(wanted(since.events)).toHaveLength(1);
  expect(output.approval.approvers).toHaveLength(1);

  const again = await alice.call('startOperation', {
    parameters: { cluster: 'redriven', operation: 'renew-certificates' },
    body: { force: true },
  });
  expect(again.id).not.toBe(id);
  expect(await waiting(world, alice, again.id)).toMatchObject({ state: 'waiting', approvedBy: [] });
  await bob.call('rejectOperation', { parameters: { id: again.id }, body: { reason: 'enough' } });
  await world.end(arnOf(again.id));
});

test('stopped while it waits: it can no longer be approved; redriven it waits for the same approval', async () => {
  const { id, arn, parameters, body, since } = await waitingRenewal('stopped');
  await alice.call('stopOperation', { parameters, body: { reason: 'not now' } });
  expect((await world.end(arn)).status).toBe('ABORTED');
  await expect(bob.call('approveOperation', { parameters, body })).rejects.toEqual(refused('NotRunning'));

  await world.redrive(arn);
  // The state is not entered again: its task is.
  await world.passUntil(async () => (await world.history(arn, 1))[0]?.type === 'TaskSubmitted');
  expect(await waiting(world, bob, id)).toMatchObject({ state: 'waiting' });
  const { steps } = await bob.call('followOperation', { parameters });
  expect(steps.at(-1)).toMatchObject({ name: 'Wait for approval', state: 'running' });
  expect(steps.at(-1)).not.toHaveProperty('endedAt');
  await bob.call('approveOperation', { parameters, body });
  await world.succeeded(arn);
  expect(wanted(since.events)).toHaveLength(1);
});

test('the store out of reach means no', async () => {
  world.scriptedCluster('no-store');
  await wantApproval(world, 'no-store');
  const since = world.calls.length;
  world.onCall = async (call, next) => {
    const { id } = (call.input['Key'] ?? {}) as { id?: { S?: string } };
    if (call.service === 'dynamodb' && id?.S?.startsWith('approval/'))
      throw new AwsError('AccessDeniedException', 'out of reach', 400);
    return next();
  };
  const ended = await world.run('renew-certificates', { cluster: 'no-store' });
  expect(ended).toMatchObject({ status: 'FAILED', error: 'AccessDeniedException' });
  expect(changes(since)).toEqual([]);
});

test('whatever wakes it proves nothing: it looks at the record, and waits on', async () => {
  const { id, arn, since, parameters, body } = await waitingRenewal('woken');
  const { Item: item } = await world.approval(arn);
  await world.sendTaskSuccess(item!['token']!.S!);
  await world.passUntil(
    async () => (await world.entered(arn)).filter((state) => state === 'Wait for approval').length === 2,
  );
  expect(await waiting(world, bob, id)).toMatchObject({ state: 'waiting' });
  expect(changes(since.calls)).toEqual([]);
  await bob.call('approveOperation', { parameters, body });
  await world.succeeded(arn);
  expect(wanted(since.events)).toHaveLength(1);
});

test('command line: status and watch tell it, approve shows the plan and asks', async () => {
  const { id, arn } = await waitingRenewal('typed');
  const said: string[] = [];
  const questions: string[] = [];
  const autopilot = (line: string[], api = bob) =>
    runCli(
      {
        ...{ out: (text) => said.push(text), note: (text) => said.push(text), colors: false },
        connect: async () => api,
        now: () => world.aws.clock.now(),
        pause: async () => undefined,
        ask: async (question) => questions.push(question) > 0,
      },
      line,
    );
  expect(await autopilot(['status', 'typed'])).toBe(0);
  expect(said.join('\n')).toMatch(/waits for approval: it has 0 of 1 approval and waits until .* of bob, carol/);
  expect(await autopilot(['approve', id], alice)).toBe(4);
  expect(await autopilot(['approve', id])).toBe(0);
  expect(questions.at(-1)).toBe('Approve renew-certificates of typed?');
  expect(said.join('\n')).toMatch(/^1 +cp-1 +renew certificates/m);
  expect(said.at(-1)).toBe(`${id} is approved.`);
  await world.succeeded(arn);
});
