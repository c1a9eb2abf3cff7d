import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedNode } from '../../../../local/nodes/simulated';
import { DAY, output, sh, startCluster } from './helpers';

let node: SimulatedNode;
let end: () => Promise<void>;

async function start(options: Parameters<typeof startCluster>[0]) {
  const started = await startCluster(options);
  node = started.cluster.node('cp-1');
  end = started.end;
}
afterEach(() => end());

const file = (path: string) => join(node.root, path);
const fingerprint = (path: string) =>
  output(
    node,
    `openssl x509 -noout -serial -enddate -subject -ext subjectAltName,extendedKeyUsage -in "$NODE_ROOT${path}"`,
  );
const APISERVER = '/etc/kubernetes/pki/apiserver.crt';

test('check-expiration tells JSON in kubeadm’s shape', async () => {
  await start({ leafSeconds: 12 * DAY });
  rmSync(file('/etc/kubernetes/super-admin.conf'));
  const report = JSON.parse(await output(node, 'kubeadm certs check-expiration -o json'));
  expect(report).toMatchObject({ kind: 'CertificateExpirationInfo', apiVersion: 'output.kubeadm.k8s.io/v1alpha3' });
  expect(report.certificates.map(({ name }: { name: string }) => name)).toEqual([
    'admin.conf',
    'apiserver',
    'apiserver-etcd-client',
    'apiserver-kubelet-client',
    'controller-manager.conf',
    'etcd-healthcheck-client',
    'etcd-peer',
    'etcd-server',
    'front-proxy-client',
    'scheduler.conf',
    'super-admin.conf',
  ]);
  const apiserver = report.certificates[1];
  const onDisk = /notAfter=(.*)/.exec(await fingerprint(APISERVER))![1]!;
  expect(Date.parse(apiserver.expirationDate)).toBe(Date.parse(onDisk));
  expect(apiserver.residualTime).toBeLessThanOrEqual(12 * DAY);
  // Less is left now than it said, but for its whole seconds.
  expect(apiserver.residualTime).toBeGreaterThan((Date.parse(onDisk) - Date.now()) / 1000 - 1);
  expect(apiserver).toMatchObject({ caName: 'ca', externallyManaged: false, missing: false });
  expect(report.certificates[10]).toEqual({
    name: 'super-admin.conf',
    expirationDate: null,
    residualTime: 0,
    externallyManaged: false,
    missing: true,
  });
  expect(report.certificateAuthorities.map(({ name }: { name: string }) => name)).toEqual([
    'ca',
    'etcd-ca',
    'front-proxy-ca',
  ]);
});

test('check-expiration tells a table, and <invalid> for what has expired', async () => {
  await start({ validity: (_node, name) => (name === 'etcd-peer' ? { notAfter: -DAY } : undefined) });
  const table = await output(node, 'kubeadm certs check-expiration');
  expect(table).toMatch(/^CERTIFICATE {16}EXPIRES {18}RESIDUAL TIME {3}CERTIFICATE AUTHORITY {3}EXTERNALLY MANAGED$/m);
  expect(table).toMatch(/^apiserver {18}\w{3} \d\d, \d{4} \d\d:\d\d UTC {3}364d {12}ca {22}no {6}$/m);
  expect(table).toMatch(/^etcd-peer .*<invalid>/m);
});

test('with the API server down it says so in text, stays pure in JSON, and works', async () => {
  await start({});
  await output(node, 'mv "$NODE_ROOT/etc/kubernetes/manifests/kube-apiserver.yaml" "$NODE_ROOT/"; sleep 1');
  expect(await output(node, 'kubeadm certs check-expiration')).toContain(
    '[check-expiration] Error reading configuration from the Cluster. Falling back to default configuration',
  );
  expect(JSON.parse(await output(node, 'kubeadm certs check-expiration -o json 2>&1')).certificates).toHaveLength(11);
});

test('renew makes a new key and a certificate that says the same, is valid a year, and verifies', async () => {
  await start({ leafSeconds: 12 * DAY });
  const before = await fingerprint(APISERVER);
  const keyBefore = readFileSync(file('/etc/kubernetes/pki/apiserver.key'), 'utf8');
  const renewedAfter = Date.now();
  expect(await output(node, 'kubeadm certs renew apiserver')).toContain(
    'certificate for serving the Kubernetes API renewed',
  );
  const after = await fingerprint(APISERVER);
  const lines = (text: string) => text.split('\n').filter((line) => !/^(serial|notAfter)/.test(line));
  expect(lines(after)).toEqual(lines(before));
  expect(/serial=.*/.exec(after)![0]).not.toBe(/serial=.*/.exec(before)![0]);
  expect(readFileSync(file('/etc/kubernetes/pki/apiserver.key'), 'utf8')).not.toBe(keyBefore);
  const end = Date.parse(/notAfter=(.*)/.exec(after)![1]!);
  // Certificates tell whole seconds.
  expect(end - 365 * DAY * 1000).toBeGreaterThan(renewedAfter - 1_000);
  expect(end - 365 * DAY * 1000).toBeLessThanOrEqual(Date.now());
  const pki = '"$NODE_ROOT/etc/kubernetes/pki"';
  await output(node, `openssl verify -CAfile ${pki}/ca.crt ${pki}/apiserver.crt`);
  await output(
    node,
    `[ "$(openssl pkey -in ${pki}/apiserver.key -pubout)" = "$(openssl x509 -in ${pki}/apiserver.crt -noout -pubkey)" ]`,
  );
});

