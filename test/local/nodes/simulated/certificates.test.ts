import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { SimulatedCluster } from '../../../../local/nodes/simulated';
import { DAY, output, startCluster } from './helpers';

let cluster: SimulatedCluster;
let end: () => Promise<void>;

beforeAll(async () => {
  ({ cluster, end } = await startCluster({
    controlPlanes: 2,
    workers: 1,
    leafSeconds: 12 * DAY,
    validity: (node, name) => (node === 'cp-2' && name === 'scheduler.conf' ? { notAfter: -DAY } : undefined),
  }));
});
afterAll(() => end());

const pki = (node: string, file: string) => join(cluster.node(node).root, 'etc/kubernetes/pki', file);
const openssl = (...args: string[]) => execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' }).trim();
const x509 = (file: string, ...args: string[]) => openssl('x509', '-in', file, '-noout', ...args);

test.each([
  ['apiserver', 'ca', 'sslserver'],
  ['apiserver-kubelet-client', 'ca', 'sslclient'],
  ['apiserver-etcd-client', 'etcd/ca', 'sslclient'],
  ['front-proxy-client', 'front-proxy-ca', 'sslclient'],
  ['etcd/server', 'etcd/ca', 'sslserver'],
  ['etcd/peer', 'etcd/ca', 'sslclient'],
  ['etcd/healthcheck-client', 'etcd/ca', 'sslclient'],
])('the real openssl verifies %s against %s for its purpose', (leaf, ca, purpose) => {
  const verified = openssl(
    'verify',
    '-purpose',
    purpose,
    '-CAfile',
    pki('cp-1', `${ca}.crt`),
    pki('cp-1', `${leaf}.crt`),
  );
  expect(verified).toMatch(/: OK$/);
  // And its key is its own.
  expect(openssl('pkey', '-in', pki('cp-1', `${leaf}.key`), '-pubout')).toBe(
    x509(pki('cp-1', `${leaf}.crt`), '-pubkey'),
  );
});

test('subjects and names are kubeadm’s', () => {
  expect(x509(pki('cp-1', 'apiserver-kubelet-client.crt'), '-subject', '-nameopt', 'RFC2253')).toBe(
    'subject=CN=kube-apiserver-kubelet-client,O=kubeadm:cluster-admins',
  );
  expect(x509(pki('cp-1', 'apiserver.crt'), '-ext', 'subjectAltName')).toContain(
    'DNS:api.demo.internal, DNS:cp-1, DNS:kubernetes, DNS:kubernetes.default, DNS:kubernetes.default.svc, ' +
      'DNS:kubernetes.default.svc.cluster.local, IP Address:10.96.0.1, IP Address:10.0.1.11',
  );
  expect(x509(pki('cp-1', 'etcd/server.crt'), '-ext', 'subjectAltName')).toContain(
    'DNS:cp-1, DNS:localhost, IP Address:10.0.1.11, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
  );
});

test('files lie where kubeadm puts them, keys and kubeconfigs for root alone', () => {
  const root = cluster.node('cp-1').root;
  expect(readdirSync(join(root, 'etc/kubernetes')).sort()).toEqual([
    'admin.conf',
    'controller-manager.conf',
    'kubelet.conf',
    'manifests',
    'pki',
    'scheduler.conf',
    'super-admin.conf',
  ]);
  expect(readdirSync(join(cluster.node('cp-2').root, 'etc/kubernetes'))).not.toContain('super-admin.conf');
  expect(readdirSync(join(cluster.node('worker-1').root, 'etc/kubernetes')).sort()).toEqual(['kubelet.conf', 'pki']);
  expect(statSync(pki('cp-1', 'apiserver.key')).mode & 0o777).toBe(0o600);
  expect(statSync(pki('cp-1', 'apiserver.crt')).mode & 0o777).toBe(0o644);
  expect(statSync(join(root, 'etc/kubernetes/admin.conf')).mode & 0o777).toBe(0o600);
});

test('kubelet.conf points to the rotated client certificate, which the cluster’s CA signed', () => {
  const root = cluster.node('cp-1').root;
  const { users } = parse(readFileSync(join(root, 'etc/kubernetes/kubelet.conf'), 'utf8'));
  const file = join(root, users[0].user['client-certificate']);
  expect(users[0].user['client-certificate']).toBe('/var/lib/kubelet/pki/kubelet-client-current.pem');
  expect(openssl('verify', '-CAfile', pki('cp-1', 'ca.crt'), file)).toMatch(/: OK$/);
  expect(x509(file, '-subject', '-nameopt', 'RFC2253')).toBe('subject=CN=system:node:cp-1,O=system:nodes');
});

test('what was to have expired has, and nothing else', () => {
  const embedded = (node: string) => {
    const { users } = parse(readFileSync(join(cluster.node(node).root, 'etc/kubernetes/scheduler.conf'), 'utf8'));
    return Buffer.from(users[0].user['client-certificate-data'], 'base64').toString();
  };
  const lives = (pem: string) => {
    try {
      execFileSync('openssl', ['x509', '-noout', '-checkend', '0'], { input: pem, stdio: 'pipe' });
      return true;
    } catch {
      return false;
    }
  };
  expect(lives(embedded('cp-1'))).toBe(true);
  expect(lives(embedded('cp-2'))).toBe(false);
  expect(lives(readFileSync(pki('cp-2', 'apiserver.crt'), 'utf8'))).toBe(true);
});

test('every port presents the certificate that is on disk', async () => {
  const node = cluster.node('cp-1');
  const on = (file: string) => `openssl x509 -noout -serial -in "$NODE_ROOT${file}"`;
  const compare = (port: number, file: string) =>
    output(
      node,
      `[ "$(openssl s_client -connect 127.0.0.1:${port} </dev/null 2>/dev/null | openssl x509 -noout -serial)" = "$(${on(file)})" ]`,
    );
  await compare(6443, '/etc/kubernetes/pki/apiserver.crt');
  await compare(2379, '/etc/kubernetes/pki/etcd/server.crt');
  await compare(2380, '/etc/kubernetes/pki/etcd/peer.crt');
  await compare(10250, '/var/lib/kubelet/pki/kubelet.crt');
});

test('the manifest of etcd is complete: the real parser reads it back', () => {
  const manifest = parse(readFileSync(join(cluster.node('cp-2').root, 'etc/kubernetes/manifests/etcd.yaml'), 'utf8'));
  expect(manifest.metadata.labels).toEqual({ component: 'etcd', tier: 'control-plane' });
  expect(manifest.spec.containers[0].command).toEqual(
    expect.arrayContaining([
      '--cert-file=/etc/kubernetes/pki/etcd/server.crt',
      '--initial-cluster=cp-1=https://10.0.1.11:2380,cp-2=https://10.0.1.12:2380',
      '--initial-cluster-state=existing',
    ]),
  );
});
