import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { AwsError } from '../../local/aws/aws-call';
import type { AwsCall } from '../../local/aws/aws-call';
import { failure } from '../../local/nodes/scripted/outcomes';
import type { ScriptedCluster, ScriptedClusterOptions } from '../../local/nodes/scripted/scripted-cluster';
import { TestTargetGroup } from '../local/services/test-target-group';
import { deny } from './helpers/faults';
import { once } from './helpers/scripted';
import { WithAnother } from './helpers/with-another';
import { World, until } from './helpers/world';
import type { Ended } from './helpers/world';

type ClusterOptions = Partial<ScriptedClusterOptions>;

let world: World;
beforeAll(async () => {
  world = await World.startScripted();
});
afterEach(() => (world.onCall = world.onLine = undefined));
afterAll(() => world?.stop());

const FORCE = { force: true };
const healthy = (names: string[]) => names.map((name) => `${name} healthy`);

/** `name state` of each target, in order. */
async function listed(cluster: ScriptedCluster): Promise<string[]> {
  const nameOf = (id: string) => cluster.nodes.find(({ instanceId }) => instanceId === id)?.name ?? id;
  return (await cluster.targetGroup!.targets()).map(({ id, state }) => `${nameOf(id)} ${state}`).sort();
}
const whole = (cluster: ScriptedCluster) =>
  until('every control plane is healthy in its load balancer', async () => {
    world.aws.clock.advance(10_000);
    return (await listed(cluster)).join() === healthy(cluster.nodes.map(({ name }) => name)).join();
  });

/** A started cluster whose targets are all healthy. */
async function started(name: string, options: ClusterOptions = {}): Promise<ScriptedCluster> {
  const cluster = world.scriptedCluster(name, options);
  if (cluster.targetGroup) await whole(cluster);
  return cluster;
}

/** Calls that change the load balancer, and the renewals, as `verb name`. */
function turns(calls: AwsCall[]): string[] {
  const name = (id: unknown) => world.nodes.find(({ instanceId }) => instanceId === id)?.name ?? String(id);
  return calls.flatMap(({ action, input }) => {
    if (action === 'RegisterTargets' || action === 'DeregisterTargets')
      return (input['Targets'] as { Id: string }[]).map(({ Id }) => `${action} ${name(Id)}`);
    if (action === 'SendCommand' && String(input['DocumentName']).endsWith('renew-certificates'))
      return [`renew ${name((input['InstanceIds'] as string[])[0])}`];
    return [];
  });
}

/** What every ending leaves behind: all back in, nothing written down, no lock. */
async function expectAllBack(cluster: ScriptedCluster): Promise<void> {
  await until('nothing is written down', async () => !(await world.loadBalancerRecord(cluster.name)));
  await until('the lock is given back', async () => (await world.lockHolder(cluster.name)) === undefined);
  await whole(cluster);
}