test('renew all renews what kubeconfigs embed; the new admin.conf works and kubelet.conf is left alone', async () => {
  await start({ leafSeconds: 12 * DAY });
  const admin = readFileSync(file('/etc/kubernetes/admin.conf'), 'utf8');
  const kubelet = readFileSync(file('/etc/kubernetes/kubelet.conf'), 'utf8');
  const said = await output(node, 'kubeadm certs renew all');
  expect(said.match(/ renewed$/gm)).toHaveLength(11);
  expect(said).toMatch(/\n\nDone renewing certificates\. You must restart the kube-apiserver, /);
  const renewed = readFileSync(file('/etc/kubernetes/admin.conf'), 'utf8');
  const others = (text: string) => text.replace(/(client-(certificate|key)-data): .*/g, '$1');
  expect(renewed).not.toBe(admin);
  expect(others(renewed)).toBe(others(admin));
  expect(readFileSync(file('/etc/kubernetes/kubelet.conf'), 'utf8')).toBe(kubelet);
  expect(await output(node, 'kubectl --kubeconfig=/etc/kubernetes/admin.conf get nodes')).toMatch(
    /^cp-1 +Ready +control-plane/m,
  );
});

test('renew takes validity and key from --config', async () => {
  await start({});
  writeFileSync(
    file('/cluster.yaml'),
    'apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\ncertificateValidityPeriod: 8m0s\nencryptionAlgorithm: RSA-2048\n',
  );
  const renewedAfter = Date.now();
  await output(node, 'kubeadm certs renew apiserver --config "$NODE_ROOT/cluster.yaml"');
  const end = Date.parse(/notAfter=(.*)/.exec(await fingerprint(APISERVER))![1]!);
  expect(end - 480_000).toBeGreaterThan(renewedAfter - 1_000);
  expect(end - 480_000).toBeLessThanOrEqual(Date.now());
  expect(readFileSync(file('/etc/kubernetes/pki/apiserver.key'), 'utf8')).toContain('BEGIN RSA PRIVATE KEY');
});

test('what cannot be renewed is told, and the exit code is 0 all the same', async () => {
  await start({ externalCas: ['ca'] });
  rmSync(file('/etc/kubernetes/super-admin.conf'));
  const before = await fingerprint(APISERVER);
  const said = await output(node, 'kubeadm certs renew all');
  expect(said).toContain("Detected external ca, certificate for serving the Kubernetes API can't be renewed");
  expect(said).toContain('certificate for serving etcd renewed');
  expect(said).toContain('MISSING! certificate embedded in the kubeconfig file for the super-admin');
  expect(await fingerprint(APISERVER)).toBe(before);
});

test('kubeadm before 1.30 has no JSON, and says so as it did', async () => {
  await start({ kubernetesVersion: 'v1.29.15' });
  expect(await sh(node, 'kubeadm certs check-expiration -o json')).toMatchObject({
    exitCode: 1,
    stdout: '',
    stderr: "unknown shorthand flag: 'o' in -o\nTo see the stack trace of this error execute with --v=5 or higher\n",
  });
  expect(await output(node, 'kubeadm version -o short')).toBe('v1.29.15');
});

test('a node may have no kubeadm, and a file that is no certificate stops it', async () => {
  await start({});
  writeFileSync(file(APISERVER), 'garbage\n');
  expect(await sh(node, 'kubeadm certs check-expiration -o json')).toMatchObject({
    exitCode: 1,
    stdout: '',
    stderr: expect.stringContaining(
      'error: failed to load existing certificate apiserver: error reading /etc/kubernetes/pki/apiserver.crt: data does not contain any valid RSA or ECDSA certificates',
    ),
  });
  await end();
  await start({ kubeadm: false });
  expect((await sh(node, 'kubeadm version -o short')).exitCode).toBe(127);
});

test('with external etcd it neither lists nor renews etcd’s certificates', async () => {
  await start({ etcdNodes: 1 });
  const { certificates, certificateAuthorities } = JSON.parse(
    await output(node, 'kubeadm certs check-expiration -o json'),
  );
  expect(
    certificates.map(({ name }: { name: string }) => name).filter((name: string) => name.includes('etcd')),
  ).toEqual([]);
  expect(certificateAuthorities).toHaveLength(2);
  expect(await output(node, 'kubeadm certs renew all')).not.toMatch(/etcd.* renewed$/m);
});
