import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Folders, HAS_ROOTFS, configuration, succeed, toldPath, writeOnNode } from './real-kubeadm';
import { onBoth } from './two-nodes';
import type { Call } from './two-nodes';

const PKI = 'etc/kubernetes/pki';
/** Without --rootfs kubeadm looks for certificates where this says. */
export const NO_CONFIG: Call = (told) => (HAS_ROOTFS ? [] : ['--cert-dir', told('/etc/kubernetes/pki')]);
export const CONFIG: Call = (told) => ['--config', told('/cluster.yaml')];

export const NAMES = [
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
];

/** How long the certificates of one folder are valid: every form in which kubeadm writes a residual time. */
const VALIDITIES: Record<string, string> = {
  apiserver: '-1h',
  'apiserver-etcd-client': '-48h',
  'apiserver-kubelet-client': '100s',
  'etcd-healthcheck-client': '5m45s',
  'etcd-peer': '99m30s',
  'etcd-server': '5h30m30s',
  'front-proxy-client': '30h30m',
  'admin.conf': '100h30m',
  'controller-manager.conf': '1000h30m',
  'scheduler.conf': '20000h30m',
  'super-admin.conf': '30000h30m',
};

const remove =
  (...files: string[]) =>
  (root: string): void =>
    files.forEach((file) => rmSync(join(root, file)));
const write =
  (file: string, content: string) =>
  (root: string): void => {
    rmSync(join(root, file), { recursive: true, force: true });
    writeOnNode(root, file, content, 0o644);
  };
const settings =
  (more: Record<string, unknown>) =>
  (root: string): void =>
    writeFileSync(join(root, 'cluster.yaml'), configuration(root, more));

/** How folders come to differ from what kubeadm init leaves. What is about kubeconfigs needs --rootfs. */
const STATES: [string, (root: string) => void, 'rootfs'?][] = [
  ['as kubeadm init leaves it', () => undefined],
  ['no admin.conf', remove('etc/kubernetes/admin.conf'), 'rootfs'],
  ['garbage in admin.conf', write('etc/kubernetes/admin.conf', 'garbage\n'), 'rootfs'],
  ['an empty admin.conf', write('etc/kubernetes/admin.conf', ''), 'rootfs'],
  ['no super-admin.conf', remove('etc/kubernetes/super-admin.conf'), 'rootfs'],
  ['no scheduler.conf', remove('etc/kubernetes/scheduler.conf'), 'rootfs'],
  ['no apiserver.crt', remove(`${PKI}/apiserver.crt`)],
  ['no apiserver.key', remove(`${PKI}/apiserver.key`)],
  ['no etcd certificates', remove(`${PKI}/etcd/server.crt`, `${PKI}/etcd/peer.crt`, `${PKI}/etcd/server.key`)],
  ['external CA', remove(`${PKI}/ca.key`)],
  ['external etcd CA', remove(`${PKI}/etcd/ca.key`)],
  ['external front-proxy CA', remove(`${PKI}/front-proxy-ca.key`)],
  ['all CAs external', remove(`${PKI}/ca.key`, `${PKI}/etcd/ca.key`, `${PKI}/front-proxy-ca.key`)],
  ['external CA and a key is missing', remove(`${PKI}/ca.key`, `${PKI}/apiserver.key`)],
  ['no CA certificate', remove(`${PKI}/ca.crt`)],
  ['no etcd CA certificate', remove(`${PKI}/etcd/ca.crt`)],
  ['garbage in apiserver.crt', write(`${PKI}/apiserver.crt`, 'garbage\n')],
  ['apiserver.crt is empty', write(`${PKI}/apiserver.crt`, '')],
  ['garbage in ca.crt', write(`${PKI}/ca.crt`, 'garbage\n')],
  ['garbage in ca.key', write(`${PKI}/ca.key`, 'garbage\n')],
  ['garbage in scheduler.conf', write('etc/kubernetes/scheduler.conf', 'garbage\n'), 'rootfs'],
  [
    'a scheduler.conf without certificate',
    write('etc/kubernetes/scheduler.conf', 'apiVersion: v1\nkind: Config\n'),
    'rootfs',
  ],
  [
    'a scheduler.conf that names its certificate',
    (root) =>
      editScheduler(root, /client-certificate-data: .*/, 'client-certificate: /etc/kubernetes/pki/apiserver.crt'),
    'rootfs',
  ],
  [
    'a scheduler.conf with garbage for a certificate',
    (root) => editScheduler(root, /(client-certificate-data): .*/, '$1: Z2FyYmFnZQo='),
    'rootfs',
  ],
  ['RSA', settings({ encryptionAlgorithm: 'RSA-2048' })],
  ['another validity', settings({ certificateValidityPeriod: '8m0s' })],
  [
    'external etcd',
    settings({
      etcd: {
        external: {
          endpoints: ['https://10.0.3.11:2379'],
          caFile: '/etc/kubernetes/pki/etcd/ca.crt',
          certFile: '/etc/kubernetes/pki/apiserver-etcd-client.crt',
          keyFile: '/etc/kubernetes/pki/apiserver-etcd-client.key',
        },
      },
    }),
  ],
  ['another certificatesDir', elsewhere],
  ['links to another folder', links, 'rootfs'],
  ['many validities', varyValidities],
];

