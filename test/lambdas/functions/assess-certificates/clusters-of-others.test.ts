import { assessCertificates } from '../../../../lambdas/functions/assess-certificates/assess-certificates';
import { assessCertificatesInput } from '../../../../lambdas/contracts/certificate-check';
import type { CertificateInventory, CertificateOnDisk } from '../../../../lambdas/contracts/node-steps';
import { predictGains } from '../../../../lambdas/domain/certificates/predict-gains';
import { config, inDays, inventory, NOW, options, result, type InventoryOptions } from '../../helpers/samples';

const assess = (...inventories: CertificateInventory[]) =>
  assessCertificates(
    assessCertificatesInput.parse({
      cluster: 'demo',
      config: config(),
      options: options('check-certificates'),
      nodes: inventories.map((value, index) => result(index + 1, value)),
      unreachable: [],
    }),
    NOW,
  );
const withRows = (node: string, ...rows: CertificateOnDisk[]): CertificateInventory => {
  const of = inventory(node);
  return { ...of, certificates: [...of.certificates, ...rows] };
};
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000).toISOString();

describe('a certificate that begins later than it is', () => {
  const at = (notBefore: string, checkedAt = NOW.toISOString()) =>
    assess(inventory('cp-1', { checkedAt, certificates: { apiserver: { notBefore } } })).report.findings;

  test('the clock of the machine that made it was ahead: no renewal, which would be of the same clock', () => {
    expect(at(later(86_400))).toEqual([
      {
        ...{ kind: 'not-yet-valid', node: 'cp-1', certificate: 'apiserver', renewable: false },
        path: '/etc/kubernetes/pki/apiserver.crt',
        message: expect.stringMatching(
          /^apiserver on cp-1 \(.*\) is not valid before .* UTC, and by the clock there it is .* UTC; the clock of the machine that made it was ahead: /,
        ),
      },
    ]);
  });

  test('the clock of its node is behind', () => {
    expect(at(later(-600), later(-86_400)).map(({ message }) => message)).toEqual([
      expect.stringContaining('the clock of cp-1 is behind: correct it'),
    ]);
  });

  test('the clock of its node is ahead, so that it seems valid there alone', () => {
    expect(at(later(3600), later(7200)).map(({ message }) => message)).toEqual([
      expect.stringContaining('the clock of cp-1 is ahead: see that all clocks are right'),
    ]);
  });

  test.each([
    ['has begun', later(-600), later(0)],
    ['was made a moment ago by a clock that is a little ahead', later(200), later(220)],
    ['is no date', 'soon', NOW.toISOString()],
  ])('it %s: nothing', (_case, notBefore, checkedAt) => {
    expect(at(notBefore, checkedAt)).toEqual([]);
  });
});

describe('CAs in a bundle', () => {
  const ca = (name: string, days: number, more: Partial<CertificateOnDisk> = {}): CertificateOnDisk => ({
    ...{ name, path: '/etc/kubernetes/pki/ca.crt', isCa: true, notAfter: inDays(days), serial: `C${days}` },
    ...more,
  });

  test('what nothing needs is a note for all its nodes, whether expired or soon; it makes neither a finding nor a metric', () => {
    const rows = [ca('ca 2', -3, { unused: true }), ca('ca 3', 5, { unused: true }), ca('ca 4', 900, { unused: true })];
    const { report, metrics } = assess(withRows('cp-1', ...rows), withRows('cp-2', ...rows));
    expect(report).toMatchObject({ findings: [], next: 'none', notify: false });
    expect(report.notes).toEqual([
      expect.stringMatching(
        /^ca 2 in \/etc\/kubernetes\/pki\/ca\.crt on cp-1 and cp-2 expired 3 days ago .*: remove it from the file/,
      ),
      expect.stringMatching(/^ca 3 in .* on cp-1 and cp-2 runs out in 5 days/),
    ]);
    expect(metrics).toContainEqual(expect.objectContaining({ name: 'SmallestCaDaysToExpiry', value: 3000 }));
  });

  test('one that is in use is a finding, with the advice for the CA of a cluster', () => {
    expect(assess(withRows('cp-1', ca('ca 2', 5))).report.findings).toEqual([
      expect.objectContaining({
        kind: 'ca-expiring',
        certificate: 'ca 2',
        message: expect.stringContaining('plan its rotation'),
      }),
    ]);
  });

  test('so is one that a flag leads to, which is in no relation to the cluster', () => {
    expect(assess(withRows('cp-1', ca('kube-apiserver --oidc-ca-file', 5))).report.findings).toEqual([
      expect.objectContaining({ kind: 'ca-expiring', message: expect.stringContaining('restart what reads it') }),
    ]);
  });
});

