import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { clusterConfig } from '../../../lambdas/contracts/cluster-config';
import { nodeStepDocument } from '../../../lib/node-access/node-step-document';
import { NODE_STEPS, type NodeStepName } from '../../../lib/node-access/node-steps';
import { packScript, unpackScript } from '../../../lib/node-access/packed-script';
import { resourcesOf } from '../../helpers/template';

interface Document {
  schemaVersion: string;
  parameters: Record<
    string,
    { type: string; allowedPattern?: string; maxChars?: number; interpolationType?: string; default?: string }
  >;
  mainSteps: {
    action: string;
    precondition: unknown;
    inputs: { timeoutSeconds: string; runCommand: string[] };
  }[];
}

const documents = Object.values(
  resourcesOf<{ Name: string; UpdateMethod: string; Content: Document }>('AWS::SSM::Document'),
);
const cases = documents.map(
  (document) => [document.Name.replace('kubeadm-autopilot-', '') as NodeStepName, document] as const,
);

test('every script in scripts/ is in the catalogue and has a document, and none else', () => {
  const scripts = readdirSync(resolve(__dirname, '../../../scripts'))
    .filter((name) => name.endsWith('.sh'))
    .map((name) => name.replace('.sh', ''));
  expect(cases.map(([name]) => name).sort()).toEqual(scripts.sort());
  expect(Object.keys(NODE_STEPS).sort()).toEqual(scripts);
});

describe.each(cases)('the document of %s', (name, { Content: document, UpdateMethod }) => {
  const step = document.mainSteps[0]!;
  const packed = step.inputs.runCommand[0]!;
  const script = unpackScript(packed);
  const { TaskToken: token, ...parameters } = document.parameters;

  test('is one shell step of schema 2.2 for Linux', () => {
    expect(document.schemaVersion).toBe('2.2');
    expect(UpdateMethod).toBe('NewVersion');
    expect(document.mainSteps).toHaveLength(1);
    expect(step).toMatchObject({
      action: 'aws:runShellScript',
      precondition: { StringEquals: ['platformType', 'Linux'] },
      inputs: { timeoutSeconds: String(NODE_STEPS[name].executionSeconds), runCommand: [expect.any(String)] },
    });
  });

  test('has a time limit that the agent does not silently turn into an hour', () => {
    const seconds = Number(step.inputs.timeoutSeconds);
    expect(seconds).toBeGreaterThanOrEqual(5);
    expect(seconds).toBeLessThanOrEqual(172_800);
  });

  test('takes its parameters as environment variables, each with an anchored pattern and a longest length', () => {
    for (const [parameter, { type, interpolationType, allowedPattern, maxChars }] of Object.entries(parameters)) {
      expect(parameter).toMatch(/^[A-Za-z][A-Za-z0-9]*$/);
      expect({ type, interpolationType }).toEqual({ type: 'String', interpolationType: 'ENV_VAR' });
      expect(allowedPattern).toMatch(/^\^.*\$$/);
      expect(maxChars).toBeGreaterThan(0);
    }
    // No pattern, because the script never sees it.
    expect(token).toEqual({ type: 'String', description: expect.any(String), default: 'none' });
    expect(script).not.toContain('TaskToken');
  });

  test('has nothing that SSM would take for a parameter', () => {
    expect(JSON.stringify(document)).not.toContain('{{');
  });

  test('begins with the shebang and says which step it is and how long it may take', () => {
    const limit = Number(step.inputs.timeoutSeconds) - 30;
    expect(script.split('\n').slice(0, 2)).toEqual([
      '#!/bin/bash',
      `readonly NODE_STEP=${name} NODE_STEP_TIME_LIMIT=${limit}`,
    ]);
  });

  test('is bash, with all libraries put in', () => {
    expect(script).not.toContain('BASH_SOURCE');
    for (const input of [script, packed])
      expect(() => execFileSync('bash', ['-n'], { input, stdio: 'pipe' })).not.toThrow();
  });
});

