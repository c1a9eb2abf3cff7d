import { randomUUID } from 'node:crypto';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { clusterParameterName } from '../../lambdas/contracts/cluster-config';
import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import { expectNoSecret } from '../operations/helpers/no-secret';
import type { Ended } from '../operations/helpers/world';
import { until, World } from '../operations/helpers/world';
import { createSettings, putManifest } from './helpers/create-settings';
import { INSTALLED_FROM, KUBERNETES } from './helpers/kubernetes-version';

const CLUSTER = 'replace';
const { kubernetesVersion = INSTALLED_FROM } = KUBERNETES;

/** A cluster that the app has made; nodes come and go by events, one dies and is replaced, one leaves and joins again. */
describe('nodes that are replaced, and that come and go by themselves', () => {
  let cluster: LabCluster;
  let world: World;
  let created: Ended;
  let launched: string | undefined;
  let replaced: Ended;
  let removed: Ended;
  let joinedAgain: Ended;
  let terminated: string | undefined;
  const known: Record<string, string[]> = {};

  beforeAll(async () => {
    cluster = await LabCluster.up({ name: CLUSTER, controlPlanes: 4, workers: 1, kubernetesVersion, bare: true });
    await putManifest(cluster);
    world = await World.start();
    world.targetGroups.push(cluster.targetGroup);
    const later = cluster.nodes.filter(({ name }) => name === 'cp-4' || name === 'worker-1');
    world.nodes.push(...cluster.nodes.filter((node) => !later.includes(node)));
    await world.ssm.send(
      new PutParameterCommand({
        Name: clusterParameterName(CLUSTER),
        Value: JSON.stringify({
          cluster: CLUSTER,
          lifecycle: { join: true, remove: true },
          kubernetes: createSettings(cluster, kubernetesVersion),
        }),
        Type: 'String',
        Overwrite: true,
      }),
    );
    created = await run('create-cluster', {});
    world.nodes.push(...later);
    launched = await event('LAUNCHING', 'worker-1');
    known['launched'] = await nodes();
    // At once, without a hand-over, as when a host dies.
    await cluster.node('cp-3').cutPower();
    replaced = await run('replace-node', { node: 'cp-3', with: 'cp-4' });
    known['replaced'] = await nodes();
    // The lab's network plugin is the machine's own: a reset takes it away, and what launches a machine brings it.
    const plugin = '/etc/cni/net.d';
    await cluster.node('cp-2').exec(['cp', '-a', plugin, '/root/network-plugin']);
    removed = await run('remove-node', { node: 'cp-2' });
    // A dead machine with the cluster's tag would keep control planes from joining.
    world.nodes.splice(world.nodes.indexOf(cluster.node('cp-3')), 1);
    await cluster.node('cp-2').exec(['bash', '-c', `mkdir -p ${plugin} && cp -a /root/network-plugin/. ${plugin}/`]);
    joinedAgain = await run('join-node', { nodes: ['cp-2'] });
    known['joinedAgain'] = await nodes();
    terminated = await event('TERMINATING', 'worker-1');
    known['terminated'] = await nodes();
  });

  afterAll(async () => {
    await world?.stop();
    await cluster?.down();
  });

  async function run(operation: 'create-cluster' | 'replace-node' | 'remove-node' | 'join-node', input: object) {
    const began = Date.now();
    const ended = await world.endUnhurried(await world.start(operation, { cluster: CLUSTER, ...input }));
    const { status, error = '', cause = '', output } = ended;
    console.log(
      `${operation}, ${Math.round((Date.now() - began) / 1000)} s: ${status} ${error} ${cause} ${output?.summary}`,
    );
    return ended;
  }

  /** A lifecycle hook that waits, by the local EventBridge. @returns what it was told */
  async function event(transition: 'LAUNCHING' | 'TERMINATING', node: string): Promise<string | undefined> {
    const token = randomUUID();
    world.aws.happen({
      source: 'aws.autoscaling',
      'detail-type': `EC2 Instance-${transition === 'LAUNCHING' ? 'launch' : 'terminate'} Lifecycle Action`,
      detail: {
        LifecycleActionToken: token,
        AutoScalingGroupName: 'workers',
        LifecycleHookName: 'kubeadm-autopilot-hook',
        EC2InstanceId: cluster.node(node).instanceId,
        LifecycleTransition: `autoscaling:EC2_INSTANCE_${transition}`,
      },
    });
    const hook = () => world.aws.lifecycleActions().find((one) => one.token === token);
    await until(`${node} is done`, () => hook()?.result !== undefined, 900);
    return hook()?.result;
  }

  async function nodes(): Promise<string[]> {
    const said = await cluster.kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}');
    return said.trim().split(' ').sort();
  }

  const well = ({ status, error, cause }: Ended) => `${status} ${error ?? ''} ${cause ?? ''}`.trim();

  test('each operation succeeds', () => {
    expect([created, replaced, removed, joinedAgain].map(well)).toEqual(Array(4).fill('SUCCEEDED'));
    expect(replaced.output).toMatchObject({ outcome: 'replaced', plan: { kind: 'dead' } });
  });

  test('events: an instance that is launched joins, one that is terminated has left before', () => {
    expect([launched, terminated]).toEqual(['CONTINUE', 'CONTINUE']);
  });

  test('the nodes that the cluster has after each step', () => {
    expect(known).toEqual({
      launched: ['cp-1', 'cp-2', 'cp-3', 'worker-1'],
      replaced: ['cp-1', 'cp-2', 'cp-4', 'worker-1'],
      joinedAgain: ['cp-1', 'cp-2', 'cp-4', 'worker-1'],
      terminated: ['cp-1', 'cp-2', 'cp-4'],
    });
  });

  test('every node that is there is Ready, etcd has a member on each, and nothing is held', async () => {
    await cluster.kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s');
    const pki = '/etc/kubernetes/pki/etcd';
    const list = `etcdctl --cacert=${pki}/ca.crt --cert=${pki}/server.crt --key=${pki}/server.key member list`;
    const command = `crictl exec $(crictl ps -q --name '^etcd$') ${list}`;
    const { stdout } = await cluster.node('cp-1').exec(['bash', '-c', command]);
    const members = stdout.trim().split('\n');
    expect(members.map((line) => line.split(', ')[2]).sort()).toEqual(['cp-1', 'cp-2', 'cp-4']);
    expect(await world.lockHolder(CLUSTER)).toBeUndefined();
    expect(await world.loadBalancerRecord(CLUSTER)).toBeUndefined();
  });

  test('canary: no token, certificate key or kubeconfig of all this is anywhere in AWS', async () => {
    const machines = ['create-cluster', 'join-node', 'remove-node', 'replace-node', 'lifecycle-event'] as const;
    const executions = await Promise.all(machines.map((machine) => world.executions(machine)));
    const adminConf = await cluster.node('cp-1').exec(['cat', '/etc/kubernetes/admin.conf']);
    await expectNoSecret(world, executions.flat(), [
      ...[...adminConf.stdout.matchAll(/client-key-data: (\S+)/g)].map(([, key]) => key!),
    ]);
  });
});
