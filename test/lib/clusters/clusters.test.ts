import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clusterConfig } from '../../../lambdas/contracts/cluster-config';
import { InvalidClusters, readClusters } from '../../../lib/clusters/clusters';
import { runApp } from '../../helpers/synth';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'clusters-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const write = (files: Record<string, string>) => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
};

/** The sentences, each without the folder in front. */
function mistakesIn(files: Record<string, string>): string[] {
  write(files);
  try {
    readClusters(folder);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidClusters)) throw error;
    return error.mistakes.map((mistake) => mistake.replaceAll(/\S*\/([^/\s]+\.ya?ml)/g, '$1'));
  }
}

test('the example names every setting, and every one that is not commented out has its default', () => {
  expect(readClusters('clusters')).toEqual([clusterConfig.parse({ cluster: 'demo' })]);
});

test('a file with only the name is enough, and no file at all is fine', () => {
  expect(readClusters(folder)).toEqual([]);
  write({ 'prod.yaml': 'cluster: prod\n', 'README.md': 'no cluster' });
  expect(readClusters(folder)).toMatchObject([
    { cluster: 'prod', certificates: { thresholdDays: 30, renew: true }, notifications: { emails: [] } },
  ]);
});

test.each<[string, string, string]>([
  ['no cluster', 'frozen: why\n', 'a.yaml:1: cluster is missing; it must be a text.'],
  ['an empty file', '', 'a.yaml:1: the file is null; it must be a mapping of settings.'],
  ['a list', '- cluster: a\n', 'a.yaml:1: the file is [{"cluster":"a"}]; it must be a mapping of settings.'],
  [
    'a wrong name',
    'cluster: A B\n',
    'a.yaml:1: cluster is "A B"; it must be 1 to 32 lower-case letters, digits or hyphens, such as "prod-eu".',
  ],
  ["another file's name", '\ncluster: b\n', 'a.yaml:2: cluster is "b"; it must be the file\'s name, "a".'],
  [
    'an unknown setting',
    'cluster: a\nclusters: 3\n',
    'a.yaml:2: clusters is not a setting; allowed here: cluster, frozen, certificates, loadBalancer, etcdBackup, upgrade, maintenance, lifecycle, kubernetes, chat, people, approval, notifications.',
  ],
  [
    'a right that there is not',
    'cluster: a\nchat:\n  rights:\n    - allow: [own]\n      users: [U0ADA]\n',
    'a.yaml:4: chat.rights.0.allow.0 is "own"; it must be one of look, plan, start, approve, stop, freeze.',
  ],
  [
    'a rule for nobody',
    'cluster: a\nchat:\n  rights:\n    - allow: [look]\n',
    'a.yaml:4: chat.rights.0 is {"allow":["look"]}; it must name users, groups, channels or webhooks.',
  ],
  [
    'a user by name',
    'cluster: a\nchat: {rights: [{allow: [look], users: [ada]}]}\n',
    'a.yaml:2: chat.rights.0.users.0 is "ada"; it must be a Slack user\'s id, such as U0123ABCD.',
  ],
  [
    'an unknown field of a rule',
    'cluster: a\nchat: {rights: [{allow: [look], users: [U0ADA], user: U0BOB}]}\n',
    'a.yaml:2: chat.rights.0.user is not a setting; allowed in chat.rights.0: allow, operations, users, groups, channels, webhooks.',
  ],
  [
    'a window that is no crontab',
    'cluster: a\nmaintenance: {windows: [{cron: daily, hours: 4}]}\n',
    'a.yaml:2: maintenance.windows.0.cron is "daily"; it must be minute, hour, day of the month, month and day of the week, such as "0 22 * * SAT".',
  ],
  [
    'a window at an hour that there is not',
    'cluster: a\nmaintenance: {windows: [{cron: 0 25 * * *, hours: 4}]}\n',
    'a.yaml:2: maintenance.windows.0.cron is "0 25 * * *"; it must be minute, hour, day of the month, month and day of the week, such as "0 22 * * SAT".',
  ],
  [
    'a window that never opens, in a time zone that there is not',
    'cluster: a\nmaintenance: {windows: [{cron: 0 1 * * *, hours: 4, timeZone: Mars}]}\n',
    'a.yaml:2: maintenance.windows.0.timeZone is "Mars"; it must be an IANA name such as Europe/Berlin or UTC.',
  ],
  [
    'an operation that there is not',
    'cluster: a\nchat: {rights: [{allow: [start], operations: [renew], users: [U0ADA]}]}\n',
    'a.yaml:2: chat.rights.0.operations has "renew"; it must be one of check-certificates, renew-certificates, back-up-etcd, upgrade, create-cluster, join-node, remove-node, replace-node, reconfigure.',
  ],
  [
    'an unknown setting in a list',
    'cluster: a\npeople:\n  - name: al\n    sms: 1\n',
    'a.yaml:4: people.0.sms is not a setting; allowed in people.0: name, iam, slack.',
  ],
  [
    'an approver who is nobody',
    'cluster: a\npeople:\n  - name: al\napproval:\n  approvers: [al, bo]\n',
    'a.yaml:5: approval.approvers has bo; it may name al.',
  ],
  [
    'fewer approvers than have to approve',
    'cluster: a\npeople:\n  - name: al\napproval:\n  operations: [upgrade]\n  approvers: [al]\n  count: 2\n',
    'a.yaml:4: approval.approvers has 1 names; it must have at least 2, as approval.count says, or nothing can be approved.',
  ],
  [
    'an identity of two people',
    'cluster: a\npeople:\n  - name: al\n    slack: [T012/U012]\n  - name: bo\n    slack: [T012/U012]\n',
    "a.yaml:5: slack:T012/U012 belongs to al and to bo; an identity is one person's.",
  ],
  [
    'an unknown setting further down',
    'cluster: a\ncertificates:\n  renew: true\n  treshold: 3\n',
    'a.yaml:4: certificates.treshold is not a setting; allowed in certificates: schedule, timeZone, retries, renew, thresholdDays, caThresholdDays, adminKubeconfigs.',
  ],
  [
    'a cluster to be made without a version',
    'cluster: a\nkubernetes:\n  endpoint: api:6443\n  podSubnet: 10.244.0.0/16\n',
    'a.yaml:2: kubernetes.version is missing; it must be a text.',
  ],
  [
    'a version that kubeadm cannot be installed in',
    'cluster: a\nkubernetes: {version: 1.27.0, endpoint: "api:6443", podSubnet: 10.244.0.0/16}\n',
    'a.yaml:2: kubernetes.version is "1.27.0"; it must be 1.28.0 or newer.',
  ],
  [
    'a cgroup driver that there is not',
    'cluster: a\nkubernetes:\n  {version: 1.37.2, endpoint: "api:6443", podSubnet: 10.244.0.0/16, cgroupDriver: none}\n',
    'a.yaml:3: kubernetes.cgroupDriver is "none"; it must be systemd or cgroupfs.',
  ],
  [
    'an endpoint without a port',
    'cluster: a\nkubernetes:\n  version: 1.37.2\n  endpoint: api.a.internal\n  podSubnet: 10.244.0.0/16\n',
    'a.yaml:4: kubernetes.endpoint is "api.a.internal"; it must be a DNS name with a port, such as api.demo.internal:6443.',
  ],
  [
    'a manifest without its checksum',
    'cluster: a\nkubernetes:\n  version: 1.37.2\n  endpoint: api:6443\n  podSubnet: 10.244.0.0/16\n  cni:\n    url: https://a/b\n',
    'a.yaml:6: kubernetes.cni.sha256 is missing; it must be a text.',
  ],
  [
    'an unknown setting of extraArgs',
    'cluster: a\nkubernetes:\n  version: 1.37.2\n  endpoint: api:6443\n  podSubnet: 10.244.0.0/16\n  extraArgs:\n    proxy: []\n',
    'a.yaml:7: kubernetes.extraArgs.proxy is not a setting; allowed in kubernetes.extraArgs: apiServer, controllerManager, scheduler, etcd, kubelet.',
  ],
  [
    'another cloud provider',
    'cluster: a\nkubernetes:\n  version: 1.37.2\n  endpoint: api:6443\n  podSubnet: 10.244.0.0/16\n  cloudProvider: aws\n',
    'a.yaml:6: kubernetes.cloudProvider is "aws"; it must be external.',
  ],
  [
    'a provider id that is the same on all nodes',
    'cluster: a\nkubernetes:\n  version: 1.37.2\n  endpoint: api:6443\n  podSubnet: 10.244.0.0/16\n  cloudProvider: external\n  extraArgs:\n    kubelet:\n      - {name: provider-id, value: x}\n',
    'a.yaml:9: kubernetes.extraArgs.kubelet has provider-id, which kubernetes.cloudProvider sets on each node; remove one of them.',
  ],
  [
    'flags of an etcd that kubeadm does not start',
    'cluster: a\nkubernetes:\n  version: 1.37.2\n  endpoint: api:6443\n  podSubnet: 10.244.0.0/16\n  externalEtcd:\n    endpoints: [https://10.0.0.9:2379]\n    caFile: /etc/etcd/ca.crt\n    certFile: /etc/etcd/client.crt\n    keyFile: /etc/etcd/client.key\n  extraArgs:\n    etcd: [{ name: heartbeat-interval, value: "200" }]\n',
    'a.yaml:12: kubernetes.extraArgs.etcd has flags, and kubernetes.externalEtcd is an etcd that kubeadm does not start; remove one of them.',
  ],
  [
    'a runtime that there is not',
    'cluster: a\nkubernetes:\n  version: 1.37.2\n  endpoint: api:6443\n  podSubnet: 10.244.0.0/16\n  runtime: podman\n',
    'a.yaml:6: kubernetes.runtime is "podman"; it must be containerd, cri-o or cri-dockerd.',
  ],
  [
    'an own configuration of another endpoint',
    'cluster: a\nkubernetes:\n  version: 1.37.2\n  endpoint: api:6443\n  podSubnet: 10.244.0.0/16\n  configuration: |\n    apiVersion: kubeadm.k8s.io/v1beta4\n    kind: ClusterConfiguration\n    controlPlaneEndpoint: b:6443\n',
    'a.yaml:6: kubernetes.configuration says b:6443 where kubernetes.endpoint says api:6443; make them equal or remove it there.',
  ],
  [
    'an own configuration of another network of pods',
    'cluster: a\nkubernetes:\n  version: 1.37.2\n  endpoint: api:6443\n  podSubnet: 10.244.0.0/16\n  configuration: |\n    apiVersion: kubeadm.k8s.io/v1beta4\n    kind: ClusterConfiguration\n    networking: {podSubnet: 10.9.0.0/16}\n',
    'a.yaml:6: kubernetes.configuration says 10.9.0.0/16 where kubernetes.podSubnet says 10.244.0.0/16; make them equal or remove it there.',
  ],
  [
    'an own configuration with a token',
    'cluster: a\nkubernetes:\n  version: 1.37.2\n  endpoint: api:6443\n  podSubnet: 10.244.0.0/16\n  configuration: |\n    apiVersion: kubeadm.k8s.io/v1beta4\n    kind: InitConfiguration\n    bootstrapTokens: []\n',
    'a.yaml:6: kubernetes.configuration has InitConfiguration.bootstrapTokens, which each node gets when it needs it; remove it.',
  ],
  [
    'an own configuration beside flags',
    'cluster: a\nkubernetes:\n  version: 1.37.2\n  endpoint: api:6443\n  podSubnet: 10.244.0.0/16\n  certSANs: [b]\n  configuration: |\n    apiVersion: kubeadm.k8s.io/v1beta4\n    kind: InitConfiguration\n    skipPhases: []\n',
    'a.yaml:7: kubernetes.configuration is given, and so is kubernetes.certSANs; say it in the configuration alone.',
  ],
  [
    'an own configuration of another kind',
    'cluster: a\nkubernetes:\n  version: 1.37.2\n  endpoint: api:6443\n  podSubnet: 10.244.0.0/16\n  configuration: |\n    apiVersion: kubeadm.k8s.io/v1beta4\n    kind: ResetConfiguration\n    force: true\n',
    'a.yaml:6: kubernetes.configuration has a document of kind ResetConfiguration and apiVersion kubeadm.k8s.io/v1beta4; expected InitConfiguration, ClusterConfiguration, JoinConfiguration, KubeletConfiguration, KubeProxyConfiguration.',
  ],
  [
    'an own configuration that is no YAML',
    'cluster: a\nkubernetes:\n  version: 1.37.2\n  endpoint: api:6443\n  podSubnet: 10.244.0.0/16\n  configuration: "a: ["\n',
    'a.yaml:6: kubernetes.configuration is no YAML: Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 5.',
  ],
  [
    'a patch of what kubeadm does not patch',
    'cluster: a\nkubernetes:\n  version: 1.37.2\n  endpoint: api:6443\n  podSubnet: 10.244.0.0/16\n  patches: {kubelet.yaml: "a: 1"}\n',
    'a.yaml:6: kubernetes.patches.kubelet.yaml is "a: 1"; it must have a name such as kube-apiserver0+strategic.yaml: one of kube-apiserver, kube-controller-manager, kube-scheduler, etcd, kubeletconfiguration, corednsdeployment, kubeproxydaemonset, a suffix if you like, +strategic, +merge or +json, then .yaml or .json.',
  ],
  [
    'a patch that is no YAML',
    'cluster: a\nkubernetes:\n  version: 1.37.2\n  endpoint: api:6443\n  podSubnet: 10.244.0.0/16\n  patches: {etcd.yaml: "a: ["}\n',
    'a.yaml:6: the patch kubernetes.patches.etcd.yaml is no YAML: Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 5.',
  ],
  [
    'a JSON patch that is a mapping',
    'cluster: a\nkubernetes:\n  version: 1.37.2\n  endpoint: api:6443\n  podSubnet: 10.244.0.0/16\n  patches: {etcd+json.yaml: "a: 1"}\n',
    'a.yaml:6: the patch kubernetes.patches.etcd+json.yaml is a JSON patch by its name; it must be a list of operations (op, path, value).',
  ],
  [
    'a patch that is a list',
    'cluster: a\nkubernetes:\n  version: 1.37.2\n  endpoint: api:6443\n  podSubnet: 10.244.0.0/16\n  patches: {etcd+merge.yaml: "- 1"}\n',
    'a.yaml:6: the patch kubernetes.patches.etcd+merge.yaml must be a mapping, such as spec: {containers: […]}; a list of operations has a name with +json.',
  ],
  [
    'settings that do not fit into Parameter Store',
    `cluster: a\nkubernetes:\n  version: 1.37.2\n  endpoint: api:6443\n  podSubnet: 10.244.0.0/16\n  patches: {etcd.yaml: "a: ${'x'.repeat(8000)}"}\n`,
    'a.yaml:1: the settings have 9031 bytes as JSON, and Parameter Store takes 8192: shorten the longest of them, such as kubernetes.patches.',
  ],
  [
    'a threshold of -1',
    'cluster: a\ncertificates:\n  thresholdDays: -1\n',
    'a.yaml:3: certificates.thresholdDays is -1; it must be 0 or more days.',
  ],
  [
    'a threshold too large',
    'cluster: a\ncertificates: {caThresholdDays: 5000}\n',
    'a.yaml:2: certificates.caThresholdDays is 5000; it must be at most 3650.',
  ],
  [
    'half a day',
    'cluster: a\ncertificates:\n  thresholdDays: 1.5\n',
    'a.yaml:3: certificates.thresholdDays is 1.5; it must be a whole number.',
  ],
  [
    'a wrong type',
    'cluster: a\ncertificates:\n  renew: "yes"\n',
    'a.yaml:3: certificates.renew is "yes"; it must be true or false.',
  ],
  [
    'a text for a mapping',
    'cluster: a\ncertificates: daily\n',
    'a.yaml:2: certificates is "daily"; it must be a mapping of settings.',
  ],
  [
    'too many retries',
    'cluster: a\ncertificates:\n  retries: 185\n',
    'a.yaml:3: certificates.retries is 185; it must be 0, 1 or 2: a late retry would start an operation at a wrong hour.',
  ],
  [
    'no schedule',
    'cluster: a\ncertificates:\n  schedule: daily\n',
    'a.yaml:3: certificates.schedule is "daily"; it must be cron(...), rate(...) or at(...), such as cron(0 3 * * ? *).',
  ],
  [
    'five fields',
    'cluster: a\ncertificates:\n  schedule: cron(0 3 * * *)\n',
    'a.yaml:3: certificates.schedule is "cron(0 3 * * *)"; it must have six fields (minutes, hours, day-of-month, month, day-of-week, year), but has 5.',
  ],
  [
    'a wrong time zone',
    'cluster: a\ncertificates:\n  timeZone: Europe/Berln\n',
    'a.yaml:3: certificates.timeZone is "Europe/Berln"; it must be an IANA name such as Europe/Berlin or UTC.',
  ],
  [
    'an offset as time zone',
    'cluster: a\ncertificates:\n  timeZone: "+01:00"\n',
    'a.yaml:3: certificates.timeZone is "+01:00"; it must be an IANA name such as Europe/Berlin or UTC.',
  ],
  [
    'a relative path',
    'cluster: a\ncertificates:\n  adminKubeconfigs:\n    - /ok\n    - no/t\n',
    'a.yaml:5: certificates.adminKubeconfigs.1 is "no/t"; it must be an absolute path.',
  ],
  [
    'a settle time of -1',
    'cluster: a\nloadBalancer:\n  settleSeconds: -1\n',
    'a.yaml:3: loadBalancer.settleSeconds is -1; it must be 0 or more seconds.',
  ],
  [
    'a settle time of an hour',
    'cluster: a\nloadBalancer:\n  settleSeconds: 3600\n',
    'a.yaml:3: loadBalancer.settleSeconds is 3600; it must be at most 600.',
  ],
  [
    'no port',
    'cluster: a\nloadBalancer:\n  apiServerPort: 0\n',
    'a.yaml:3: loadBalancer.apiServerPort is 0; it must be a port, 1 to 65535.',
  ],
  [
    'a gate that may not be excepted',
    'cluster: a\nupgrade:\n  exceptions: [etcd-healthy]\n',
    'a.yaml:3: upgrade.exceptions.0 is "etcd-healthy"; it must be one of cgroup-v1, coredns-plugins, coredns-version, create-job, disruption-budgets, etcd-image, foreign-nodes, node-maintenance, unmanaged-pods.',
  ],
  [
    'no workers at a time',
    'cluster: a\nupgrade:\n  maxUnavailable: 0\n',
    'a.yaml:3: upgrade.maxUnavailable is 0; it must be 1 to 100 workers, or a percentage of them from "1%" to "100%".',
  ],
  [
    'more than all workers at a time',
    'cluster: a\nupgrade:\n  maxUnavailable: 101%\n',
    'a.yaml:3: upgrade.maxUnavailable is "101%"; it must be 1 to 100 workers, or a percentage of them from "1%" to "100%".',
  ],
  [
    'no time to drain',
    'cluster: a\nupgrade:\n  drainMinutes: 0\n',
    'a.yaml:3: upgrade.drainMinutes is 0; it must be 1 or more minutes.',
  ],
  [
    'an unknown way with a drain that is stuck',
    'cluster: a\nupgrade:\n  stuckDrain: kill\n',
    'a.yaml:3: upgrade.stuckDrain is "kill"; it must be wait, force, skip or stop.',
  ],
  [
    'no e-mail address',
    'cluster: a\nnotifications:\n  emails: [x]\n',
    'a.yaml:3: notifications.emails.0 is "x"; it must be an e-mail address.',
  ],
  [
    'too many addresses',
    `cluster: a\nnotifications:\n  emails: [${Array(11).fill('a@b.de').join(', ')}]\n`,
    `a.yaml:3: notifications.emails is ${JSON.stringify(Array(11).fill('a@b.de'))}; it must be at most 10 entries long.`,
  ],
  ['an empty reason', 'cluster: a\nfrozen: ""\n', 'a.yaml:2: frozen is ""; it must be at least 1 characters long.'],
])('%s', (_what, text, sentence) => {
  expect(mistakesIn({ 'a.yaml': text })).toEqual([sentence]);
});

