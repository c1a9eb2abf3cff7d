import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RESULT_MARKER } from '../../lambdas/contracts/run-on-nodes';
import type { NodeStepName } from '../../lib/node-access/node-steps';
import { NODE_STEPS } from '../../lib/node-access/node-steps';
import { nodeStepScript } from '../../lib/node-access/node-step-script';

/** What the SSM documents hold is one text without scripts/lib beside it: it has to run alone, as the agent runs it. */
describe('a node step as its SSM document holds it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bundled-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(Object.keys(NODE_STEPS) as NodeStepName[])('%s runs alone and refuses an empty machine', (step) => {
    const file = join(folder, `${step}.sh`);
    writeFileSync(file, nodeStepScript(step), { mode: 0o700 });
    const parameters = {
      SSM_Inventory: 'no',
      SSM_Force: 'no',
      SSM_AdminKubeconfigs: 'none',
      SSM_Until: 'all',
      SSM_Secret: '/kubeadm-autopilot/secrets/demo/bootstrap-token',
      SSM_Action: 'create',
      SSM_Wait: 'no',
      SSM_Nodes: 'all',
      SSM_Version: '1.37.2',
      SSM_Command: 'node',
      SSM_ImageTag: '3.6.12-0',
      SSM_KubeletServer: 'own',
      SSM_IgnoreErrors: 'none',
      SSM_RenewCertificates: 'yes',
      SSM_SkipPhases: 'none',
      SSM_Node: 'cp-1',
      SSM_LeaveEtcd: 'no',
      SSM_Member: 'none',
      SSM_TimeoutSeconds: '60',
      // A bare machine is what these two are for: what they refuse is a wrong word.
      SSM_Endpoint: 'nowhere',
      SSM_Packages: 'https://pkgs.k8s.io/core:/stable:/',
      SSM_CgroupDriver: 'systemd',
      SSM_Swap: 'sometimes',
      SSM_Configuration: Buffer.from('apiVersion: kubeadm.k8s.io/v1beta4').toString('base64'),
      SSM_Patches: 'none',
      SSM_CertificateKey: 'none',
      SSM_CaHash: 'f'.repeat(64),
      SSM_CniUrl: 'none',
      SSM_CniSha256: 'none',
      SSM_Arguments: 'none',
      SSM_ClusterConfiguration: 'none',
      SSM_KubeletConfiguration: 'none',
      SSM_Kubelet: 'none',
      SSM_Certificate: 'nonsense',
      SSM_Ca: 'none',
      SSM_Request: 'YQ==',
    };
    const env = { PATH: process.env.PATH, LANG: 'C.UTF-8', NODE_ROOT: join(folder, 'node'), ...parameters };
    const { status, stdout, stderr } = spawnSync(file, [], { cwd: folder, env, encoding: 'utf8' });
    expect({ status, stderr }).toMatchObject({ status: 20 });
    expect(stderr).toContain(`${step} begins, limit ${NODE_STEPS[step].executionSeconds - 30} s`);
    const lines = stdout.split('\n').filter((line) => line.startsWith(RESULT_MARKER));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!.slice(RESULT_MARKER.length))).toMatchObject({ error: 'refused' });
  });
});