describe('three control planes', () => {
  let cluster: ScriptedCluster;
  beforeAll(async () => {
    cluster = await started('three', { controlPlanes: 3 });
  });
  // A leader that was restarted last is none any more.
  beforeEach(() => cluster.etcd.moveLeader('cp-1'));
  afterEach(() => void world.targetGroups.splice(0, Infinity, cluster.targetGroup!));

  test('each leaves before its turn and is back, healthy, before the next one', async () => {
    const since = world.calls.length;
    const together = new Set<string>();
    const sightings = { restarted: new Set<string>() };
    world.onLine = ({ node, line }) => {
      if (/remove sandbox .* of kube-apiserver/.test(line))
        void listed(cluster).then((all) => {
          sightings.restarted.add(`${node}: ${all.join(', ')}`);
        });
    };
    world.onCall = async (call, next) => {
      const out = cluster.nodes.length - (await listed(cluster)).filter((target) => !/draining/.test(target)).length;
      together.add(`${out} out`);
      return next();
    };
    const { output } = await world.runWell('renew-certificates', { cluster: 'three' });

    expect(turns(world.calls.slice(since))).toEqual(
      ['cp-2', 'cp-3', 'cp-1'].flatMap((name) => [
        `DeregisterTargets ${name}`,
        `renew ${name}`,
        `RegisterTargets ${name}`,
      ]),
    );
    expect([...together].sort()).toEqual(['0 out', '1 out']);
    expect([...sightings.restarted]).toEqual([
      'cp-2: cp-1 healthy, cp-3 healthy',
      'cp-3: cp-1 healthy, cp-2 healthy',
      'cp-1: cp-2 healthy, cp-3 healthy',
    ]);
    expect(output.loadBalancer).toEqual(
      ['cp-2', 'cp-3', 'cp-1'].map((node) => ({ node, said: `${node} left three-api; it came back and is healthy` })),
    );
    const told = world.aws.published().find(({ subject }) => subject?.startsWith('three: certificates renewed'));
    expect(told!.message).toContain('- cp-3 left three-api; it came back and is healthy');
    await expectAllBack(cluster);
  });

  test('one that is not healthy there stays, and need not become healthy: the others have their turn', async () => {
    const target = cluster.targetGroup!;
    const { instanceId } = cluster.node('cp-2');
    const sick = new TestTargetGroup(target.name);
    for (const node of cluster.nodes)
      sick.set(node.instanceId, node.instanceId === instanceId ? 'unhealthy' : 'healthy');
    world.onCall = async (call, next) => {
      const answer = await next();
      if (call.action === 'RegisterTargets')
        for (const { Id } of call.input['Targets'] as { Id: string }[]) sick.set(Id, 'healthy');
      return answer;
    };
    world.targetGroups.splice(world.targetGroups.indexOf(target), 1, sick);
    const { arn, output } = await world.runWell('renew-certificates', { cluster: 'three', ...FORCE });
    const said = output.loadBalancer.find(({ node }: { node: string }) => node === 'cp-2').said;
    expect(said).toBe(`cp-2 stayed in ${target.name}, where it was not healthy`);
    expect(output.renewedNodes).toHaveLength(3);
    const names = await world.entered(arn);
    expect(names.filter((name) => name === 'Let the load balancer settle')).toHaveLength(2);
  });

  test('one of addresses is left and joined by address; an ingress, other protocols and other networks are none of ours', async () => {
    const ids = cluster.nodes.map(({ instanceId }) => instanceId);
    const addresses = cluster.nodes.map(({ privateIp }) => privateIp);
    const others = [
      ids.reduce((group, id) => group.set(id, 'healthy', 30443), new TestTargetGroup('ingress')),
      ids.reduce((group, id) => group.set(id, 'healthy'), new TestTargetGroup('udp', { protocol: 'UDP' })),
      addresses.reduce(
        (group, address) => group.set(address, 'healthy'),
        new TestTargetGroup('elsewhere', { targetType: 'ip', vpcId: 'vpc-11111111111111111' }),
      ),
    ];
    const before = others.map((group) => group.listed);
    const byAddress = new TestTargetGroup('by-address', { targetType: 'ip' });
    for (const address of addresses) byAddress.set(address, 'healthy');
    world.onCall = async (call, next) => {
      const answer = await next();
      if (call.action === 'RegisterTargets') for (const address of addresses) byAddress.set(address, 'healthy');
      return answer;
    };
    world.targetGroups.push(byAddress, ...others);
    const since = world.calls.length;
    const { output } = await world.runWell('renew-certificates', { cluster: 'three', ...FORCE });
    expect(output.loadBalancer.map(({ said }: { said: string }) => said)).toEqual(
      ['cp-2', 'cp-3', 'cp-1'].map((name) => `${name} left three-api and by-address; it came back and is healthy`),
    );
    expect(others.map((group) => group.listed)).toEqual(before);
    // For each its turn: out of both groups, the renewal, into both.
    expect(turns(world.calls.slice(since))).toHaveLength(15);
  });
});