/** The same certificates under another path; the old one stays as a link to nowhere, so that who looks there finds nothing. */
function elsewhere(root: string): void {
  const folder = join(root, 'etc/kubernetes/k8s-pki');
  renameSync(join(root, PKI), folder);
  symlinkSync('nowhere', join(root, PKI));
  settings({ certificatesDir: toldPath(root, '/etc/kubernetes/k8s-pki') })(root);
}

/** The folder, a certificate and a kubeconfig: what is written through them, and that they stay. */
function links(root: string): void {
  const folder = 'etc/kubernetes';
  const move = (from: string, to: string, link: string) => {
    renameSync(join(root, from), join(root, to));
    symlinkSync(link, join(root, from));
  };
  mkdirSync(join(root, folder, 'disk'));
  move(`${PKI}/apiserver.crt`, `${folder}/disk/apiserver.crt`, '../apiserver.crt');
  move(PKI, `${folder}/disk/pki`, 'disk/pki');
  move(`${folder}/scheduler.conf`, `${folder}/disk/scheduler.conf`, 'disk/scheduler.conf');
}

function editScheduler(root: string, pattern: RegExp, replacement: string): void {
  const file = join(root, 'etc/kubernetes/scheduler.conf');
  writeFileSync(file, readFileSync(file, 'utf8').replace(pattern, replacement));
}

function varyValidities(root: string): void {
  for (const [name, certificateValidityPeriod] of Object.entries(VALIDITIES)) {
    if (!HAS_ROOTFS && name.endsWith('.conf')) continue;
    settings({ certificateValidityPeriod })(root);
    succeed(root, ['certs', 'renew', name, ...CONFIG((path) => toldPath(root, path))]);
  }
  settings({})(root);
}

/** Names of the states that can be had here. */
export const STATE_NAMES = STATES.filter(([, , needs]) => HAS_ROOTFS || needs !== 'rootfs').map(([name]) => name);

export const FRESH = STATES[0]![0];

export function prepareState(state: string, root: string): void {
  STATES.find(([name]) => name === state)![1](root);
}

/** Compares what the real kubeadm and the stand-in do with folders in such states. */
export class Contract {
  private readonly folders = new Folders();
  private readonly fresh = this.folders.make('fresh');

  expectSame(state: string, call: Call): void {
    const root = this.folders.copy(this.fresh, 'state');
    try {
      prepareState(state, root);
      const { real, standIn } = onBoth(this.folders, root, call);
      expect(standIn).toEqual(real);
    } finally {
      this.folders.remove(root);
    }
  }

  end(): void {
    this.folders.removeAll();
  }
}