describe('what has the name of one of kubeadm’s and is not renewed by it', () => {
  const unmanaged = { unmanaged: true, path: '/etc/company/manager.crt' };

  test('its end is a finding for a person, who is told that kubeadm does not renew it', () => {
    const { report } = assess(
      inventory('cp-1', { certificates: { 'controller-manager.conf': { ...unmanaged, notAfter: inDays(-1) } } }),
    );
    expect(report.findings).toEqual([
      expect.objectContaining({
        ...{ kind: 'expired', certificate: 'controller-manager.conf', renewable: false },
        message: expect.stringContaining('kubeadm does not renew it: renew it with the tool that made it'),
      }),
    ]);
    expect(report.next).toBe('notify');
  });

  test('a plan leaves it alone, also when it is forced', () => {
    const answer = inventory('cp-1', { days: 5, certificates: { apiserver: unmanaged } });
    for (const force of [true, false]) {
      const { renewed, leftAlone } = predictGains(answer, force, NOW);
      expect(renewed).not.toContain('apiserver');
      expect(leftAlone).toContainEqual({ name: 'apiserver', reason: 'kubeadm does not renew it' });
    }
  });
});

describe('what would have a renewal refused', () => {
  const READ_ONLY = {
    precondition: 'files can be written',
    reason: '/etc/kubernetes/pki/apiserver.crt cannot be written (Read-only file system)',
    whatToDo: 'make the file system writable',
  };
  const OLD = {
    precondition: 'kubeadm renews certificates',
    reason: 'kubeadm v1.19.16 cannot',
    whatToDo: 'install a newer one',
  };
  const DUE = { apiserver: { notAfter: inDays(12) } };
  const node = (name: string, certificates: InventoryOptions['certificates'], ...obstacles: object[]) =>
    ({ ...inventory(name, { certificates }), ...(obstacles.length > 0 && { obstacles }) }) as CertificateInventory;
  const refused = (...nodes: CertificateInventory[]) => {
    const { report } = assess(...nodes);
    const messages = report.findings.filter(({ kind }) => kind === 'renewal-refused').map(({ message }) => message);
    return { next: report.next, because: report.because, messages };
  };

  test.each<[string, CertificateInventory[], string, string[]]>([
    ['nothing: the renewal starts', [node('cp-1', DUE)], 'renew', []],
    ['nothing is due: nobody is bothered', [node('cp-1', {}, READ_ONLY)], 'none', []],
    [
      'of a node that is due: told there, and nothing starts',
      [node('cp-1', DUE, READ_ONLY, OLD), node('cp-2', DUE)],
      'notify',
      [
        `renew-certificates would be refused on cp-1: ${READ_ONLY.reason}; ${READ_ONLY.whatToDo}.`,
        'renew-certificates would be refused on cp-1: kubeadm v1.19.16 cannot; install a newer one.',
      ],
    ],
    [
      'of a node of which nothing is due: no hindrance to the others',
      [node('cp-1', DUE), node('cp-2', {}, OLD)],
      'renew',
      [],
    ],
    [
      'a kubelet alone has to get a new one: that needs none of this',
      [node('cp-1', { 'kubelet-client': { notAfter: inDays(-1) } }, READ_ONLY)],
      'renew',
      [],
    ],
    [
      'what a renewal leaves alone',
      [node('cp-1', { apiserver: { ...DUE.apiserver, unmanaged: true } }, READ_ONLY)],
      'notify',
      [],
    ],
  ])('%s', (_case, nodes, next, messages) => {
    const { because, ...told } = refused(...nodes);
    expect({ ...told, messages: told.messages.sort() }).toEqual({ next, messages: [...messages].sort() });
    if (messages.length > 0) expect(because).toContain('it would be refused: on cp-1 something stands in its way');
  });

  test('a reason of any length stays a sentence', () => {
    const [message] = refused(node('cp-1', DUE, { ...OLD, reason: 'x'.repeat(4000) })).messages;
    expect(message!.length).toBeLessThan(700);
  });
});
