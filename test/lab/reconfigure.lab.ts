import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { clusterParameterName } from '../../lambdas/contracts/cluster-config';
import { DEFAULT_KUBERNETES } from '../../local/nodes/default-kubernetes';
import type { Ended } from '../operations/helpers/world';
import { OperatedCluster } from './helpers/operated-cluster';
import { KUBERNETES } from './helpers/kubernetes-version';
import { SPARING } from './helpers/sparing';

const CLUSTER = 'reconfigure';
const NAME = 'k8s.example.com';
const EVENT_TTL = { name: 'event-ttl', value: '2h0m0s' };

/** Settings of a running cluster change, on a real control plane and a worker, each time by one execution as it is deployed. */
describe('a cluster gets what its settings say', () => {
  let lab: OperatedCluster;
  let untouched: Ended;
  let changed: Ended;
  let again: Ended;
  let unknownFlag: Ended;
  let byHand: Ended;
  let overwritten: Ended;
  let brokenApiServer: Ended;
  let afterApiServer: string;
  let brokenKubelet: Ended;
  let corrected: Ended;
  let worker: { before: string; after: string };

  beforeAll(async () => {
    lab = await OperatedCluster.up({
      ...{ name: CLUSTER, controlPlanes: 1, workers: 1, clusterConfiguration: { ...SPARING } },
    });
    lab.world.targetGroups.push(lab.cluster.targetGroup);
    untouched = await reconfigure('nothing to change', {});
    const wanted = {
      certSANs: [...(await namesOfConfiguration()), NAME],
      extraArgs: {
        apiServer: [EVENT_TTL],
        controllerManager: [{ name: 'node-monitor-grace-period', value: '55s' }],
        etcd: [{ name: 'quota-backend-bytes', value: '4294967296' }],
        kubelet: [{ name: 'v', value: '1' }],
      },
      kubelet: { maxPods: 77 },
      patches: { 'kube-scheduler0+strategic.yaml': 'metadata: { annotations: { patched: "yes" } }\n' },
    };
    changed = await reconfigure('everything at once', wanted);
    again = await reconfigure('again', wanted);
    const before = await shell('worker-1', 'cat /var/lib/kubelet/config.yaml');
    unknownFlag = await reconfigure('a flag that nobody knows', {
      ...wanted,
      extraArgs: { ...wanted.extraArgs, scheduler: [{ name: 'no-such-flag', value: 'x' }] },
    });
    const manifest = '/etc/kubernetes/manifests/kube-scheduler.yaml';
    await shell('cp-1', `sed -i 's/--leader-elect=true/--leader-elect=true\\n    - --profiling=false/' ${manifest}`);
    byHand = await reconfigure('changed by hand', wanted);
    overwritten = await reconfigure('replaced', wanted, { overwrite: true });
    brokenApiServer = await reconfigure('an API server that does not start', {
      ...wanted,
      extraArgs: {
        ...wanted.extraArgs,
        apiServer: [EVENT_TTL, { name: 'audit-policy-file', value: '/nowhere/policy.yaml' }],
      },
    });
    afterApiServer = await shell('cp-1', 'cat /etc/kubernetes/manifests/kube-apiserver.yaml');
    brokenKubelet = await reconfigure('a kubelet that does not start', {
      ...wanted,
      kubelet: { maxPods: 77, evictionHard: { 'memory.available': 'plenty' } },
    });
    corrected = await reconfigure('corrected', { ...wanted, kubelet: { maxPods: 78, evictionHard: null } });
    worker = { before, after: await shell('worker-1', 'cat /var/lib/kubelet/config.yaml') };
  });

  afterAll(() => lab?.down());

  async function reconfigure(what: string, kubernetes: object, input: object = {}): Promise<Ended> {
    const { networks, endpoint } = lab.cluster.plan;
    const fixed = {
      version: (KUBERNETES.kubernetesVersion ?? DEFAULT_KUBERNETES).slice(1),
      endpoint,
      podSubnet: `${networks.pods}.0.0/16`,
      serviceSubnet: `${networks.services}.0.0/16`,
      cgroupDriver: 'cgroupfs',
    };
    await lab.world.ssm.send(
      new PutParameterCommand({
        Name: clusterParameterName(CLUSTER),
        Value: JSON.stringify({
          cluster: CLUSTER,
          loadBalancer: { settleSeconds: 0 },
          kubernetes: { ...fixed, ...kubernetes },
        }),
        Type: 'String',
        Overwrite: true,
      }),
    );
    const began = Date.now();
    const ended = await lab.world.endUnhurried(await lab.world.start('reconfigure', { cluster: CLUSTER, ...input }));
    return lab.tell(`${what}, ${Math.round((Date.now() - began) / 1000)} s`, ended);
  }

  const shell = async (node: string, command: string) =>
    (await lab.node(node).exec(['bash', '-c', command])).stdout.trim();
  const configMap = (name: string, key: string) =>
    lab.cluster.kubectl('-n', 'kube-system', 'get', 'configmap', name, '-o', `jsonpath={.data.${key}}`);
  /** Those that the lab made the cluster with. */
  async function namesOfConfiguration(): Promise<string[]> {
    const [, names = ''] =
      /certSANs:\n((?: +- .*\n)+)/.exec(await configMap('kubeadm-config', 'ClusterConfiguration')) ?? [];
    return [...names.matchAll(/- ["']?([^"'\n]+)/g)].map(([, name]) => name!);
  }
  const well = ({ status, error, cause }: Ended) => `${status} ${error ?? ''} ${cause ?? ''}`.trim();

  test('a cluster that kubeadm made, and nobody touched, has nothing to change', () => {
    expect(well(untouched)).toBe('SUCCEEDED');
    expect(untouched.output.plan).toMatchObject({ kind: 'nothing', changes: [], lost: [] });
  });

  test('flags, names of the certificate, patches and kubelets change by one execution; the second changes nothing', async () => {
    expect(well(changed)).toBe('SUCCEEDED');
    console.log(changed.output.plan.text);
    expect(changed.output.changedNodes).toEqual(['cp-1', 'worker-1']);
    expect(well(again)).toBe('SUCCEEDED');
    expect(again.output.plan).toMatchObject({ kind: 'nothing', changes: [], lost: [] });
  });

  test('what runs has it', async () => {
    const running = await shell('cp-1', "ps -eo args | grep -E '^(kube-|etcd )|/kubelet '");
    expect(running).toMatch(/kube-apiserver .*--event-ttl=2h0m0s/);
    expect(running).toMatch(/kube-controller-manager .*--node-monitor-grace-period=55s/);
    expect(running).toMatch(/etcd .*--quota-backend-bytes=4294967296/);
    expect(running).toMatch(/kubelet .*--v=1/);
    const port = lab.cluster.plan.endpoint.split(':')[1];
    expect(
      await shell(
        'cp-1',
        `openssl s_client -connect 127.0.0.1:${port} </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName`,
      ),
    ).toContain(`DNS:${NAME}`);
    expect(
      await lab.cluster.kubectl(
        '-n',
        'kube-system',
        'get',
        'pod',
        'kube-scheduler-cp-1',
        '-o',
        'jsonpath={.metadata.annotations.patched}',
      ),
    ).toBe('yes');
  });

  test('a flag that its component does not know is refused before anything changes', () => {
    expect(unknownFlag).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed' });
    expect(unknownFlag.cause).toMatch(
      /kube-scheduler would not start with the arguments that the settings give it: .*no-such-flag/,
    );
  });

  test('what was changed by hand is named, and replaced where that is asked for', async () => {
    expect(byHand).toMatchObject({ status: 'FAILED', error: 'GateRefused' });
    expect(byHand.cause).toContain('Changes made by hand would be lost: cp-1, kube-scheduler: + --profiling=false.');
    expect(well(overwritten)).toBe('SUCCEEDED');
    expect(await shell('cp-1', 'grep -c profiling /etc/kubernetes/manifests/kube-scheduler.yaml || true')).toBe('0');
  });

  test('an API server that does not start gets its old manifest back', () => {
    expect(brokenApiServer).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed' });
    expect(brokenApiServer.cause).toMatch(
      /kube-apiserver does not run.*The manifests from before are back, and the node is healthy/s,
    );
    expect(afterApiServer).not.toContain('audit-policy-file');
    expect(afterApiServer).toContain('--event-ttl=2h0m0s');
  });

  test('a kubelet that does not start gets its old configuration back, and with corrected settings all have the new one', () => {
    expect(brokenKubelet).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed' });
    expect(brokenKubelet.cause).toMatch(/kubelet does not stay active.*The one from before is back/s);
    expect(well(corrected)).toBe('SUCCEEDED');
    expect(corrected.output.plan.lost).toEqual([]);
    expect(worker.before).toContain('maxPods: 77');
    expect(worker.after).toContain('maxPods: 78');
  });

  test('nothing is left over', async () => {
    await lab.cluster.kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s');
    expect(await lab.world.lockHolder(CLUSTER)).toBeUndefined();
    expect(await configMap('kubeadm-config', 'kubeadm-autopilot-previous')).toBe('');
    expect(await configMap('kubelet-config', 'kubeadm-autopilot-previous')).toBe('');
    expect(
      await shell('cp-1', 'ls /run/kubeadm-autopilot /var/lib/kubeadm-autopilot/reconfigure 2>/dev/null; true'),
    ).not.toContain('before');
  });
});
