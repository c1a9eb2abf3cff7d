import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import type { CertificateOnDisk } from '../../lambdas/contracts/node-steps';
import { describeWithKubeadm } from './helpers/describe-with-kubeadm';
import { NodeWithScripts, serials } from './helpers/node-with-scripts';
import { Folders, HAS_ROOTFS } from './helpers/real-kubeadm';
import { NAMES } from './helpers/states';

/** Who signed what, and for which user, where the files and the kubeadm are real. Without --rootfs there are no kubeconfigs. */
(HAS_ROOTFS ? describeWithKubeadm : describe.skip)('certificates of others, with the real kubeadm', () => {
  const folders = new Folders();
  let node: NodeWithScripts;
  beforeEach(() => {
    node = new NodeWithScripts(folders, 'node');
  });
  afterEach(() => folders.remove(node.root));
  afterAll(() => folders.removeAll());

  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] });

  /** FILE.crt and FILE.key on the node, self-signed. */
  function makeCa(file: string, subject: string): void {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', node.pki(`${file}.key`)];
    openssl('req', '-x509', ...key, '-out', node.pki(`${file}.crt`), '-subj', subject, '-days', '365');
  }

  /** Signs the key of LEAF anew with the CA. */
  function signWith(ca: string, leaf: string): void {
    const request = ['-new', '-key', node.pki(`${leaf}.key`), '-subj', '/CN=kube-apiserver', '-out', node.path('csr')];
    openssl('req', ...request);
    const signer = ['-CA', node.pki(`${ca}.crt`), '-CAkey', node.pki(`${ca}.key`), '-CAcreateserial'];
    openssl('x509', '-req', '-in', node.path('csr'), ...signer, '-days', '20', '-out', node.pki(`${leaf}.crt`));
  }

  const row = (name: string, rows = node.check().certificates): CertificateOnDisk =>
    rows.find((certificate) => certificate.name === name)!;

  test.each([
    ['a company CA', 'company', { external: true, issuer: 'CN=Company CA' }],
    ['the CA of etcd', 'etcd/ca', { external: true, issuer: 'CN=etcd-ca', ca: 'etcd-ca' }],
  ])('apiserver.crt by %s is left alone by name, and the others are renewed', (_who, ca, told) => {
    makeCa('company', '/CN=Company CA');
    signWith(ca, 'apiserver');
    const before = node.check();
    expect(row('apiserver', before.certificates)).toMatchObject(told);
    const { renewed, leftAlone } = node.renew();
    expect(leftAlone).toEqual([{ name: 'apiserver', reason: `signed by ${told.issuer}, not by its CA on this node` }]);
    expect(renewed.map(({ name }) => name).sort()).toEqual(NAMES.filter((name) => name !== 'apiserver'));
    const after = serials(node.check());
    expect(NAMES.filter((name) => after[name] === serials(before)[name])).toEqual(['apiserver']);
  });

  const OF_CA = ['apiserver', 'apiserver-kubelet-client', 'admin.conf', 'scheduler.conf', 'controller-manager.conf'];
  const OF_ETCD_CA = ['apiserver-etcd-client', 'etcd-healthcheck-client', 'etcd-peer', 'etcd-server'];
  test.each<[file: string, subject: string, without: string[], leaves: string[]]>([
    ['ca', 'kubernetes', [], [...OF_CA, 'super-admin.conf']],
    ['ca', 'kubernetes', ['super-admin.conf'], OF_CA],
    ['etcd/ca', 'etcd-ca', [], OF_ETCD_CA],
    ['etcd/ca', 'etcd-ca', ['super-admin.conf'], OF_ETCD_CA],
  ])(
    '%s replaced by another CA called %s, without %j: told of each leaf, refused, and nothing is changed',
    (ca, subject, without, leaves) => {
      for (const name of without) rmSync(node.path(`etc/kubernetes/${name}`));
      makeCa(ca, `/CN=${subject}`);
      const before = node.check();
      const told = before.certificates.filter(({ anotherCa }) => anotherCa);
      expect(told.map(({ name }) => name).sort()).toEqual([...leaves].sort());
      expect(told.map(({ issuer }) => issuer)).toEqual(told.map(() => `CN=${subject}`));
      expect(node.refusal()).toContain(`was signed by another CA (CN=${subject})`);
      expect(serials(node.check())).toEqual(serials(before));
    },
  );

  test('a bundle, the next CA by another name before the old one: kubeadm signs with the next', () => {
    const old = readFileSync(node.pki('ca.crt'), 'utf8');
    makeCa('ca', '/CN=next CA');
    writeFileSync(node.pki('ca.crt'), readFileSync(node.pki('ca.crt'), 'utf8') + old);
    expect(node.check().certificates.filter(({ external, issuer }) => external ?? issuer)).toEqual([]);
    expect(node.renew().renewed).toHaveLength(NAMES.length);
    const issuer = openssl('x509', '-in', node.pki('apiserver.crt'), '-noout', '-issuer', '-nameopt', 'RFC2253');
    expect(String(issuer)).toBe('issuer=CN=next CA\n');
    expect(row('apiserver')).toMatchObject({ ca: 'ca' });
  });

  test('another user in admin.conf, before the administrator: listed, never renewed, and no hindrance', () => {
    const file = node.path('etc/kubernetes/admin.conf');
    const config = parse(readFileSync(file, 'utf8'));
    const [{ user }] = config.users;
    copyFileSync(node.pki('apiserver-kubelet-client.crt'), node.path('robot.crt'));
    const data = readFileSync(node.path('robot.crt')).toString('base64');
    config.users.unshift({ name: 'a-robot', user: { ...user, 'client-certificate-data': data } });
    // As kubectl writes it.
    writeFileSync(file, stringify(config, { indentSeq: false, lineWidth: 0 }));
    const before = node.check();
    expect(before.source).toBe('kubeadm');
    expect(row('admin.conf user a-robot', before.certificates).serial).toBe(
      row('apiserver-kubelet-client', before.certificates).serial,
    );
    const { renewed } = node.renew();
    expect(renewed.map(({ name }) => name).sort()).toEqual(NAMES);
    expect(row('admin.conf').serial).not.toBe(row('admin.conf', before.certificates).serial);
  });
});
