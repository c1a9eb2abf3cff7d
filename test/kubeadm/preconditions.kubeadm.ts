import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assessCertificates } from '../../lambdas/functions/assess-certificates/assess-certificates';
import { assessCertificatesInput } from '../../lambdas/contracts/certificate-check';
import { config, options } from '../lambdas/helpers/samples';
import { describeWithKubeadm } from './helpers/describe-with-kubeadm';
import { NodeWithScripts, serials } from './helpers/node-with-scripts';
import { Folders, HAS_ROOTFS, KUBEADM_VERSION } from './helpers/real-kubeadm';
import { NAMES } from './helpers/states';

/** What a renewal needs, asked before its first change, where the files and the kubeadm are real. Without --rootfs there are no kubeconfigs. */
(HAS_ROOTFS ? describeWithKubeadm : describe.skip)('what a renewal needs, with the real kubeadm', () => {
  const folders = new Folders();
  let node: NodeWithScripts;
  beforeEach(() => {
    node = new NodeWithScripts(folders, 'node');
  });
  afterEach(() => folders.remove(node.root));
  afterAll(() => folders.removeAll());

  /** Told by the inspection, refused by the renewal with the same words, and nothing has changed. */
  function expectObstacle(precondition: string, reason: string | RegExp): void {
    const before = serials(node.check());
    const [obstacle, ...others] = node.obstacles();
    expect(others).toEqual([]);
    expect(obstacle).toMatch(reason);
    expect(obstacle!.split(': ')[0]).toBe(precondition);
    expect(node.refusal()).toContain(`${obstacle!.slice(precondition.length + 2)}; `);
    expect(serials(node.check())).toEqual(before);
  }
  /** And it renews. */
  function expectNoObstacle(): void {
    expect(node.obstacles()).toEqual([]);
    const before = serials(node.check());
    expect(node.renew().renewed.map(({ name }) => name)).toEqual(expect.arrayContaining(NAMES));
    const after = serials(node.check());
    expect(NAMES.filter((name) => after[name] === before[name])).toEqual([]);
  }

  test('nothing stands in the way of what kubeadm init leaves', () => expectNoObstacle());

  describe('row 14: a ClusterConfiguration that this kubeadm does not accept', () => {
    test.each<[string, Record<string, unknown>, string]>([
      ['a gate that it does not know', { featureGates: { Gone: true } }, 'Gone is not a valid feature name'],
      [
        'an API version that it does not know',
        { apiVersion: 'kubeadm.k8s.io/v1beta2' },
        'old API spec: "kubeadm.k8s.io/v1beta2"',
      ],
      [
        'a version that it is too new for',
        { kubernetesVersion: 'v1.30.1' },
        'only supports deploying clusters with the control plane version >=',
      ],
      ['an algorithm that there is not', { encryptionAlgorithm: 'ED25519' }, 'ED25519'],
    ])('%s: refused in its own words', (_what, settings, words) => {
      node.save(settings);
      expectObstacle(
        'kubeadm accepts the configuration',
        `kubeadm ${KUBEADM_VERSION} does not accept the ClusterConfiguration`,
      );
      expect(node.obstacles()[0]).toContain(words);
    });

    test('a field that it does not know is a warning to kubeadm, and so no obstacle', () => {
      node.save({ unknownField: true });
      expectNoObstacle();
    });
  });

  test('row 17: certificates elsewhere and no kubeadm-config: kubeadm is told where they are', () => {
    renameSync(node.path('etc/kubernetes/pki'), node.path('etc/kubernetes/ssl'));
    for (const name of ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd']) {
      const file = node.path(`etc/kubernetes/manifests/${name}.yaml`);
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll('/etc/kubernetes/pki', '/etc/kubernetes/ssl'));
    }
    rmSync(node.path('var/lib/kubeadm-autopilot/cluster-configuration.yaml'));
    expect(node.check()).toMatchObject({ source: 'kubeadm' });
    expectNoObstacle();
  });

  describe('row 19', () => {
    const wrap = (text: string) => {
      rmSync(node.path('usr/bin/kubeadm'));
      writeFileSync(node.path('usr/bin/kubeadm'), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
    };
    const REAL = `exec ${join(__dirname, 'helpers/kubeadm-on-node')}`;

    test('kubeadm is older than the command', () => {
      wrap(`if [ "$1" = version ]; then echo v1.19.16; else ${REAL} "$@"; fi`);
      expectObstacle('kubeadm renews certificates', /kubeadm v1\.19\.16 cannot renew certificates .* 1\.20 brought$/);
    });

    test('it does not know the command, as the real one says of what it does not know', () => {
      wrap(`if [ "$1" = help ]; then ${REAL} help certz renew all; fi\n${REAL} "$@"`);
      expectObstacle('kubeadm renews certificates', /: Unknown help topic \[`certz` `renew` `all`\]$/);
    });
  });

  test('row 20: certificates of 720 h are no finding under a threshold of 30 days when they are new, and one when 9 days are left', () => {
    node.make('all', '720h');
    const inventory = node.check();
    const assess = (days: number) => {
      const now = new Date(Date.now() + days * 86_400_000);
      const facts = { ...inventory, served: [], checkedAt: now.toISOString() };
      const certificates = facts.certificates.filter(({ missing }) => !missing);
      return assessCertificates(
        assessCertificatesInput.parse({
          ...{ cluster: 'demo', config: config(), options: options('check-certificates'), unreachable: [] },
          nodes: [{ instanceId: 'i-00000000000000001', name: 'cp-1', result: { ...facts, certificates } }],
        }),
        now,
      ).report;
    };
    expect(assess(0)).toMatchObject({ findings: [], next: 'none' });
    expect(assess(20)).toMatchObject({ findings: [], next: 'none' });
    const late = assess(21.5);
    expect(late.next).toBe('renew');
    expect(late.findings.map(({ certificate }) => certificate).sort()).toEqual(NAMES);
    expect(late.findings[0]!.message).toMatch(
      / runs out in 8 days .*, under its threshold of 9 days \(30 % of its lifetime\); /,
    );
  });

  describe('row 22: what cannot be written', () => {
    const READ_ONLY = (file: string) => `mount --bind ${file} ${file}; mount -o remount,bind,ro ${file}`;
    test.each([
      ['/etc/kubernetes', 'etc/kubernetes', 'apiserver.crt'],
      ['the folder of the certificates alone', 'etc/kubernetes/pki', 'apiserver.crt'],
      ['one key', 'etc/kubernetes/pki/etcd/peer.key', 'etcd/peer.key'],
      ['a kubeconfig', 'etc/kubernetes/scheduler.conf', 'scheduler.conf'],
    ])('%s', (_what, file, named) => {
      node.mounted = READ_ONLY(file);
      expectObstacle('files can be written', new RegExp(`${named} cannot be written \\(Read-only file system\\)$`));
    });
  });

  describe('row 23: a passphrase on a key', () => {
    test.each([
      ['ca', ['pkey', '-aes256']],
      ['etcd/ca', ['pkey', '-aes256']],
      ['front-proxy-ca', ['ec', '-aes128']], // the older format
    ])(
      '%s.key (openssl %j): its own sentence, which the real kubeadm’s failure bears out',
      (name, [command, ...options]) => {
        const key = node.pki(`${name}.key`);
        execFileSync('openssl', [command!, ...options, '-in', key, '-passout', 'pass:secret', '-out', `${key}.new`], {
          stdio: 'ignore',
        });
        renameSync(`${key}.new`, key);
        expect(() => node.make('all', '8760h')).toThrow(/key/);
        expectObstacle('ca keys can sign', `/etc/kubernetes/pki/${name}.key has a passphrase`);
      },
    );
  });
});
