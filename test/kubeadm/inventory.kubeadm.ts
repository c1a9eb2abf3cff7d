import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateInventory } from '../../lambdas/contracts/node-steps';
import type { CertificateInventory, CertificateOnDisk } from '../../lambdas/contracts/node-steps';
import { nodePath } from '../../local/nodes/simulated/install-stand-ins';
import { describeWithKubeadm } from './helpers/describe-with-kubeadm';
import {
  Folders,
  HAS_ROOTFS,
  KUBEADM_VARIABLE,
  KUBEADM_VERSION,
  configuration,
  realKubeadm,
  runProgram,
  succeed,
  toldPath,
  writeOnNode,
} from './helpers/real-kubeadm';
import { withoutKubectl } from './helpers/node-with-scripts';
import { prepareState } from './helpers/states';

const CHECK = join(__dirname, '../../scripts/check-certificates.sh');
const MARKER = 'KUBEADM_AUTOPILOT_RESULT ';
const SAVED = '/var/lib/kubeadm-autopilot/cluster-configuration.yaml';

/** check-certificates.sh where the files and the kubeadm are real; nothing runs. */
describeWithKubeadm('the inventory of real files, with the real kubeadm', () => {
  const folders = new Folders();
  let node: string;

  beforeEach(() => {
    node = makeNode('node');
  });
  afterEach(() => folders.remove(node));
  afterAll(() => folders.removeAll());

  /** What kubeadm init leaves, without a kubelet's own certificates. */
  function makeNode(name: string, settings?: Record<string, unknown>): string {
    const root = folders.make(name, settings);
    if (HAS_ROOTFS) {
      for (const phase of [
        ['control-plane', 'all'],
        ['etcd', 'local'],
      ]) {
        succeed(root, ['init', 'phase', ...phase, '--config', '/cluster.yaml']);
      }
    }
    mkdirSync(join(root, 'var/lib/kubelet'), { recursive: true });
    mkdirSync(join(root, 'usr/bin'), { recursive: true });
    symlinkSync(join(__dirname, 'helpers/kubeadm-on-node'), join(root, 'usr/bin/kubeadm'));
    withoutKubectl(root);
    return root;
  }

  const saveConfiguration = (settings?: Record<string, unknown>): void =>
    writeOnNode(
      node,
      SAVED,
      configuration(node, { certificatesDir: '/etc/kubernetes/pki', ...settings }).split('---\n')[0]!,
    );

  const environment = (): Record<string, string> => ({
    PATH: nodePath(node),
    NODE_ROOT: node,
    LANG: 'C.UTF-8',
    [KUBEADM_VARIABLE]: process.env[KUBEADM_VARIABLE]!,
  });

  function check(): CertificateInventory {
    const { stdout, stderr } = runProgram(CHECK, [], environment());
    if (!stdout.startsWith(MARKER)) throw new Error(`No result: ${stdout}${stderr}`);
    return certificateInventory.parse(JSON.parse(stdout.slice(MARKER.length)));
  }

  /** `NAME SERIAL END` as openssl reads the file that a row names. */
  function asOpenssl({ name, path }: CertificateOnDisk): string {
    const text = readFileSync(join(node, path), 'utf8');
    const field = name.endsWith(' certificate-authority') ? 'certificate-authority' : 'client-certificate';
    const data = new RegExp(`${field}-data: (\\S+)`).exec(text)?.[1];
    const { stdout } = spawnSync('openssl', ['x509', '-noout', '-serial', '-enddate'], {
      input: data ? Buffer.from(data, 'base64') : text,
      encoding: 'utf8',
      env: { ...process.env, SSL_CERT_FILE: '/dev/null' }, // the bundle of public CAs takes most of the time
    });
    const end = new Date(/notAfter=(.*)/.exec(stdout)![1]!).toISOString().replace('.000', '');
    return `${name} ${/serial=(.*)/.exec(stdout)![1]} ${end}`;
  }

  function expectAsOpenssl({ certificates }: CertificateInventory): void {
    const rows = certificates.filter(({ serial }) => serial);
    expect(rows.map(({ name, serial, notAfter }) => `${name} ${serial} ${notAfter}`)).toEqual(rows.map(asOpenssl));
  }

  const names = (rows: CertificateOnDisk[]): string[] => rows.map(({ name }) => name).sort();

  test.each([
    ['with the saved configuration', true],
    ['without', false],
  ])('every certificate that kubeadm knows, as openssl reads it: %s', (_what, saved) => {
    if (saved) saveConfiguration();
    const inventory = check();
    expect(inventory).toMatchObject({ source: 'kubeadm', kubeadm: KUBEADM_VERSION });
    expectAsOpenssl(inventory);
    const config = ['--config', toldPath(node, '/cluster.yaml')];
    const told = JSON.parse(realKubeadm(node, ['certs', 'check-expiration', '-o', 'json', ...config]).stdout);
    expect(names(inventory.certificates.filter(({ name }) => name !== 'kubelet-client'))).toEqual(
      names([...told.certificates, ...told.certificateAuthorities]),
    );
    const missing = names(told.certificates.filter((row: CertificateOnDisk) => row.missing));
    expect(names(inventory.certificates.filter((row) => row.missing && row.name !== 'kubelet-client'))).toEqual(
      missing,
    );
    expect(missing.length).toBe(HAS_ROOTFS ? 0 : 4);
  });

  test('the CA of each, and none for a CA', () => {
    const cas = Object.fromEntries(check().certificates.map(({ name, ca, isCa }) => [name, isCa ? 'CA' : ca]));
    expect(cas).toMatchObject({
      ca: 'CA',
      'etcd-ca': 'CA',
      'front-proxy-ca': 'CA',
      apiserver: 'ca',
      'apiserver-etcd-client': 'etcd-ca',
      'etcd-peer': 'etcd-ca',
      'front-proxy-client': 'front-proxy-ca',
      ...(HAS_ROOTFS && { 'admin.conf': 'ca', 'kubelet-client': 'ca' }),
    });
  });

  test.each(['many validities', 'another validity', 'RSA'])('%s: kubeadm and openssl agree', (state) => {
    prepareState(state, node);
    saveConfiguration();
    const inventory = check();
    expect(inventory).toMatchObject({ source: 'kubeadm' });
    expectAsOpenssl(inventory);
  });

  test.each([
    ['external CA', ['apiserver', 'apiserver-kubelet-client', 'ca'], ['admin.conf', 'controller-manager.conf']],
    ['external etcd CA', ['apiserver-etcd-client', 'etcd-ca', 'etcd-peer', 'etcd-server'], []],
    ['external front-proxy CA', ['front-proxy-ca', 'front-proxy-client'], []],
  ])('%s: what it signed is said to be external', (state, files, kubeconfigs) => {
    prepareState(state, node);
    const inventory = check();
    expect(inventory.source).toBe('kubeadm');
    expect(names(inventory.certificates.filter(({ external }) => external))).toEqual(
      expect.arrayContaining([...files, ...(HAS_ROOTFS ? kubeconfigs : [])]),
    );
  });

  test('what is missing is missing, for kubeadm too', () => {
    // Without root there are no manifests, and apiserver.crt is what a control plane is known by.
    const name = 'apiserver-kubelet-client';
    rmSync(join(node, `etc/kubernetes/pki/${name}.crt`));
    const inventory = check();
    expect(inventory.source).toBe('kubeadm');
    expect(inventory.certificates.find((row) => row.name === name)).toMatchObject({ missing: true });
  });

  test.each([
    ['garbage in apiserver.crt', 'apiserver'],
    ['apiserver.crt is empty', 'apiserver'],
    ['garbage in ca.crt', 'ca'],
    ['external CA and a key is missing', undefined],
  ])('%s: kubeadm gives up, openssl reads the rest', (state, unreadable) => {
    prepareState(state, node);
    const inventory = check();
    expect(inventory).toMatchObject({
      source: 'openssl',
      sourceReason: 'kubeadm certs check-expiration failed with exit code 1',
    });
    expect(names(inventory.certificates.filter((row) => row.unreadable))).toEqual(unreadable ? [unreadable] : []);
    expectAsOpenssl(inventory);
  });

  test('external etcd: neither lists etcd’s own certificates, with the saved configuration', () => {
    const external = {
      external: {
        endpoints: ['https://10.0.3.11:2379'],
        caFile: '/etc/kubernetes/pki/etcd/ca.crt',
        certFile: '/etc/kubernetes/pki/apiserver-etcd-client.crt',
        keyFile: '/etc/kubernetes/pki/apiserver-etcd-client.key',
      },
    };
    saveConfiguration({ etcd: external });
    const ask = ['certs', 'check-expiration', '--config', join(node, SAVED)];
    const text = runProgram(join(node, 'usr/bin/kubeadm'), ask, environment()).stdout;
    expect(text).toMatch(/^apiserver /m);
    expect(text).not.toMatch(/etcd/);
    expect(check().source).toBe('kubeadm');
  });

  test('a certificate that another than kubeadm put there is read from the disk', () => {
    const before = asOpenssl({ name: 'apiserver', path: '/etc/kubernetes/pki/apiserver.crt' });
    writeFileSync(
      join(node, 'etc/kubernetes/pki/apiserver.crt'),
      readFileSync(join(node, 'etc/kubernetes/pki/etcd/server.crt')),
    );
    const inventory = check();
    expectAsOpenssl(inventory);
    expect(asOpenssl({ name: 'apiserver', path: '/etc/kubernetes/pki/apiserver.crt' })).not.toBe(before);
    expect(inventory.certificates.find(({ name }) => name === 'apiserver')?.ca).toBe('etcd-ca');
  });

  test('kubeadm renews what the script then reads: every serial is another one', () => {
    const serials = (): Map<string, string | undefined> =>
      new Map(
        check().certificates.flatMap(({ name, serial, isCa }) => (serial && !isCa ? [[name, serial] as const] : [])),
      );
    const before = serials();
    before.delete('kubelet-client');
    succeed(node, ['certs', 'renew', 'all', '--config', toldPath(node, '/cluster.yaml')]);
    const after = serials();
    expect(before.size).toBe(HAS_ROOTFS ? 11 : 7);
    for (const [name, serial] of before) expect(`${name} ${after.get(name)}`).not.toBe(`${name} ${serial}`);
  });
});