test('an own configuration in a file beside, or in none that is there', () => {
  const named = (name: string) =>
    `cluster: a\nkubernetes:\n  version: 1.37.2\n  endpoint: api:6443\n  podSubnet: 10.244.0.0/16\n  configuration: {file: ${name}}\n`;
  const text = 'apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\n';
  write({ 'kubeadm.txt': text, 'a.yaml': named('kubeadm.txt') });
  expect(readClusters(folder)[0]!.kubernetes!.configuration).toEqual([
    { apiVersion: 'kubeadm.k8s.io/v1beta4', kind: 'JoinConfiguration' },
  ]);
  const [mistake, ...others] = mistakesIn({ 'a.yaml': named('nowhere') });
  expect(others).toEqual([]);
  expect(mistake).toMatch(
    /^a\.yaml:6: kubernetes\.configuration\.file is "nowhere"; .*nowhere must be a file of at most 100000 bytes, in a folder beside the cluster's file\.$/,
  );
});

test('YAML that cannot be read is told with its line', () => {
  expect(mistakesIn({ 'a.yaml': 'cluster: a\ncertificates:\n  renew: [true\n' })).toEqual([
    expect.stringMatching(/^a\.yaml:[34]: this is not YAML that can be read: .+\.$/),
  ]);
  expect(mistakesIn({ 'a.yaml': 'cluster: a\nfrozen: x\ncluster: a\n' })).toEqual([
    expect.stringMatching(/^a\.yaml:3: this is not YAML that can be read: Map keys must be unique/),
  ]);
});

