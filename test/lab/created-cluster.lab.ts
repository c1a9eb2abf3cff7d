import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { clusterParameterName } from '../../lambdas/contracts/cluster-config';
import { hasCgroupV1 } from '../../local/nodes/lab/check-host';
import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import type { ProbeResult } from '../../local/nodes/lab/probe';
import { Probe } from '../../local/nodes/lab/probe';
import type { Ended, Loose, Machine } from '../operations/helpers/world';
import { World } from '../operations/helpers/world';
import { createSettings, putManifest } from './helpers/create-settings';
import { INSTALLED_FROM, INSTALLED_TO } from './helpers/kubernetes-version';
import { secondsTable, turnsTable } from './helpers/turn-table';

const CLUSTER = 'created-cluster';
const TO = INSTALLED_TO.slice(1);
const NAME = 'k8s.example.com';
const CONTROL_PLANES = ['cp-1', 'cp-2', 'cp-3'];
const WORKERS = ['worker-1', 'worker-2'];

/** The life of a cluster that the app made of bare machines: it is reconfigured and goes to the next minor, and nothing of its settings is lost. */
describe('a cluster that the app has made', () => {
  let cluster: LabCluster;
  let world: World;
  let cutOff: Ended;
  let created: Ended;
  let planned: Ended;
  let changedByPlan: string;
  let reconfigured: Ended;
  let reconfiguredAgain: Ended;
  let upgraded: Ended;
  let checked: Ended;
  const nothingToDo: Record<string, Ended> = {};
  const turns: string[] = [];
  const probes: Record<string, ProbeResult> = {};

  beforeAll(async () => {
    cluster = await LabCluster.up({
      ...{ name: CLUSTER, kubernetesVersion: INSTALLED_FROM, imagesOf: [INSTALLED_TO], bare: true },
    });
    await putManifest(cluster);
    world = await World.start();
    world.nodes.push(...cluster.nodes);
    world.targetGroups.push(cluster.targetGroup);

    const first = createSettings(cluster, INSTALLED_FROM);
    await settings(first);
    await blockPods('add');
    cutOff = await run('create-cluster');
    await blockPods('del');
    created = await run('create-cluster');

    const wanted = {
      ...first,
      certSANs: [...first.certSANs, NAME],
      extraArgs: { apiServer: [...first.extraArgs.apiServer, { name: 'event-ttl', value: '2h0m0s' }] },
      kubelet: { ...first.kubelet, containerLogMaxFiles: 3 },
    };
    await settings(wanted);
    const before = await files();
    planned = await run('reconfigure', { planOnly: true });
    changedByPlan = (await files()) === before ? 'nothing' : 'files';
    world.onLine = ({ node, document }) => {
      if (document.startsWith('reconfigure-') && turns.at(-1) !== node) turns.push(node);
    };
    reconfigured = await inUse('reconfigure', () => run('reconfigure'));
    world.onLine = undefined;
    reconfiguredAgain = await run('reconfigure', { planOnly: true });

    upgraded = await inUse('upgrade', () => run('upgrade', { version: TO }));
    if (upgraded.output)
      console.log(secondsTable(upgraded.output), turnsTable((await world.history(upgraded.arn)).reverse()));
    checked = await run('check-certificates');
    // As whoever upgrades a cluster writes it down.
    await settings({ ...wanted, version: TO });
    for (const [machine, input] of [
      ['upgrade', { version: TO, planOnly: true }],
      ['reconfigure', { planOnly: true }],
      ['create-cluster', { planOnly: true }],
    ] as const)
      nothingToDo[machine] = await run(machine, input);
  });

  afterAll(async () => {
    await world?.stop();
    await cluster?.down();
  });

  async function settings(kubernetes: object): Promise<void> {
    const value = {
      cluster: CLUSTER,
      kubernetes,
      loadBalancer: { settleSeconds: 5 },
      upgrade: { exceptions: hasCgroupV1() ? ['cgroup-v1'] : [] },
    };
    const parameter = { Name: clusterParameterName(CLUSTER), Value: JSON.stringify(value) };
    await world.ssm.send(new PutParameterCommand({ ...parameter, Type: 'String', Overwrite: true }));
  }

  async function run(machine: Machine, input: object = {}): Promise<Ended> {
    const began = Date.now();
    const ended = await world.endUnhurried(await world.start(machine, { cluster: CLUSTER, ...input }));
    const { status, error = '', cause = '', output } = ended;
    const seconds = Math.round((Date.now() - began) / 1000);
    console.log(`${machine} ${JSON.stringify(input)}, ${seconds} s: ${status} ${error} ${cause || output?.summary}`);
    return ended;
  }

  /** While a client outside of the cluster opens a new connection to the API every 100 ms. */
  async function inUse(what: string, act: () => Promise<Ended>): Promise<Ended> {
    const probe = Probe.ofApi(cluster.plan);
    try {
      return await act();
    } finally {
      const { requests, failures, longestGapMs } = (probes[what] = await probe.stop());
      console.log(`${what}: ${failures.length} of ${requests} API requests failed, longest gap ${longestGapMs} ms`);
    }
  }

  /** Pods of the two workers do not reach each other, as where a security group forgets that. */
  async function blockPods(action: 'add' | 'del'): Promise<void> {
    const { podNetwork } = cluster.node('worker-2').plan;
    await cluster.node('worker-1').exec(['ip', 'route', action, 'blackhole', podNetwork]);
  }

  const shell = async (node: string, command: string) =>
    (await cluster.node(node).exec(['bash', '-c', command])).stdout.trim();
  /** Checksums of all that a reconfiguration writes on nodes. */
  async function files(): Promise<string> {
    const command = 'find /etc/kubernetes /var/lib/kubelet -maxdepth 2 -type f -name "*.*" -exec sha256sum {} + | sort';
    const sums = await Promise.all(cluster.nodes.map(({ name }) => shell(name, command)));
    return sums.join('\n');
  }
  const everyNode = async (jsonpath: string) => {
    const range = `jsonpath={range .items[*]}${jsonpath} {end}`;
    return (await cluster.kubectl('get', 'nodes', '-o', range)).trim().split(' ');
  };
  const well = ({ status, error, cause }: Ended) => `${status} ${error ?? ''} ${cause ?? ''}`.trim();

  test('pods that do not reach each other: the creation says so, and names the two nodes', () => {
    expect(cutOff).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed' });
    expect(cutOff.cause).toMatch(
      /A pod on worker-(1 does not reach a pod on worker-2|2 does not reach a pod on worker-1) \(no answer\)/,
    );
  });

  test('with that corrected it goes on to its end', () => {
    expect(well(created)).toBe('SUCCEEDED');
    expect(created.output.outcome).toBe('created');
  });

  test('a reconfiguration is first shown as a difference, and nothing has changed', () => {
    expect(well(planned)).toBe('SUCCEEDED');
    console.log(planned.output.plan.text);
    expect(planned.output).toMatchObject({ outcome: 'nothing', plan: { decision: 'act', lost: [] } });
    expect(planned.output.plan.text).toBe(
      [
        ...['kube-apiserver', '  + event-ttl=2h0m0s', 'certSANs', `  + ${NAME}`],
        ...['kubelet', '  + containerLogMaxFiles: 3'],
      ].join('\n'),
    );
    expect(changedByPlan).toBe('nothing');
  });

  test('then all nodes are reconfigured, one control plane at a time, then the workers, and no API request fails', () => {
    expect(well(reconfigured)).toBe('SUCCEEDED');
    expect(reconfigured.output.changedNodes).toEqual([...CONTROL_PLANES, ...WORKERS]);
    expect(turns).toEqual([...CONTROL_PLANES, ...WORKERS]);
    expect(probes['reconfigure']!.requests).toBeGreaterThan(500);
    expect(probes['reconfigure']!.failures).toEqual([]);
    expect(reconfiguredAgain.output.plan).toMatchObject({ kind: 'nothing', changes: [], lost: [] });
  });

  test('it is upgraded to the next minor as any other cluster, and no API request fails', async () => {
    expect(well(upgraded)).toBe('SUCCEEDED');
    expect(upgraded.output.outcome).toBe('upgraded');
    expect(probes['upgrade']!.failures).toEqual([]);
    expect(await everyNode('{.status.nodeInfo.kubeletVersion}')).toEqual(cluster.nodes.map(() => INSTALLED_TO));
    await cluster.kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s');
    const targets = cluster.controlPlanes.map(({ instanceId: id }) => ({ id, port: 6443, state: 'healthy' }));
    expect(await cluster.targetGroup.targets()).toEqual(targets);
  });

  test.each(CONTROL_PLANES)('after the upgrade %s has what the settings say', async (node) => {
    const manifest = await shell(node, 'cat /etc/kubernetes/manifests/kube-apiserver.yaml');
    expect(manifest).toContain('--event-ttl=2h0m0s');
    expect(manifest).toContain('--audit-log-maxage=7');
    expect(manifest).toMatch(/patched: "?yes"?/);
    const served =
      'openssl s_client -connect 127.0.0.1:6443 </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName';
    const names = await shell(node, served);
    for (const name of [NAME, 'create.example']) expect(names).toContain(`DNS:${name}`);
  });

  test.each([...CONTROL_PLANES, ...WORKERS])('after the upgrade the kubelet of %s, too', async (node) => {
    const configuration = await shell(node, 'cat /var/lib/kubelet/config.yaml');
    expect(configuration).toContain('containerLogMaxFiles: 3');
    expect(configuration).toContain('maxPods: 77');
    expect(await shell(node, 'apt-mark showhold')).toBe('kubeadm\nkubectl\nkubelet');
  });

  test('its certificates are in order', () => {
    expect(well(checked)).toBe('SUCCEEDED');
    const findings: Loose[] = checked.output.findings ?? [];
    expect(findings).toEqual([]);
  });

  test.each(['upgrade', 'reconfigure', 'create-cluster'])('in the end there is nothing to do: %s', (machine) => {
    expect(well(nothingToDo[machine]!)).toBe('SUCCEEDED');
    expect(nothingToDo[machine]!.output).toMatchObject({ outcome: 'nothing', plan: { decision: 'nothing' } });
  });

  test('nothing is held, and nobody is out of the load balancer', async () => {
    expect(await world.lockHolder(CLUSTER)).toBeUndefined();
    expect(await world.loadBalancerRecord(CLUSTER)).toBeUndefined();
  });
});
