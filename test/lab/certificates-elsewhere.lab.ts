import type { UpOptions } from '../../local/nodes/lab/lab-cluster';
import type { Ended, Loose } from '../operations/helpers/world';
import { everyCertificateOnDisk, keyAlgorithms, serials, servedCertificates } from './helpers/openssl';
import type { Certificates, Seen } from './helpers/openssl';
import { OperatedCluster } from './helpers/operated-cluster';

type Layout = [
  what: string,
  expected: { name: string; certificatesDir: string; algorithm: string },
  clusterConfiguration: NonNullable<UpOptions['clusterConfiguration']>,
];
const LAYOUTS: Layout[] = [
  [
    'certificatesDir elsewhere and ECDSA keys',
    { name: 'certificates-elsewhere', certificatesDir: '/etc/kubernetes-pki', algorithm: 'id-ecPublicKey' },
    { certificatesDir: '/etc/kubernetes-pki', encryptionAlgorithm: 'ECDSA-P256' },
  ],
  [
    "kubeadm's defaults",
    {
      name: 'certificates-elsewhere-default',
      certificatesDir: '/etc/kubernetes/pki',
      algorithm: 'rsaEncryption',
    },
    {},
  ],
];

/** check-certificates and renew-certificates, as they are deployed, on clusters of one control plane, against openssl on the node. */
describe.each(LAYOUTS)('one control plane, %s', (_what, { name, certificatesDir, algorithm }, clusterConfiguration) => {
  let lab: OperatedCluster;
  let check: Ended;
  let inventory: { certificates: Loose[]; served: Loose[] };
  let renewal: Ended;
  let before: Certificates;
  let after: Certificates;
  let servedBefore: Certificates;
  let servedAfter: Certificates;

  const node = () => lab.cluster.controlPlanes[0]!;
  const seen = ({ serial, notAfter }: Loose): Seen => ({ serial, notAfter: new Date(notAfter) });
  /** By path, those that kubeadm made and renews: neither a CA nor the kubelet's own. */
  const leaves = (certificates: Certificates): Certificates =>
    Object.fromEntries(
      Object.entries(certificates).filter(([path]) => !/ca\.crt$/.test(path) && !path.startsWith('/var/lib/kubelet/')),
    );

  beforeAll(async () => {
    lab = await OperatedCluster.up({ name, controlPlanes: 1, workers: 0, clusterConfiguration });
    before = await everyCertificateOnDisk(node(), certificatesDir);
    servedBefore = await servedCertificates(node());
    check = await lab.check('check');
    const [command] = await lab.world.executions('run-on-nodes');
    const { output } = await lab.world.describe(command!);
    inventory = output.nodes[0].result;
    renewal = await lab.renew('renew');
    after = await everyCertificateOnDisk(node(), certificatesDir);
    servedAfter = await servedCertificates(node());
  });
  afterAll(() => lab?.down());

  test('the check finds nothing to do, and has read every certificate', () => {
    expect(check.output).toMatchObject({ nodesChecked: 1, findings: [], notes: [], next: 'none' });
    // kubeadm's three CAs, seven in certificatesDir and four kubeconfigs; the kubelet's two.
    expect(Object.keys(before)).toHaveLength(16);
    expect(check.output.certificatesChecked).toBe(16);
  });

  test('it lists what openssl finds on the disk: the same files, serials and ends', () => {
    const listed = inventory.certificates.filter(({ missing }) => !missing).map((one) => [one.path, seen(one)]);
    expect(Object.fromEntries(listed)).toEqual(before);
    expect(listed).toHaveLength(16);
    const inDirectory = Object.keys(before).filter((path) => path.startsWith(`${certificatesDir}/`));
    expect(inDirectory).toHaveLength(10);
  });

  test('it lists what openssl is presented on each port', () => {
    const ports = Object.fromEntries(inventory.served.map((one) => [one.port, seen(one)]));
    expect(ports).toEqual(servedBefore);
  });

  test('the renewal succeeds, and no certificate of kubeadm keeps its serial', () => {
    expect(`${renewal.status} ${renewal.error ?? ''} ${renewal.cause ?? ''}`.trim()).toBe('SUCCEEDED');
    expect(Object.keys(leaves(after))).toEqual(Object.keys(leaves(before)));
    expect(Object.keys(leaves(after))).toHaveLength(11);
    const kept = Object.entries(leaves(after)).filter(([path, { serial }]) => serial === before[path]!.serial);
    expect(kept).toEqual([]);
  });

  test('CAs and what belongs to the kubelet are as they were', () => {
    const others = (certificates: Certificates) =>
      Object.entries(serials(certificates)).filter(([path]) => !(path in leaves(before)));
    expect(others(after)).toEqual(others(before));
    expect(others(after)).toHaveLength(5);
  });

  test('every key has the algorithm that the cluster is configured with', async () => {
    const algorithms = await keyAlgorithms(node(), certificatesDir);
    expect(Object.keys(algorithms).sort()).toEqual(
      Object.keys(after)
        .filter((path) => !path.startsWith('/var/lib/kubelet/'))
        .sort(),
    );
    expect(new Set(Object.values(algorithms))).toEqual(new Set([algorithm]));
  });

  test('the processes present what is on the disk now', () => {
    const onDisk = {
      6443: `${certificatesDir}/apiserver.crt`,
      2379: `${certificatesDir}/etcd/server.crt`,
      2380: `${certificatesDir}/etcd/peer.crt`,
      10250: '/var/lib/kubelet/pki/kubelet.crt',
    };
    for (const [port, path] of Object.entries(onDisk)) expect(servedAfter[port]).toEqual(after[path]);
    // These two sign their own at each start.
    for (const port of ['10257', '10259']) expect(servedAfter[port]!.serial).not.toBe(servedBefore[port]!.serial);
  });

  test('admin.conf works with its new certificate, and the node is Ready', async () => {
    expect(await lab.cluster.kubectl('get', '--raw', '/readyz')).toBe('ok');
    expect(await lab.cluster.kubectl('auth', 'can-i', '*', '*')).toContain('yes');
    await lab.cluster.kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s');
    await lab.cluster.kubectl('-n', 'kube-system', 'wait', '--for=condition=Ready', 'pods', '--all', '--timeout=60s');
  });

  test('the next check finds nothing to do', async () => {
    expect((await lab.check('check after the renewal')).output).toMatchObject({ findings: [], next: 'none' });
  });
});