test('every mistake of every file is told at once', () => {
  const mistakes = mistakesIn({
    'a.yaml': 'cluster: a\ncertificates:\n  thresholdDays: -1\n  renew: 3\n',
    'b.yaml': 'cluster: a\n',
    'c.yaml': 'cluster: a\n',
    'd.yml': 'cluster: d\n',
  });
  expect(mistakes).toEqual([
    'a.yaml:3: certificates.thresholdDays is -1; it must be 0 or more days.',
    'a.yaml:4: certificates.renew is 3; it must be true or false.',
    'b.yaml:1: cluster is "a"; it must be the file\'s name, "b".',
    'c.yaml:1: cluster is "a"; it must be the file\'s name, "c".',
    'c.yaml:1: cluster "a" has a file already, b.yaml: a cluster has one file.',
    "d.yml:1: the file's name must end with .yaml.",
  ]);
});

test('a folder that is not there is told', () => {
  expect(() => readClusters(join(folder, 'none'))).toThrow(
    /none does not exist: it has to be a folder with one YAML file a cluster\.$/,
  );
});

test('the app itself says no more than the sentences, and fails', () => {
  write({ 'a.yaml': 'cluster: a\ncertificates:\n  thresholdDays: -1\n' });
  const { status, output } = runApp({ folder: join(folder, 'cdk.out'), clusters: folder });
  expect(status).toBe(1);
  expect(output.trim()).toMatch(/^\S*a\.yaml:3: certificates\.thresholdDays is -1; it must be 0 or more days\.$/);
});
