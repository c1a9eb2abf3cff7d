import { setTimeout as delay } from 'node:timers/promises';
import { renewalTable } from '../../local/commands/render';
import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import type { LabNode } from '../../local/nodes/lab/lab-node';
import { expectNoSecret } from '../operations/helpers/no-secret';
import { World } from '../operations/helpers/world';
import type { Ended, Loose } from '../operations/helpers/world';
import { KUBERNETES } from './helpers/kubernetes-version';
import { runNodeScript } from './helpers/node-script';
import { slowStates } from './helpers/slow-states';
import { SPARING } from './helpers/sparing';
import { goOn, standStill } from './helpers/stand-still';

/** Of the certificates that are to end: kubeadm's, once the cluster is up, and those that kubelets are given again and again till then. */
const VALIDITY = '4m0s';
const KUBELET_VALIDITY_SECONDS = 200;
const POD_FIELDS = 'jsonpath={range .items[*]}{.metadata.uid} {.status.containerStatuses[0].containerID}{"\\n"}{end}';
const KUBECTL = 'kubectl --kubeconfig=/etc/kubernetes/admin.conf';
/** In the ConfigMap from which kubeadm takes it. */
const SHORTEN = `${KUBECTL} -n kube-system get configmap kubeadm-config -o yaml |
  sed 's/^\\( *certificateValidityPeriod: \\).*/\\1${VALIDITY}/' | ${KUBECTL} replace -f -`;
const CLIENT_CERTIFICATE = '/var/lib/kubelet/pki/kubelet-client-current.pem';

/**
 * A cluster all of whose certificates have really expired: kubeadm's own and those of the kubelets. The API is dead, one kubelet stopped. One
 * execution brings it back. It comes up with normal certificates, so that a slow machine has the time for that, and gets short ones then.
 */
describe('a dead cluster', () => {
  let cluster: LabCluster;
  let world: World;
  let check: Ended;
  let repair: Ended;
  let workloadBefore: string;

  beforeAll(async () => {
    cluster = await LabCluster.up({
      ...KUBERNETES,
      name: 'dead',
      workers: 2,
      clusterConfiguration: {
        ...SPARING,
        controllerManager: {
          ...SPARING.controllerManager,
          extraArgs: [{ name: 'cluster-signing-duration', value: `${KUBELET_VALIDITY_SECONDS}s` }],
        },
      },
    });
    await startWorkload(cluster);
    workloadBefore = await workload(cluster);
    await letExpire(cluster);
    await cluster.node('cp-3').exec(['systemctl', 'stop', 'kubelet']);

    world = await World.start();
    world.nodes.push(...cluster.nodes);
    check = await world.runWell('check-certificates', { cluster: 'dead' });
    const began = Date.now();
    repair = await world.end(check.output.nextExecutionArn);
    console.log(
      `The repair took ${((Date.now() - began) / 1000).toFixed(1)} s: ${repair.cause ?? repair.output.summary}`,
    );
    console.log((await slowStates(world, repair.arn)).join('\n'));
    if (repair.status === 'SUCCEEDED') console.log(renewalTable(repair.output));
  });

  afterAll(async () => {
    await world?.stop();
    await cluster?.down();
  });

  test('the check says that it is dead, and starts what repairs it', () => {
    expect(check.output).toMatchObject({ dead: true, next: 'renew', notify: true, nodesChecked: 3 });
    expect(check.output.because).toContain(
      'dead is dead: certificates of cp-1, cp-2 and cp-3 have expired, and without them etcd and the API server do not work',
    );
    const subjects = world.aws.published().map(({ subject }) => subject);
    expect(subjects).toContainEqual(expect.stringMatching(/^dead: DEAD, /));
  });

  test('one execution repairs it', () => {
    expect(`${repair.status} ${repair.cause ?? ''}`.trim()).toBe('SUCCEEDED');
    expect(repair.output.plan).toMatchObject({ kind: 'repair', steps: [{}, {}, {}] });
  });

  test('every node is Ready, with new certificates', async () => {
    await cluster.kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s');
    for (const node of cluster.nodes) expect(await lastEnd(node)).toBeGreaterThan(Date.now());
    for (const { certificate, before, after } of repair.output.rows as Loose[])
      if (certificate !== 'kubelet-serving')
        expect(`${certificate} ${after.serial}`).not.toBe(`${certificate} ${before.serial}`);
  });

  test('the workload was not touched', async () => {
    expect(workloadBefore.trim().split('\n')).toHaveLength(3);
    expect(await workload(cluster)).toBe(workloadBefore);
  });

  test('no secret in any parameter, output or history, and none left on a node or in the cluster', async () => {
    await expectNoSecret(world, [check.arn, repair.arn]);
    for (const node of cluster.nodes) {
      const { stdout } = await node.exec(['sh', '-c', 'ls /etc/kubernetes | grep bootstrap || true']);
      expect([node.name, stdout]).toEqual([node.name, '']);
    }
    const secrets = await cluster.kubectl(
      '-n',
      'kube-system',
      'get',
      'secrets',
      '-l',
      'kubeadm-autopilot',
      '-o',
      'name',
    );
    expect(secrets).toBe('');
  });

  test('the lock is given back, and a second start finds nothing to repair', async () => {
    expect(await world.lockHolder('dead')).toBeUndefined();
    const { output } = await world.runWell('renew-certificates', { cluster: 'dead', planOnly: true });
    expect(output.plan).toMatchObject({ kind: 'renewal', decision: 'nothing' });
  });
});

