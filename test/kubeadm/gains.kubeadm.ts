import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateInventory, renewalResult, type CertificateInventory } from '../../lambdas/contracts/node-steps';
import { nodePath } from '../../local/nodes/simulated/install-stand-ins';
import { describeWithKubeadm } from './helpers/describe-with-kubeadm';
import { Folders, HAS_ROOTFS, KUBEADM_VARIABLE, configuration, runProgram, succeed } from './helpers/real-kubeadm';
import { NAMES } from './helpers/states';

const SCRIPTS = join(__dirname, '../../scripts');
const MARKER = 'KUBEADM_AUTOPILOT_RESULT ';

/** renew-certificates.sh up to the static pods, where the files and the kubeadm are real. Without --rootfs there are no kubeconfigs. */
(HAS_ROOTFS ? describeWithKubeadm : describe.skip)('what gains by a renewal, with the real kubeadm', () => {
  const folders = new Folders();
  let node: string;

  beforeAll(() => {
    node = folders.make('node');
    for (const phase of [
      ['control-plane', 'all'],
      ['etcd', 'local'],
    ]) {
      succeed(node, ['init', 'phase', ...phase, '--config', '/cluster.yaml']);
    }
    mkdirSync(join(node, 'usr/bin'), { recursive: true });
    symlinkSync(join(__dirname, 'helpers/kubeadm-on-node'), join(node, 'usr/bin/kubeadm'));
    writeFileSync(join(node, 'usr/bin/crictl'), '#!/bin/sh\n', { mode: 0o755 });
    const state = join(node, 'var/lib/kubeadm-autopilot');
    mkdirSync(state, { recursive: true });
    make('all', '867240h');
    make('scheduler.conf', '87600h');
    make('admin.conf', '288h');
    const saved = configuration(node, { certificatesDir: '/etc/kubernetes/pki' }).split('---\n')[0]!;
    writeFileSync(join(state, 'cluster-configuration.yaml'), saved);
  });
  afterAll(() => folders.removeAll());

  function make(name: string, certificateValidityPeriod: string): void {
    writeFileSync(join(node, 'cluster.yaml'), configuration(node, { certificateValidityPeriod }));
    succeed(node, ['certs', 'renew', name, '--config', '/cluster.yaml']);
  }

  function run(step: string, parameters: Record<string, string> = {}): unknown {
    const { stdout, stderr } = runProgram(join(SCRIPTS, `${step}.sh`), [], {
      ...{ PATH: nodePath(node), NODE_ROOT: node, LANG: 'C.UTF-8' },
      [KUBEADM_VARIABLE]: process.env[KUBEADM_VARIABLE]!,
      ...parameters,
    });
    if (!stdout.startsWith(MARKER)) throw new Error(`No result: ${stdout}${stderr}`);
    return JSON.parse(stdout.slice(MARKER.length));
  }

  const serials = ({ certificates }: CertificateInventory) =>
    Object.fromEntries(certificates.map(({ name, serial }) => [name, serial]));

  test('of 99 years, 10 years and 12 days, admin.conf alone is renewed', () => {
    const before = certificateInventory.parse(run('check-certificates'));
    const parameters = { SSM_Force: 'no', SSM_Until: 'files' };
    const { renewed, leftAlone } = renewalResult.parse(run('renew-certificates', parameters));
    const after = certificateInventory.parse(run('check-certificates'));
    expect(renewed.map(({ name }) => name)).toEqual(['admin.conf']);
    expect(leftAlone?.map(({ name }) => name).sort()).toEqual(NAMES.filter((name) => name !== 'admin.conf'));
    expect(serials(after)).toEqual({ ...serials(before), 'admin.conf': renewed[0]!.after.serial });
    const ends = (name: string) => after.certificates.find((row) => row.name === name)!.notAfter!;
    expect(ends('apiserver') > ends('scheduler.conf') && ends('scheduler.conf') > ends('admin.conf')).toBe(true);
  });
});