describe('where nothing is to be left', () => {
  test.each<[string, string, ClusterOptions, string]>([
    ['no target group at all', 'own', { loadBalancer: false }, 'cp-1 is in no target group on port 6443'],
    ['the last healthy target', 'alone', {}, 'cp-1 stayed in alone-api, where no other target is healthy'],
  ])('%s: said, and renewed', async (_name, name, options, said) => {
    await started(name, options);
    const since = world.calls.length;
    const { arn, output } = await world.runWell('renew-certificates', { cluster: name });
    expect(output).toMatchObject({ renewedNodes: ['cp-1'], loadBalancer: [{ node: 'cp-1', said }] });
    expect(turns(world.calls.slice(since))).toEqual(['renew cp-1']);
    const extra = (await world.entered(arn)).filter((state) => /load balancer|drain|again|healthy there/.test(state));
    expect(extra).toEqual([
      'Leave the load balancer',
      'Has it left the load balancer?',
      'Did it leave the load balancer?',
    ]);
  });

  test('the settings say so', async () => {
    const settings = { cluster: 'never', loadBalancer: { leave: false } };
    await world.ssm.send(
      new PutParameterCommand({
        Name: '/kubeadm-autopilot/clusters/never',
        Value: JSON.stringify(settings),
        Type: 'String',
      }),
    );
    const cluster = await started('never');
    world.targetGroups.splice(
      world.targetGroups.indexOf(cluster.targetGroup!),
      1,
      new WithAnother(cluster.targetGroup!),
    );
    const since = world.calls.length;
    const { output } = await world.runWell('renew-certificates', { cluster: 'never' });
    expect(output.loadBalancer.map(({ said }: { said: string }) => said)).toEqual(
      cluster.nodes.map(() => expect.stringContaining("was left in its load balancers, as the cluster's settings say")),
    );
    expect(turns(world.calls.slice(since)).filter((turn) => /Targets/.test(turn))).toEqual([]);
  });
});