async function startWorkload(cluster: LabCluster): Promise<void> {
  await cluster.kubectl('create', 'deployment', 'web', '--image=lab.local/workload:1', '--replicas=3');
  await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=120s');
}

/** Every pod of the workload with its container: both are others after a restart. */
async function workload(cluster: LabCluster): Promise<string> {
  const lines = await cluster.kubectl('get', 'pods', '-l', 'app=web', '-o', POD_FIELDS);
  return lines.split('\n').sort().join('\n');
}

/** Until everything has expired, and the API lets nobody in. It stands still for that, because kubelets renew theirs as long as it answers. */
async function letExpire(cluster: LabCluster): Promise<void> {
  // Kubelets could come back with them by themselves.
  await cluster.kubectl(
    '-n',
    'kube-system',
    'delete',
    'secrets',
    '--field-selector',
    'type=bootstrap.kubernetes.io/token',
  );
  const node = cluster.node('cp-1');
  await node.exec(['sh', '-c', SHORTEN]);
  await Promise.all(cluster.controlPlanes.map((each) => runNodeScript(each, 'short-certificates', {}, 600)));
  await Promise.all(cluster.controlPlanes.map((each) => runNodeScript(each, 'restart-static-pods', {}, 600)));
  await Promise.all(cluster.controlPlanes.map((each) => runNodeScript(each, 'wait-until-ready')));
  await standStill(cluster.nodes);
  const since = Date.now();
  // A certificate that a kubelet has been given and not written yet ends later than what is there.
  const ends = await Promise.all(cluster.nodes.map(lastEnd));
  await delay(Math.max(since + KUBELET_VALIDITY_SECONDS * 1000, ...ends) + 1_000 - Date.now());
  await goOn(cluster.nodes);
  const asked = `${KUBECTL} --request-timeout=5s get nodes`;
  const { stdout } = await node.exec(['sh', '-c', `if ! ${asked} >&2; then echo failed; fi`]);
  expect(stdout).toBe('failed\n');
}

/** When the last of a node's certificates ends, in milliseconds since 1970: the kubelet's, and on a control plane those of kubeadm. */
async function lastEnd(node: LabNode): Promise<number> {
  const files = [
    CLIENT_CERTIFICATE,
    ...(node.role === 'control-plane'
      ? ['/etc/kubernetes/pki/apiserver.crt', '/etc/kubernetes/pki/etcd/peer.crt']
      : []),
  ];
  const look = `for file; do SSL_CERT_FILE=/dev/null openssl x509 -in "$file" -noout -enddate; done`;
  const { stdout } = await node.exec(['sh', '-c', look, 'sh', ...files]);
  const ends = stdout
    .trim()
    .split('\n')
    .map((line) => Date.parse(line.replace('notAfter=', '')));
  expect(ends).toHaveLength(files.length);
  return Math.max(...ends);
}