describe('patterns', () => {
  const patterns = Object.entries(NODE_STEPS).flatMap(([step, { parameters }]) =>
    Object.entries(parameters).map(
      ([parameter, { allowedPattern, maxChars }]) => [step, parameter, allowedPattern, maxChars] as const,
    ),
  );
  const LONGEST_KUBECONFIGS = Array<string>(10).fill(`/${'k'.repeat(200)}`);
  const ADDRESS = '2001:0db8:0000:0000:0000:ff00:0042:8329';
  const GOOD: Record<string, string[]> = {
    Inventory: ['yes', 'no'],
    Force: ['yes', 'no'],
    AdminKubeconfigs: ['none', '/home/ops/.kube/config', '/a,/b/c-d_e.conf', LONGEST_KUBECONFIGS.join(',')],
    Until: ['files', 'etcd', 'kube-apiserver', 'all'],
    Secret: [
      '/kubeadm-autopilot/secrets/demo/bootstrap-token',
      `/kubeadm-autopilot/secrets/${'c'.repeat(32)}/${'n'.repeat(64)}`,
    ],
    Wait: ['yes', 'no'],
    Action: ['create', 'delete'],
    EtcdOn: ['none', 'i-0123456789abcdef0', 'mi-0123456789abcdef0'],
    Nodes: ['all', 'cp-1', 'ip-10-0-0-1.ec2.internal,worker-2', Array<string>(50).fill('n'.repeat(63)).join(',')],
    Pods: ['cp-1=10.244.0.2', 'cp-1=10.244.0.2,worker-1=fd00::2', `${'n'.repeat(11_989)}=10.244.0.2`],
    Absent: ['0', '1', '1000', '9999'],
    Version: ['1.37.2', '1.999.999'],
    'inspect-for-upgrade Version': ['none', '1.37.2', '1.999.999'],
    'uncordon-node Version': ['none', '1.37.2', '1.999.999'],
    ImageTag: ['3.6.12-0', '3.5.26', `3.6.12-${'1'.repeat(13)}`],
    Command: ['apply', 'node'],
    KubeletServer: ['endpoint', 'own'],
    IgnoreErrors: ['none', 'Swap,FileContent--proc-sys-net-ipv4-ip_forward', 'E'.repeat(250)],
    RenewCertificates: ['yes', 'no'],
    SkipPhases: ['none', 'addon/coredns,addon/kube-proxy', 'p'.repeat(120)],
    Node: ['a', 'worker-1', 'ip-10-0-0-1.eu-central-1.compute.internal', 'n'.repeat(253)],
    LeaveEtcd: ['yes', 'no'],
    Member: ['none', '8e9e05c52164694d', 'f'.repeat(16)],
    TimeoutSeconds: ['30', '3600'],
    Endpoint: ['none', 'api.demo.internal:6443', `${'e'.repeat(253)}:65535`],
    EtcdEndpoints: [
      'none',
      'https://etcd-1.internal:2379,https://10.0.0.2:2379',
      Array<string>(9)
        .fill(`https://${'e'.repeat(255)}`)
        .join(','),
    ],
    EtcdFiles: [
      'none',
      '/etc/etcd/ca.crt,/etc/etcd/client.crt,/etc/etcd/client.key',
      Array<string>(3)
        .fill(`/${'f'.repeat(200)}`)
        .join(','),
    ],
    ControlPlanes: ['none', '10.0.0.11,10.0.0.12', Array<string>(50).fill(ADDRESS).join(',')],
    Workers: ['none', 'fd00::101', Array<string>(50).fill(ADDRESS).join(',')],
    Packages: ['https://pkgs.k8s.io/core:/stable:/', `https://${'p'.repeat(200)}/`],
    CgroupDriver: ['systemd', 'cgroupfs'],
    Swap: ['off', 'keep'],
    Runtime: ['containerd', 'cri-o', 'cri-dockerd'],
    RuntimePackages: ['https://mirror.test/cri-o/', `https://${'p'.repeat(200)}/`],
    Configuration: ['YTogYgo=', 'A'.repeat(8000)],
    Patches: ['none', 'etcd.yaml:YQ==,kube-apiserver0+strategic.json:YWI=', `etcd.json:${'A'.repeat(5990)}`],
    CertificateKey: [
      'none',
      '/kubeadm-autopilot/secrets/demo/certificate-key',
      `/kubeadm-autopilot/secrets/${'c'.repeat(32)}/${'n'.repeat(64)}`,
    ],
    'store-configuration Action': ['store', 'finish'],
    Kubelet: ['YTogYgo=', 'A'.repeat(8000)],
    Certificate: ['none', 'YTogYgo=', 'A'.repeat(6000)],
    Ca: ['none', 'YTogYgo=', 'A'.repeat(6000)],
    Request: ['YTogYgo=', 'A'.repeat(6000)],
    ClusterConfiguration: ['none', 'YTogYgo=', 'A'.repeat(6000)],
    KubeletConfiguration: ['none', 'YTogYgo=', 'A'.repeat(6000)],
    Arguments: ['none', 'YTogYgo=', 'A'.repeat(3000)],
    CaHash: ['f'.repeat(64)],
    CniUrl: ['none', 'file:///opt/cni.yaml', `https://${'u'.repeat(500)}`],
    CniSha256: ['none', '0'.repeat(64)],
  };
  const BAD = [
    '',
    ' ',
    'yes; id',
    '$(id)',
    '`id`',
    'yes\nid',
    'yes\n',
    "'",
    '"',
    'a|b',
    '/a b',
    '/a;id',
    '/a,$HOME',
    '/a,',
    '../a',
    '/a\n/b',
    '&',
    '>',
  ];

  test.each(patterns)('%s takes the values of %s that it should', (step, parameter, pattern, maxChars) => {
    const good = GOOD[`${step} ${parameter}`] ?? GOOD[parameter];
    expect(good).toBeDefined();
    for (const value of good!) {
      expect(value).toMatch(new RegExp(pattern));
      expect(value.length).toBeLessThanOrEqual(maxChars);
    }
    // Not more than is needed: SSM counts it.
    expect(Math.max(...good!.map(({ length }) => length))).toBe(maxChars);
  });

  test('the longest list of kubeconfigs is the longest that a cluster can have', () => {
    const adminKubeconfigs = (list: string[]) =>
      clusterConfig.safeParse({ cluster: 'demo', certificates: { adminKubeconfigs: list } });
    expect(adminKubeconfigs(LONGEST_KUBECONFIGS).success).toBe(true);
    expect(adminKubeconfigs([...LONGEST_KUBECONFIGS, '/a']).success).toBe(false);
    expect(adminKubeconfigs([`${LONGEST_KUBECONFIGS[0]}k`]).success).toBe(false);
  });

  test.each(
    patterns.flatMap(([step, parameter, pattern]) => BAD.map((value) => [step, parameter, value, pattern] as const)),
  )('%s: %s does not take %j', (_step, _parameter, value, pattern) => {
    expect(value).not.toMatch(new RegExp(pattern));
  });

  test.each(patterns)(
    '%s: %s is a pattern for Go, which allows no repetition over 1000',
    (_step, _parameter, pattern) => {
      expect(pattern).not.toMatch(/\{\d|\\[sdw]|\(\?/);
    },
  );
});

test('a compressed script runs as the script itself: its exit code, its quotes, what it reads of its environment', () => {
  const script = `#!/bin/bash\nprintf '%s|' "$SSM_Text" 'it''s' "\\$0"; printf 'told\\n' >&2; exit 7\n`;
  const run = (text: string) =>
    spawnSync('bash', ['-c', text], { encoding: 'utf8', env: { ...process.env, SSM_Text: '$(id) {' } });
  const [plain, packed] = [run(script), run(packScript(script))];
  expect(plain).toMatchObject({ status: 7, stderr: 'told\n', stdout: expect.stringMatching(/^\$\(id\) \{\|/) });
  expect(packed).toMatchObject({ status: plain.status, stdout: plain.stdout, stderr: plain.stderr });
});

test('a node without gunzip says so', () => {
  const { status, stderr } = spawnSync('/bin/bash', ['-c', packScript('exit 0')], {
    encoding: 'utf8',
    env: { PATH: '/nowhere' },
  });
  expect(status).toBe(1);
  expect(stderr).toContain('base64 or gunzip is not on this node');
});

test('a script that is too long is refused with what it has and what SSM takes', () => {
  const document = (bytes: number) => () =>
    nodeStepDocument('check-certificates', randomBytes(bytes / 2).toString('latin1'));
  expect(document(50_000)).not.toThrow();
  expect(document(120_000)).toThrow(
    /^The SSM document of scripts\/check-certificates\.sh has \d+ bytes with the longest values of its parameters, and SSM takes 65536: move a part of the script into a node step of its own\.$/,
  );
});