describe('whatever happens after it has left', () => {
  let cluster: ScriptedCluster;
  beforeAll(async () => {
    cluster = await started('solo');
    world.targetGroups.splice(
      world.targetGroups.indexOf(cluster.targetGroup!),
      1,
      new WithAnother(cluster.targetGroup!),
    );
  });
  const node = () => cluster.node('cp-1');
  const isOut = async () =>
    !(await listed(cluster)).some((target) => target.startsWith('cp-1') && !/draining/.test(target));
  const start = () => world.start('renew-certificates', { cluster: 'solo', ...FORCE });
  const lastOf = async (arn: string) => (await world.entered(arn)).at(-1);

  test('the script fails: it is registered again before the lock is given back', async () => {
    once(cluster, 'renew-certificates', () => failure('renew the files', 'kubeadm ended with 1: out of entropy'));
    const since = world.calls.length;
    const ended = await world.end(await start());
    expect(ended).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed' });
    expect(ended.cause).not.toMatch(/target group/);
    await expectAllBack(cluster);
    const calls = world.calls.slice(since);
    const register = calls.findIndex(({ action }) => action === 'RegisterTargets');
    const key = (call: AwsCall) => JSON.stringify(call.input['Key']);
    const release = calls.findIndex((call) => call.action === 'DeleteItem' && key(call).includes('"solo"'));
    expect(register).toBeGreaterThan(0);
    expect(release).toBeGreaterThan(register);
  });

  test.each(['Wait for its connections to drain', 'Let the load balancer settle'])(
    'stopped in "%s": registered again; redriven, it leaves once more before it is renewed',
    async (state) => {
      const arn = await stopIn(state);
      await expectAllBack(cluster);
      const since = world.calls.length;
      await world.redrive(arn);
      const { output } = await world.succeeded(arn);
      expect(output.renewedNodes).toEqual(['cp-1']);
      expect(turns(world.calls.slice(since))).toEqual(['DeregisterTargets cp-1', 'renew cp-1', 'RegisterTargets cp-1']);
      await expectAllBack(cluster);
    },
  );

  /** @returns the execution */
  async function stopIn(state: string): Promise<string> {
    const arn = await start();
    await world.passUntil(async () => (await lastOf(arn)) === state);
    await world.stopExecution(arn);
    return arn;
  }

  test('stopped while the script runs: registered again', async () => {
    let arn = '';
    let wasOut = false;
    once(cluster, 'renew-certificates', async (answer) => {
      wasOut = await isOut();
      await world.stopExecution(arn);
      return answer();
    });
    const lines = world.lines.length;
    arn = await start();
    expect((await world.end(arn)).status).toBe('ABORTED');
    expect(wasOut).toBe(true);
    await expectAllBack(cluster);
    await until('the script has ended', () =>
      world.lines
        .slice(lines)
        .some(({ document, line }) => document === 'renew-certificates' && line.startsWith('KUBEADM')),
    );
  });

  test('stopped in the very moment in which it is taken out: put back by the function itself', async () => {
    let arn = '';
    let isPutBack = false;
    world.onCall = async (call, next) => {
      if (call.action !== 'DeregisterTargets') return next();
      await world.stopExecution(arn);
      await until('on-operation-ended has looked', async () => (await world.lockHolder('solo')) === undefined);
      const answer = await next();
      world.onCall = async ({ action }, register) =>
        register().finally(() => (isPutBack ||= action === 'RegisterTargets'));
      return answer;
    };
    arn = await start();
    expect((await world.end(arn)).status).toBe('ABORTED');
    // Before that all is as it was, too.
    await until('the function has put it back', () => isPutBack);
    await expectAllBack(cluster);
  });

  test('stopped in that moment, and the function may not put it back: people are told, and the next operation repairs it', async () => {
    let arn = '';
    world.onCall = async ({ action }, next) => {
      if (action === 'RegisterTargets') throw new AwsError('AccessDenied', 'Not in this test.', 403);
      if (action === 'DeregisterTargets') {
        await world.stopExecution(arn);
        await until('on-operation-ended has looked', async () => (await world.lockHolder('solo')) === undefined);
      }
      return next();
    };
    const told = world.aws.published().length;
    arn = await start();
    expect((await world.end(arn)).status).toBe('ABORTED');
    const words =
      /had ended when cp-1 left its load balancer: cp-1 is still out of the target group solo-api \(AccessDenied/;
    await until('people are told', () =>
      world.aws
        .published()
        .slice(told)
        .some(({ message }) => words.test(message)),
    );
    expect(await world.loadBalancerRecord('solo')).toMatchObject({ node: { name: 'cp-1' } });
    world.onCall = undefined;
    const since = world.calls.length;
    await world.runWell('renew-certificates', { cluster: 'solo', ...FORCE });
    expect(turns(world.calls.slice(since))[0]).toBe('RegisterTargets cp-1');
    await expectAllBack(cluster);
  });

  test('nobody could put it back: the failure says so, and the next operation repairs it', async () => {
    once(cluster, 'renew-certificates', () => failure('renew the files', 'kubeadm ended with 1: out of entropy'));
    const denied = deny(world, 'elasticloadbalancing:RegisterTargets');
    const ended = await world.end(await start());
    expect(ended.cause).toMatch(
      /out of entropy.* cp-1 is still out of the target group solo-api \(AccessDenied.*\): register it there again\.$/,
    );
    await until('on-operation-ended has tried too', () => denied.times >= 2);
    await until('the lock is given back', async () => (await world.lockHolder('solo')) === undefined);
    expect(await world.loadBalancerRecord('solo')).toMatchObject({ node: { name: 'cp-1' } });
    expect(await isOut()).toBe(true);
    world.onCall = undefined;
    const since = world.calls.length;
    await world.runWell('renew-certificates', { cluster: 'solo', ...FORCE });
    expect(turns(world.calls.slice(since))[0]).toBe('RegisterTargets cp-1');
    await expectAllBack(cluster);
  });

  test('its event is lost as well: the next operation takes over the lock and repairs it', async () => {
    world.onEvent = (event) => (event['detail-type'] === 'Step Functions Execution Status Change' ? [] : [event]);
    const arn = await stopIn('Let the load balancer settle');
    world.onEvent = undefined;
    expect(await world.lockHolder('solo')).toBe(arn);
    expect(await isOut()).toBe(true);
    const since = world.calls.length;
    const next = await world.runWell('renew-certificates', { cluster: 'solo', ...FORCE });
    expect(await world.entered(next.arn)).toContain('Take over the lock if its holder has ended');
    expect(turns(world.calls.slice(since))).toEqual([
      'RegisterTargets cp-1',
      'DeregisterTargets cp-1',
      'renew cp-1',
      'RegisterTargets cp-1',
    ]);
    await expectAllBack(cluster);
  });

  test('it does not become healthy: the operation fails with group, node and reason, and it stays registered', async () => {
    const group = new TestTargetGroup('solo-api')
      .set(node().instanceId, 'healthy')
      .set('i-0ffffffffffffffff', 'healthy');
    const [own] = world.targetGroups.splice(-1, 1, group);
    const ended = await world.end(await start());
    expect(ended).toMatchObject({ status: 'FAILED', error: 'TargetNotHealthy' });
    expect(ended.cause).toMatch(
      /^cp-1 was put back into the target group solo-api and is still not healthy there after 10/,
    );
    expect(group.listed).toContain(`${node().instanceId}:6443 initial`);
    await until('the lock is given back', async () => (await world.lockHolder('solo')) === undefined);
    expect(await world.loadBalancerRecord('solo')).toBeUndefined();
    world.targetGroups.splice(-1, 1, own!);
  });

  /** Each right that the two functions have and that a renewal needs. */
  test.each([
    ['LeaveLoadBalancer', 'dynamodb:GetItem', false],
    ['LeaveLoadBalancer', 'dynamodb:PutItem', false],
    ['LeaveLoadBalancer', 'ec2:DescribeInstances', false],
    ['LeaveLoadBalancer', 'elasticloadbalancing:DescribeTargetGroups', false],
    ['LeaveLoadBalancer', 'elasticloadbalancing:DescribeTargetHealth', false],
    ['LeaveLoadBalancer', 'elasticloadbalancing:DeregisterTargets', false],
    ['LeaveLoadBalancer', 'states:DescribeExecution', false],
    ['ReturnToLoadBalancer', 'elasticloadbalancing:DescribeTargetHealth', true],
    ['ReturnToLoadBalancer', 'elasticloadbalancing:RegisterTargets', true],
    ['ReturnToLoadBalancer', 'ec2:DescribeInstances', true],
    ['ReturnToLoadBalancer', 'ec2:DescribeInternetGateways', true],
    ['ReturnToLoadBalancer', 'ec2:DescribeSubnets', true],
    ['ReturnToLoadBalancer', 'ec2:DescribeVpcs', true],
    ['ReturnToLoadBalancer', 'dynamodb:DeleteItem', true],
  ])('%s without %s: a clear failure, and nothing is left out', async (role, action, isRenewed) => {
    const since = world.calls.length;
    const denied = deny(world, action, `${role}Role`);
    const ended: Ended = await world.end(await start());
    expect(denied.times).toBeGreaterThan(0);
    expect(`${ended.status} ${ended.cause}`).toMatch(/^FAILED renew-certificates failed with /);
    expect(ended.cause).toContain(`is not authorized to perform: ${action}`);
    world.onCall = undefined;
    await expectAllBack(cluster);
    expect(turns(world.calls.slice(since)).includes('renew cp-1')).toBe(isRenewed);
  });

  test('throttled, it is no "none": the operation fails', async () => {
    world.onCall = async (call, next) => {
      if (call.action === 'DescribeTargetGroups') throw new AwsError('ValidationError', 'Something is wrong.');
      return next();
    };
    expect(await world.end(await start())).toMatchObject({ status: 'FAILED', error: 'ValidationError' });
    await expectAllBack(cluster);
  });
});
