import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import type { LabNode } from '../../local/nodes/lab/lab-node';
import { INSTALLED_FROM, INSTALLED_TO } from './helpers/kubernetes-version';
import { traces } from './helpers/traces';

/** As apt and the repository write them: 1.36.3 and v1.36. */
const [FROM, TO] = [INSTALLED_FROM.slice(1), INSTALLED_TO.slice(1)];
const [FROM_MINOR, TO_MINOR] = [minorOf(INSTALLED_FROM), minorOf(INSTALLED_TO)];

const NAME = 'packages';
/** Signs nothing: its private half is gone. */
const OTHER_KEY = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawdhMBYJKwYBBAHaRw8BAQdAXQyQzPW71iWhKKSPlSHihw+4nwzvQp0CKB88
oI6PGPi0H1NvbWVib2R5IGVsc2UgPG90aGVyQGxvY2FsaG9zdD6IkAQTFggAOBYh
BPZBXHn8b5mvgrZy0iFyd3QWVy/VBQJrB2EwAhsDBQsJCAcCBhUKCQgLAgQWAgMB
Ah4BAheAAAoJECFyd3QWVy/VC7EA/20LAUXJuK4Y62/2op2kcT9wSiXRMAenuB4n
YzxzMjv8AP4+orG6ESByRAMNTHWUjtoLdpi5vTDQcnN1fXAlO8yiDg==
=IePp
-----END PGP PUBLIC KEY BLOCK-----
`;
const KEYRING = '/etc/apt/keyrings/kubernetes-apt-keyring.gpg';

/** Upgrading packages on one node, with the commands of kubernetes.io; there is no cluster. Tests go on where the one before ended. */
describe('the packages of a lab node', () => {
  let cluster: LabCluster;
  let node: LabNode;

  beforeAll(async () => {
    cluster = await LabCluster.up({
      name: NAME,
      controlPlanes: 1,
      workers: 0,
      kubernetesVersion: INSTALLED_FROM,
      createCluster: false,
      packagesOf: [INSTALLED_TO],
    });
    node = cluster.node('cp-1');
  });
  afterAll(async () => {
    await cluster?.down();
    expect(traces(NAME)).toEqual([]);
  });

  const script = (text: string) => node.run({ script: `#!/bin/bash\n${text}\n`, env: {}, timeLimitSeconds: 60 });
  const succeeds = async (text: string): Promise<string> => {
    const outcome = await script(`set -euo pipefail\n${text}`);
    expect(outcome).toMatchObject({ exitCode: 0 });
    return outcome.stdout;
  };
  const refreshKey = (minor: string) =>
    `curl -fsSL https://pkgs.k8s.io/core:/stable:/${minor}/deb/Release.key | gpg --batch --yes --dearmor -o ${KEYRING}`;
  const switchTo = (minor: string) =>
    `echo "deb [signed-by=${KEYRING}] https://pkgs.k8s.io/core:/stable:/${minor}/deb/ /" >/etc/apt/sources.list.d/kubernetes.list`;
  const installedVersions = async () =>
    (await succeeds("dpkg-query -W -f '${Package} ${Version} ${db:Status-Abbrev}\\n' 'kube*' cri-tools")).split('\n');

  test('they are installed and held as the documentation does it', async () => {
    expect(await installedVersions()).toEqual([
      `cri-tools ${FROM_MINOR.slice(1)}.0-1.1 ii `,
      `kubeadm ${FROM}-1.1 hi `,
      `kubectl ${FROM}-1.1 hi `,
      `kubelet ${FROM}-1.1 hi `,
      'kubernetes-cni 1.7.1-1.1 ii ',
      '',
    ]);
    expect(await succeeds('apt-mark showhold')).toBe('kubeadm\nkubectl\nkubelet\n');
    expect(await succeeds('dpkg --verify kubeadm kubectl cri-tools kubernetes-cni')).toBe('');
    expect(await succeeds('systemctl is-enabled kubelet')).toBe('enabled\n');
    expect(await succeeds('dpkg -S /usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf')).toMatch(/^kubeadm: /);
  });

  test('apt knows the repository of its minor and nothing else', async () => {
    expect(await succeeds('apt-get update')).not.toMatch(/^(Err|W:|E:)/m);
    const policy = await succeeds('apt-cache policy kubeadm; apt-cache policy');
    expect(policy).toContain(`  Installed: ${FROM}-1.1\n  Candidate: ${FROM}-1.1\n`);
    expect(policy).toContain(
      `release o=obs://build.opensuse.org/isv:kubernetes:core:stable:${FROM_MINOR}/deb,n=deb,l=isv:kubernetes:core:stable:${FROM_MINOR},c=`,
    );
    expect(policy.match(/https?:\S+/g)?.every((address) => address.startsWith('https://pkgs.k8s.io/'))).toBe(true);
  });

  test('a release of the next minor is not to be had before the repository is switched', async () => {
    const outcome = await script(`apt-get update && apt-get install -y --allow-change-held-packages kubeadm='${TO}-*'`);
    expect(outcome.exitCode).toBe(100);
    expect(outcome.stderr).toContain(`E: Version '${TO}-*' for 'kubeadm' was not found`);
  });

  test('a minor that there is not is forbidden, as the public one says it', async () => {
    const key = await script(`set -o pipefail\n${refreshKey('v1.30')}`);
    expect(key.exitCode).not.toBe(0);
    expect(key.stderr).toContain('The requested URL returned error: 403');
    const update = await script(`set -e\n${refreshKey(FROM_MINOR)}\n${switchTo('v1.30')}\napt-get update`);
    expect(update.exitCode).toBe(100);
    expect(update.stderr).toMatch(/core:\/stable:\/v1\.30\/deb\/InRelease +403 +Forbidden/);
  });

  test('with another key apt refuses the repository', async () => {
    await node.writeFile('/run/other-key.asc', OTHER_KEY);
    await succeeds(`gpg --batch --yes --dearmor -o ${KEYRING} /run/other-key.asc`);
    const update = await script(`set -e\n${switchTo(TO_MINOR)}\napt-get update`);
    expect(update.exitCode).toBe(100);
    expect(update.stderr).toMatch(
      /The following signatures couldn't be verified because the public key is not available: NO_PUBKEY [0-9A-F]{16}/,
    );
  });

  test('kubeadm is upgraded as documented: key, repository, unhold, install, hold', async () => {
    expect(await succeeds('kubeadm version -o short')).toBe(`${INSTALLED_FROM}\n`);
    await succeeds(refreshKey(TO_MINOR));
    await succeeds(switchTo(TO_MINOR));
    const said = await succeeds(
      `apt-mark unhold kubeadm && apt-get update && apt-get install -y kubeadm='${TO}-*' && apt-mark hold kubeadm`,
    );
    expect(said).toContain(`Unpacking kubeadm (${TO}-1.1) over (${FROM}-1.1) ...`);
    expect(said).toContain(`Setting up kubeadm (${TO}-1.1) ...`);
    expect(await succeeds('kubeadm version -o short')).toBe(`${INSTALLED_TO}\n`);
    expect(await succeeds('kubelet --version')).toBe(`Kubernetes ${INSTALLED_FROM}\n`);
    expect(await succeeds('apt-mark showhold')).toBe('kubeadm\nkubectl\nkubelet\n');
  });

  test('a held package stays', async () => {
    const outcome = await script(`apt-get install -y kubelet='${TO}-*'`);
    expect(outcome.exitCode).toBe(100);
    expect(outcome.stderr).toContain(
      'E: Held packages were changed and -y was used without --allow-change-held-packages.',
    );
  });

  test('the kubelet runs on over the upgrade of its package, until it is restarted', async () => {
    // Without a cluster the kubelet itself would not stay up.
    await node.writeFile(
      '/etc/systemd/system/kubelet.service.d/20-test.conf',
      '[Service]\nExecStart=\nExecStart=/usr/bin/sleep infinity\n',
    );
    await succeeds('systemctl daemon-reload; systemctl restart kubelet');
    const pid = () => succeeds('systemctl show kubelet -p MainPID --value');
    const before = await pid();
    await succeeds(
      `apt-mark unhold kubelet kubectl && apt-get update && apt-get install -y kubelet='${TO}-*' kubectl='${TO}-*' && apt-mark hold kubelet kubectl`,
    );
    expect(await succeeds('kubelet --version')).toBe(`Kubernetes ${INSTALLED_TO}\n`);
    expect(await pid()).toBe(before);
    await succeeds('systemctl daemon-reload && systemctl restart kubelet');
    expect(await pid()).not.toBe(before);
  });

  test('a removed kubelet is stopped and disabled', async () => {
    await succeeds('apt-get remove -y --allow-change-held-packages kubelet');
    const left = await script('systemctl is-active kubelet; systemctl is-enabled kubelet; type -P kubelet');
    expect(left.stdout).toBe('inactive\nnot-found\n');
  });

  test('nodes reach the packages there and nothing else', async () => {
    const status = (url: string) => succeeds(`curl -s -o /dev/null -w '%{http_code}' ${url}`);
    expect(await status(`https://pkgs.k8s.io/core:/stable:/${TO_MINOR}/deb/Release`)).toBe('302');
    expect(await status(`-L https://pkgs.k8s.io/core:/stable:/${TO_MINOR}/deb/Release`)).toBe('200');
    const storage = 'https://prod-cdn.packages.k8s.io/repositories/isv:/kubernetes:/core:/stable:';
    expect(await status(`${storage}/${TO_MINOR}/deb/Release`)).toBe('200');
    for (const path of [
      `/${TO_MINOR}/deb/`,
      '/../../../../../../etc/passwd',
      `/${TO_MINOR}/../../published/${INSTALLED_TO}`,
      '/%2e%2e/lock',
    ]) {
      expect(await status(`--path-as-is ${storage}${path}`)).toBe('403');
    }
    expect(await status(`-X PUT https://pkgs.k8s.io/core:/stable:/${TO_MINOR}/deb/Release`)).toBe('405');
    const way = await script('curl -s --max-time 3 https://1.1.1.1/');
    expect(way.exitCode).not.toBe(0);
  });
});

function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
