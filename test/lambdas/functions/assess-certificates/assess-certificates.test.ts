import fc from '../../../helpers/property';
import { assessCertificates } from '../../../../lambdas/functions/assess-certificates/assess-certificates';
import { assessCertificatesInput } from '../../../../lambdas/contracts/certificate-check';
import type { ClusterConfig } from '../../../../lambdas/contracts/cluster-config';
import type { CertificateOnDisk } from '../../../../lambdas/contracts/node-steps';
import type { NodeResult } from '../../../../lambdas/contracts/run-on-nodes';
import {
  config,
  controlPlane,
  failed,
  inDays,
  inventory,
  NOW,
  options,
  result,
  type InventoryOptions,
} from '../../helpers/samples';

interface Change {
  config?: ClusterConfig;
  options?: object;
  unreachable?: object[];
  mistagged?: object[];
  etcdNodes?: object[];
}
function assess(nodes: NodeResult[], { options: asked, ...change }: Change = {}) {
  const input = assessCertificatesInput.parse({
    cluster: 'demo',
    config: config(),
    options: options('check-certificates', asked, change.config),
    nodes,
    unreachable: [],
    etcdNodes: [],
    ...change,
  });
  return assessCertificates(input, NOW);
}
const one = (certificates: InventoryOptions, change: Change = {}) =>
  assess([result(1, inventory('cp-1', certificates))], change);

describe('findings of one control plane', () => {
  const found = (options: InventoryOptions) =>
    one(options).report.findings.map(
      ({ kind, certificate, renewable }) => `${kind} ${certificate} ${renewable ? 'renewable' : 'by hand'}`,
    );

  test.each<[string, InventoryOptions, string[]]>([
    ['nothing is near its end', {}, []],
    ['a leaf at its threshold is no finding', { certificates: { apiserver: { notAfter: inDays(30) } } }, []],
    [
      'a leaf under its threshold',
      { certificates: { 'front-proxy-client': { notAfter: inDays(29.9) } } },
      ['expiring front-proxy-client renewable'],
    ],
    ['an expired leaf', { certificates: { 'admin.conf': { notAfter: inDays(-1) } } }, ['expired admin.conf renewable']],
    ['a CA under its own threshold', { certificates: { ca: { notAfter: inDays(364) } } }, ['ca-expiring ca by hand']],
    ['an expired CA', { certificates: { 'etcd-ca': { notAfter: inDays(-2) } } }, ['ca-expired etcd-ca by hand']],
    [
      'super-admin.conf may be missing',
      { certificates: { 'super-admin.conf': { missing: true, notAfter: undefined } } },
      [],
    ],
    [
      'what an external CA keeps may be missing',
      { certificates: { ca: { missing: true, external: true, notAfter: undefined } } },
      [],
    ],
    [
      'others may not',
      { certificates: { 'scheduler.conf': { missing: true, notAfter: undefined } } },
      ['missing scheduler.conf by hand'],
    ],
    [
      'not PEM',
      { certificates: { 'front-proxy-client': { unreadable: 'not PEM', serial: undefined } } },
      ['unreadable front-proxy-client by hand'],
    ],
    [
      'an end that is no date',
      { certificates: { 'admin.conf': { notAfter: 'soon' } } },
      ['unreadable admin.conf by hand'],
    ],
    [
      'the kubelet rotates its own',
      { certificates: { 'kubelet-client': { notAfter: inDays(3) } } },
      ['expiring kubelet-client by hand'],
    ],
    [
      'and cannot once it has expired: the repair lets it rejoin',
      { certificates: { 'kubelet-client': { notAfter: inDays(-3) } } },
      ['expired kubelet-client renewable'],
    ],
    [
      'kubelet serving, self-signed',
      { certificates: { 'kubelet-serving': { notAfter: inDays(3) } } },
      ['expiring kubelet-serving by hand'],
    ],
    [
      'an external CA signs it',
      { certificates: { apiserver: { notAfter: inDays(3), external: true } } },
      ['expiring apiserver by hand'],
    ],
    [
      'a company CA signs what is at the path of one of kubeadm: no finding before its end',
      { certificates: { apiserver: { ca: undefined, external: true, issuer: 'CN=Company CA' } } },
      [],
    ],
    [
      'a CA was replaced under the same name: no reason to renew',
      { certificates: { apiserver: { ca: undefined, anotherCa: true, issuer: 'CN=kubernetes' } } },
      ['signed-by-another-ca apiserver by hand'],
    ],
    [
      'another CA of the node signed it: a finding before its end, and no reason to renew',
      { certificates: { apiserver: { ca: 'etcd-ca', external: true, issuer: 'CN=etcd-ca', notAfter: inDays(3) } } },
      ['signed-by-another-ca apiserver by hand', 'expiring apiserver by hand'],
    ],
    [
      'a new one would end with its CA, before it does: a renewal leaves it alone',
      { certificates: { 'front-proxy-ca': { notAfter: inDays(10) }, 'front-proxy-client': { notAfter: inDays(12) } } },
      ['expiring front-proxy-client by hand', 'ca-expiring front-proxy-ca by hand'],
    ],
    [
      'neither is that such a certificate ends',
      {
        certificates: {
          apiserver: { ca: undefined, anotherCa: true, issuer: 'CN=kubernetes', notAfter: inDays(3) },
          'kubelet-client': { ca: undefined, anotherCa: true, issuer: 'CN=kubernetes', notAfter: inDays(-3) },
        },
      },
      [
        'expired kubelet-client by hand',
        'signed-by-another-ca apiserver by hand',
        'signed-by-another-ca kubelet-client by hand',
        'expiring apiserver by hand',
      ],
    ],
    [
      "serving certificates of somebody's own",
      { own: { 'apiserver-serving': 3, 'controller-manager-serving': -1, 'scheduler-serving': 3 } },
      [
        'expired controller-manager-serving by hand',
        'expiring apiserver-serving by hand',
        'expiring scheduler-serving by hand',
      ],
    ],
    [
      'one of these that was replaced: a restart is all it takes',
      { own: { 'scheduler-serving': 300 }, served: { 'scheduler-serving': { serial: 'FF', notAfter: inDays(3) } } },
      ['not-served scheduler-serving renewable'],
    ],
    [
      'the client of an external etcd',
      { own: { 'external-etcd-client': 3 } },
      ['expiring external-etcd-client by hand'],
    ],
    [
      'renewed, not restarted',
      { served: { apiserver: { serial: 'FF', notAfter: inDays(12) } } },
      ['not-served apiserver renewable'],
    ],
    [
      'the kubelet was not restarted',
      { served: { 'kubelet-serving': { serial: 'FF' } } },
      ['not-served kubelet-serving by hand'],
    ],
    [
      'a port is silent',
      { served: { 'etcd-server': { error: 'connection refused' } } },
      ['not-listening etcd-server by hand'],
    ],
    [
      'a port is silent and expired certificates explain it',
      {
        certificates: { 'apiserver-etcd-client': { notAfter: inDays(-1) } },
        served: { apiserver: { error: 'connection refused' } },
      },
      ['expired apiserver-etcd-client renewable', 'not-listening apiserver renewable'],
    ],
    [
      'a serial in another spelling is the same',
      { certificates: { apiserver: { serial: '0a:bc' } }, served: { apiserver: { serial: 'ABC' } } },
      [],
    ],
  ])('%s', (_name, options, expected) => expect(found(options)).toEqual(expected));

  test('no renewal starts by itself that would sign with another CA; a kubelet is no hindrance', () => {
    const anotherCa = { ca: undefined, anotherCa: true, issuer: 'CN=kubernetes' };
    const next = (name: string) =>
      one({ certificates: { 'etcd-peer': { notAfter: inDays(3) }, [name]: anotherCa } }).report;
    expect(next('apiserver')).toMatchObject({ next: 'notify', notify: true });
    expect(next('apiserver').because).toContain(
      'another CA than the one on the node signed some of the certificates of cp-1',
    );
    expect(next('kubelet-client')).toMatchObject({ next: 'renew', notify: true });
  });

  test('what a renewal leaves alone starts none; beside it others are renewed', () => {
    const company = { ca: undefined, external: true, issuer: 'CN=Company CA', notAfter: inDays(3) };
    const etcds = { ...company, ca: 'etcd-ca', issuer: 'CN=etcd-ca' };
    for (const apiserver of [company, etcds]) {
      expect(one({ certificates: { apiserver } }).report).toMatchObject({ next: 'notify', notify: true });
      const both = { apiserver, 'etcd-peer': { notAfter: inDays(3) } };
      expect(one({ certificates: both }).report).toMatchObject({ next: 'renew', notify: true });
    }
    const short = { ...inventory('cp-1', { days: 20 }), certificateValidity: '360h0m0s' };
    expect(assess([result(1, short)]).report).toMatchObject({ next: 'notify', notify: true });
  });

  test('a cluster that a foreign certificate has stopped is not repaired by a renewal', () => {
    const apiserver = { ca: undefined, external: true, issuer: 'CN=Company CA', notAfter: inDays(-3) };
    const { next, dead, because } = one({ certificates: { apiserver } }).report;
    expect({ next, dead }).toEqual({ next: 'notify', dead: true });
    expect(because).toContain('a person has to repair it.');
  });

  test('who signed it, and what to do', () => {
    const said = (apiserver: object) =>
      one({ certificates: { apiserver: { ca: undefined, ...apiserver } } }).report.findings[0]?.message;
    expect(said({ anotherCa: true, issuer: 'CN=kubernetes' })).toBe(
      'apiserver on cp-1 (/etc/kubernetes/pki/apiserver.crt) was signed by another CA than the one on this node, although both are called CN=kubernetes: restore the CA that signed it, or make a new certificate where the new CA is meant; a renewal would sign with a CA that others do not trust.',
    );
    expect(said({ ca: 'etcd-ca', external: true, issuer: 'CN=etcd-ca' })).toBe(
      'apiserver on cp-1 (/etc/kubernetes/pki/apiserver.crt) was signed by etcd-ca (CN=etcd-ca), another CA of this node than the one for it: who checks it refuses it, and a renewal leaves it alone; make a new one there with kubeadm certs renew apiserver, and restart what uses it.',
    );
    expect(said({ external: true, issuer: 'CN=Company CA,O=Example', notAfter: inDays(3) })).toContain(
      'an external CA (CN=Company CA,O=Example) signs it: have its owner sign a new one',
    );
  });

  test('made for another node: the node with the same serial is named, but no copy whose names fit', () => {
    const copied = { serial: '0A77', wrongNames: 'cp-1, localhost, 10.0.1.11, 127.0.0.1' };
    const { findings, next } = assess([
      result(1, inventory('cp-1', { certificates: { 'etcd-peer': { serial: 'A77' } } })),
      result(2, inventory('cp-2', { certificates: { 'etcd-peer': copied } })),
      result(3, inventory('cp-3', { certificates: { apiserver: { wrongNames: 'cp-9, 10.0.1.19' } } })),
    ]).report;
    expect(next).toBe('notify');
    // Every node has the same admin.conf, and the same of all else but kubelets': a serial alone is no fault.
    expect(findings.map(({ kind, node, renewable }) => [kind, node, renewable])).toEqual([
      ['made-for-another-node', 'cp-2', false],
      ['made-for-another-node', 'cp-3', false],
    ]);
    expect(findings[0]?.message).toBe(
      'etcd-peer on cp-2 (/etc/kubernetes/pki/etcd/peer.crt) was made for another node (its names are cp-1, localhost, 10.0.1.11, 127.0.0.1), and cp-1 has the same: clients refuse it, and a renewal keeps the names; move it and its key away, make a new one there with kubeadm init phase certs etcd-peer, and restart what serves it.',
    );
  });

  test('names that clients use are missing: which, and what to do', () => {
    const lacksNames = 'api.example.com, kubernetes.default.svc';
    const { findings, next } = one({ certificates: { apiserver: { lacksNames } } }).report;
    expect(next).toBe('notify');
    expect(findings).toMatchObject([{ kind: 'names-missing', certificate: 'apiserver', renewable: false }]);
    expect(findings[0]?.message).toBe(
      'apiserver on cp-1 (/etc/kubernetes/pki/apiserver.crt) lacks api.example.com, kubernetes.default.svc: clients that ask for it by that name refuse it, and a renewal keeps the names; move it and its key away, make a new one there with kubeadm init phase certs apiserver, and restart what serves it.',
    );
  });

  describe("a kubelet's certificate", () => {
    const told = (name: string, ...rows: Partial<CertificateOnDisk>[]) =>
      assess(
        rows.map((row, index) => result(index + 1, inventory(`cp-${index + 1}`, { certificates: { [name]: row } }))),
      ).report.findings.map(({ kind, message }) => `${kind} ${message}`);
    const PATH = '/var/lib/kubelet/pki';

    test('of another node is told there, with who has the same, and not at its own node', () => {
      const serial = '0A77';
      expect(told('kubelet-client', { serial }, { serial, wrongNames: 'cp-1' })).toEqual([
        `made-for-another-node kubelet-client on cp-2 (${PATH}/kubelet-client-current.pem) was made for another node (its names are cp-1), and cp-1 has the same: the API server takes the kubelet of cp-2 for that node; give it a certificate of its own.`,
      ]);
    });

    test('on two nodes that are called alike is told at both', () => {
      const cloned = { serial: '0A77' };
      expect(told('kubelet-client', cloned, cloned, {})).toEqual(
        [
          ['cp-1', 'cp-2'],
          ['cp-2', 'cp-1'],
        ].map(
          ([node, other]) =>
            `made-for-another-node kubelet-client on ${node} (${PATH}/kubelet-client-current.pem) is on ${other} as well, and a kubelet's certificate is for one node alone: give each of them a certificate of its own.`,
        ),
      );
    });

    test('that serves: told of where the CA signed it; what kubelets signed themselves may share a serial', () => {
      const serial = '02';
      expect(told('kubelet-serving', { serial }, { serial })).toEqual([]);
      expect(told('kubelet-serving', { serial, ca: 'ca' }, { serial, ca: 'ca' })).toHaveLength(2);
    });
  });

  test('a certificate that only lives in memory is judged by what is served', () => {
    const answer = inventory('cp-1');
    answer.served.push({ port: 10257, certificate: 'controller-manager-serving', serial: '01', notAfter: inDays(2) });
    expect(assess([result(1, answer)]).report.findings).toMatchObject([
      { kind: 'expiring', certificate: 'controller-manager-serving', renewable: true },
    ]);
  });

  test.each([
    ['the key of its CA is there', {}, true, 'renew-certificates fixes it'],
    ['it is not', { external: true }, false, "the key of etcd's CA is not on cp-1: sign a new one where it is"],
    ['kubeadm has it not in its folder', { unmanaged: true }, false, 'kubeadm does not renew it'],
  ])(
    'on an etcd node kubeadm certificates may be missing, and what is renewed: %s',
    (_case, own, renewable, advice) => {
      const etcdNodes = [{ ...controlPlane(1), role: 'etcd' }];
      const options = {
        certificates: {
          apiserver: { missing: true, notAfter: undefined },
          'etcd-server': { notAfter: inDays(2), ...own },
        },
        served: {},
      };
      const answer = inventory('cp-1', options);
      answer.served = [];
      const { findings } = assess([result(1, answer)], { etcdNodes }).report;
      expect(findings).toMatchObject([{ kind: 'expiring', certificate: 'etcd-server', renewable }]);
      expect(findings[0]?.message).toContain(advice);
    },
  );

  test.each([
    ['where the app renews that etcd', {}, true],
    ['not where another runs it', { external: true }, false],
  ])('the client certificate of an external etcd is renewed %s', (_case, ofServer, renewable) => {
    const etcdNodes = [{ ...controlPlane(2), role: 'etcd' as const }];
    const client = inventory('cp-1', { own: { 'external-etcd-client': 2 } });
    const server = inventory('cp-2', { certificates: { 'etcd-server': ofServer } });
    const { findings } = assess([result(1, client), result(2, server)], { etcdNodes }).report;
    expect(findings.filter(({ certificate }) => certificate === 'external-etcd-client')).toMatchObject([{ renewable }]);
  });

  test.each<[string, InventoryOptions, string]>([
    [
      'expiring',
      { certificates: { apiserver: { notAfter: inDays(12) } } },
      'apiserver on cp-1 (/etc/kubernetes/pki/apiserver.crt) runs out in 12 days (2026-12-05 03:00 UTC), under its threshold of 30 days; renew-certificates fixes it.',
    ],
    [
      'expired',
      { certificates: { 'etcd-peer': { notAfter: inDays(-0.125) } } },
      'etcd-peer on cp-1 (/etc/kubernetes/pki/etcd/peer.crt) expired 3 hours ago (2026-11-23 00:00 UTC); renew-certificates fixes it.',
    ],
    [
      'ca',
      { certificates: { ca: { notAfter: inDays(100) } } },
      'ca on cp-1 (/etc/kubernetes/pki/ca.crt) runs out in 100 days (2027-03-03 03:00 UTC), under its threshold of 365 days; no tool renews a CA by itself: plan its rotation, it changes every node and client.',
    ],
    [
      'kubelet',
      { certificates: { 'kubelet-client': { notAfter: inDays(9) } } },
      'kubelet-client on cp-1 (/var/lib/kubelet/pki/kubelet-client-current.pem) runs out in 9 days (2026-12-02 03:00 UTC), under its threshold of 30 days; the kubelet should have renewed it long ago: look at journalctl -u kubelet on cp-1 and at kubectl get csr.',
    ],
    [
      'not served',
      { served: { apiserver: { serial: 'FF', notAfter: inDays(12) } } },
      'port 6443 of cp-1 does not serve the apiserver certificate on disk but one that runs out in 12 days (2026-12-05 03:00 UTC): it was not restarted after the renewal; renew-certificates restarts it.',
    ],
    [
      'silent',
      { served: { apiserver: { error: 'connection refused' } } },
      'port 6443 of cp-1 shows no certificate (connection refused); look at crictl ps -a and crictl logs on cp-1.',
    ],
  ])('the sentence: %s', (_name, options, sentence) => expect(one(options).report.findings[0]?.message).toBe(sentence));
});

describe('nodes without an answer', () => {
  test('are findings, and do not hide what the others say', () => {
    const { report, metrics } = assess(
      [
        result(1, inventory('cp-1', { days: 12 })),
        failed(2, 'NodeStepFailed', 'check-certificates failed on cp-2 in "openssl": not found.'),
        result(3, { node: 'cp-3' }),
      ],
      { unreachable: [controlPlane(4, 'the instance is stopped, expected running: start it')] },
    );
    expect(report.findings.slice(0, 3)).toMatchObject([
      {
        kind: 'node-unreachable',
        node: 'cp-4',
        message: 'cp-4 could not be asked: the instance is stopped, expected running: start it.',
      },
      { kind: 'node-failed', node: 'cp-2' },
      {
        kind: 'node-failed',
        node: 'cp-3',
        message: expect.stringContaining('in a form that this version does not know'),
      },
    ]);
    expect(report).toMatchObject({
      nodesChecked: 1,
      next: 'renew',
      notify: true,
      smallest: { node: 'cp-1', secondsLeft: 12 * 86_400 },
    });
    expect(metrics).toContainEqual({ name: 'NodesNotChecked', dimensions: { Cluster: 'demo' }, value: 3 });
  });

  test('when nobody answered, that is told', () => {
    const { report } = assess([failed(1, 'NodeUnreachable', 'cp-1 was lost.')]);
    expect(report).toMatchObject({
      next: 'notify',
      notify: true,
      nodesChecked: 0,
      findings: [{ kind: 'node-unreachable' }],
    });
    expect(report.smallest).toBeUndefined();
  });
});

describe('what follows', () => {
  const soon = {
    days: 12,
    certificates: { 'kubelet-client': { notAfter: inDays(300) }, 'kubelet-serving': { notAfter: inDays(300) } },
  };
  const kubelet = { certificates: { 'kubelet-client': { notAfter: inDays(1) } } };

  test.each<[string, InventoryOptions, object, string, boolean, string]>([
    [
      'all is well',
      {},
      {},
      'none',
      false,
      'Every certificate has more time left than its threshold and is served as it is on disk.',
    ],
    ['renewable, allowed', soon, {}, 'renew', false, 'renew-certificates fixes 11 findings and is started now.'],
    [
      'more than the renewal fixes',
      { ...soon, certificates: { ...soon.certificates, ca: { notAfter: inDays(9) } } },
      {},
      'renew',
      true,
      'renew-certificates fixes 5 findings and is started now; 7 others need a person.',
    ],
    [
      'only a person can',
      kubelet,
      {},
      'notify',
      true,
      '1 finding of this check cannot be fixed by renew-certificates.',
    ],
    [
      'settings forbid it',
      soon,
      { config: config({ renew: false }) },
      'notify',
      true,
      'renew-certificates would fix 11 findings and is not started, because its settings say certificates.renew: false (start it with {"cluster":"demo"}).',
    ],
    [
      'the caller forbids it',
      soon,
      { options: { renew: false } },
      'notify',
      true,
      'renew-certificates would fix 11 findings and is not started, because this check was started with "renew": false.',
    ],
    [
      'frozen',
      soon,
      { config: config({}, { frozen: 'release week' }) },
      'notify',
      true,
      'renew-certificates would fix 11 findings and is not started, because the cluster is frozen (release week).',
    ],
    [
      'a threshold for this check alone',
      soon,
      { options: { thresholdDays: 10 } },
      'none',
      false,
      'Every certificate has more time left than its threshold and is served as it is on disk.',
    ],
    [
      'a higher one',
      { days: 80, certificates: soon.certificates },
      { options: { thresholdDays: 90 } },
      'notify',
      true,
      "renew-certificates would fix 11 findings and is not started, because none of it is due: the cluster's settings renew what runs out in less than 30 days, and this check was started with thresholdDays 90.",
    ],
    [
      'a higher one, and one certificate is due by the settings',
      { days: 80, certificates: { ...soon.certificates, apiserver: { notAfter: inDays(29) } } },
      { options: { thresholdDays: 3650 } },
      'renew',
      true,
      'renew-certificates fixes 11 findings and is started now; 2 others need a person.',
    ],
  ])('%s', (_name, options, change, next, notify, because) =>
    expect(one(options, change).report).toMatchObject({ next, notify, because }),
  );
});

describe('certificates of 30 days (certificateValidityPeriod 720h) under a threshold of 30 days', () => {
  const leaves = (left: number) =>
    Object.fromEntries(
      inventory('cp-1')
        .certificates.filter(({ isCa }) => !isCa)
        .map(({ name }) => [name, { notBefore: inDays(left - 30), notAfter: inDays(left) }]),
    );
  const KUBELETS = { 'kubelet-client': {}, 'kubelet-serving': {} };

  test.each([
    [30, 'none', []],
    [29, 'none', []],
    [9, 'none', []],
    [8.99, 'renew', ['expiring']],
    [-1, 'renew', ['expired']],
  ])('%d days left: %s', (left, next, kinds) => {
    const { report, metrics } = one({ certificates: { ...leaves(left), ...KUBELETS } });
    expect(report.next).toBe(next);
    expect([...new Set(report.findings.map(({ kind }) => kind))]).toEqual(kinds);
    // What the alarm watches.
    expect(metrics).toContainEqual({
      name: 'CertificatesDue',
      dimensions: { Cluster: 'demo' },
      value: kinds.length * 11,
    });
  });

  test('the finding says which threshold is in force', () => {
    expect(one({ certificates: { apiserver: leaves(8)['apiserver']! } }).report.findings[0]?.message).toBe(
      'apiserver on cp-1 (/etc/kubernetes/pki/apiserver.crt) runs out in 8 days (2026-12-01 03:00 UTC), under its threshold of 9 days (30 % of its lifetime); renew-certificates fixes it.',
    );
  });

  test("a kubelet renews its own later: it is a finding when less than a tenth is left, which is the kubelet's last moment", () => {
    const client = (left: number) => one({ certificates: { 'kubelet-client': leaves(left)['kubelet-client']! } });
    expect(client(3.01).report.findings).toEqual([]);
    expect(client(2.99).report.findings).toMatchObject([{ kind: 'expiring', certificate: 'kubelet-client' }]);
  });

  test('a CA of a year is no finding from its first day on', () => {
    const ca = (left: number) =>
      one({ certificates: { ca: { notBefore: inDays(left - 365), notAfter: inDays(left) } } });
    expect(ca(364)).toMatchObject({ report: { findings: [] } });
    expect(ca(364).metrics).toContainEqual({ name: 'CasDue', dimensions: { Cluster: 'demo' }, value: 0 });
    expect(ca(109).report.findings).toMatchObject([{ kind: 'ca-expiring', certificate: 'ca' }]);
    expect(ca(109).metrics).toContainEqual({ name: 'CasDue', dimensions: { Cluster: 'demo' }, value: 1 });
  });
});

test('a validity that cannot be read: no renewal is started, which would refuse, and a person is told', () => {
  const answer = { ...inventory('cp-1', { days: 12 }), certificateValidity: 'soon' };
  const { next, notify, because } = assess([result(1, answer)]).report;
  expect({ next, notify }).toEqual({ next: 'notify', notify: true });
  expect(because).toContain(
    'is not started, because certificateValidityPeriod of the ClusterConfiguration on cp-1 is "soon", which is no duration such as 8760h0m0s.',
  );
});

test('a node with another CA, or a forged fingerprint: a finding about it, and no renewal, which would refuse', () => {
  const nodes = [1, 2, 3].map((number) =>
    result(number, inventory(`cp-${number}`, { days: 12, caPublicKeys: [(number === 3 ? '77' : 'ab').repeat(32)] })),
  );
  const { report } = assess(nodes);
  expect(report.findings.filter(({ kind }) => kind === 'mixed-clusters')).toEqual([
    {
      kind: 'mixed-clusters',
      node: 'cp-3',
      renewable: false,
      message:
        'cp-3 has another CA than cp-1 and cp-2 (CA key abababababab...) of demo, as cp-3 (CA key 777777777777...) say: correct its tag kubeadm-autopilot:cluster if it belongs to another cluster; if it does not, its answer is forged.',
    },
  ]);
  expect(report.findings).toContainEqual(expect.objectContaining({ kind: 'expiring', node: 'cp-1' }));
  expect(report).toMatchObject({
    next: 'notify',
    because: expect.stringContaining('not all of its nodes have the same CA'),
  });
});

test('an instance whose role nobody knows: a finding, and the others are judged', () => {
  const problem = 'Instance i-9 (cp-9) of cluster demo has no tag kubeadm-autopilot:role: correct the tag.';
  const { report, metrics } = assess([result(1, inventory('cp-1', { days: 12 }))], {
    mistagged: [{ instanceId: 'i-9', name: 'cp-9', problem }],
  });
  expect(report.findings).toContainEqual({ kind: 'wrong-role', node: 'cp-9', renewable: false, message: problem });
  expect(report).toMatchObject({ next: 'notify', nodesChecked: 1 });
  expect(metrics).toContainEqual(expect.objectContaining({ name: 'NodesNotChecked', value: 1 }));
});

describe('hostile answers', () => {
  const names = ['', ' ', 'é', '\ud800', 'a\u202eb', 'a\u2028b', ':a', 'x'.repeat(201)];
  test.each(names)('a certificate called %j costs its node alone', (name) => {
    const hostile = inventory('cp-2', { certificates: { apiserver: { name } } });
    const { report } = assess([result(1, inventory('cp-1', { days: 12 })), result(2, hostile)]);
    expect(report).toMatchObject({ nodesChecked: 1, next: 'renew' });
    expect(report.findings).toContainEqual(expect.objectContaining({ kind: 'node-failed', node: 'cp-2' }));
    expect(report.findings).toContainEqual(expect.objectContaining({ kind: 'expiring', node: 'cp-1' }));
  });

  const many = (number: number, rows: number) => {
    const { certificates, ...rest } = inventory(`cp-${number}`);
    const more = Array.from({ length: rows }, (_, index) => ({
      ...{ name: `own-${index}`, path: `/etc/own/${index}.crt`, unreadable: 'x'.repeat(500) },
    }));
    return result(number, { ...rest, certificates: [...certificates, ...more] });
  };

  test('names that we do not know are no metrics', () => {
    const unknown = inventory('cp-1', { certificates: { apiserver: { name: 'own' } } });
    const certificates = assess([result(1, unknown)]).metrics.flatMap(({ dimensions }) => dimensions.Certificate ?? []);
    expect(certificates).toContain('etcd-server');
    expect(certificates).not.toContain('own');
  });

  test('more rows than a node has: its answer counts as none', () => {
    expect(assess([many(1, 251)]).report.findings).toMatchObject([{ kind: 'node-failed', node: 'cp-1' }]);
  });

  test('as many rows as are taken, from many nodes: report and mail stay small', () => {
    const nodes = Array.from({ length: 20 }, (_, index) => many(index + 1, 200));
    const { report } = assess(nodes);
    expect(report.findings.length + report.moreFindings).toBe(4000);
    expect(Buffer.byteLength(report.text)).toBeLessThanOrEqual(32_000);
    expect(Buffer.byteLength(JSON.stringify(report))).toBeLessThan(100_000);
    expect(report.text).toMatch(/on the bus\.$/);
  });

  test('findings that could be renewed and have no date are not one endless line', () => {
    const { served, ...rest } = inventory('cp-1');
    const forged = Array.from({ length: 240 }, () => ({ ...served[0]!, serial: 'FF', notAfter: undefined }));
    const { report } = assess([result(1, { ...rest, served: forged })]);
    expect(Math.max(...report.text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(1_002);
    expect(report.text).toContain('And 236 more on cp-1.');
  });

  test('what steers a terminal or hides in a mail reaches neither', () => {
    const hostile = inventory('cp-1', {
      certificates: { apiserver: { unreadable: 'a\u202eb\u2066c\u2028d\u2029e\u001b[31mf\ud800' } },
    });
    const { report } = assess([result(1, { ...hostile, source: 'openssl', sourceReason: 'g\u202e\u2028h' })]);
    expect(report.text).toContain('abc d e[31mf');
    expect(JSON.stringify(report)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]|\p{Cf}|\p{Cs}/u);
  });
});

test('clocks that differ and kubeadm that did not answer are mentioned', () => {
  const ahead = inventory('cp-1', { checkedAt: new Date(NOW.getTime() + 7 * 60_000).toISOString() });
  const withoutKubeadm = { ...inventory('cp-2'), source: 'openssl', sourceReason: 'kubeadm v1.28 has no JSON' };
  const { report } = assess([result(1, ahead), result(2, withoutKubeadm)]);
  expect(report.notes).toEqual([
    'The clock of cp-1 is 7 minutes ahead: certificates seem valid there at other times than elsewhere; look at its time service.',
    'On cp-2 openssl alone was asked (kubeadm v1.28 has no JSON).',
  ]);
  expect(report.text).toContain('- The clock of cp-1 is 7 minutes ahead');
});

test('the notification names what, where, how long and what was started', () => {
  const nodes = [1, 2, 3].map((number) =>
    result(
      number,
      inventory(`cp-${number}`, {
        days: number === 2 ? -0.125 : 12,
        certificates: { 'kubelet-client': { notAfter: inDays(5) }, 'kubelet-serving': { notAfter: inDays(200) } },
      }),
    ),
  );
  const { report } = assess(nodes);
  expect(report.subject).toBe('demo: 11 certificates expired, 25 run out soon; renewal starts');
  expect(report.text.split('\n').slice(0, 10)).toEqual([
    'Cluster demo, 2026-11-23 03:00 UTC: 3 nodes checked, 48 certificates read.',
    'renew-certificates fixes 33 findings and is started now; 3 others need a person.',
    '',
    'A person has to see to:',
    ...[1, 2, 3].map(
      (number) =>
        `- kubelet-client on cp-${number} (/var/lib/kubelet/pki/kubelet-client-current.pem) runs out in 5 days (2026-11-28 03:00 UTC), under its threshold of 30 days; the kubelet should have renewed it long ago: look at journalctl -u kubelet on cp-${number} and at kubectl get csr. Runbook: "Certificates run out".`,
    ),
    '',
    'The renewal fixes:',
    '- cp-2: admin.conf, apiserver, apiserver-etcd-client, apiserver-kubelet-client, controller-manager.conf, etcd-healthcheck-client, etcd-peer, etcd-server and 3 more; the first expired 3 hours ago (2026-11-23 00:00 UTC).',
  ]);
});

describe('a dead cluster', () => {
  const of = (...days: number[]) =>
    days.map((left, index) => result(index + 1, inventory(`cp-${index + 1}`, { days: left })));
  const because = (rest: string) =>
    `demo is dead: certificates of cp-1 and cp-2 have expired, and without them etcd and the API server do not work; ${rest}`;

  test('is called dead, told to people at once, and repaired', () => {
    const { report } = assess(of(-1, -1, 12));
    expect(report).toMatchObject({ dead: true, next: 'renew', notify: true });
    expect(report.because).toContain(because('renew-certificates repairs it. renew-certificates fixes'));
    expect(report.subject).toBe('demo: DEAD, 26 certificates expired, 13 run out soon; renewal starts');
    expect(report.text).toContain(report.because);
  });

  test('is only told where it may not be renewed', () => {
    const { report } = assess(of(-1, -1, 12), { config: config({ renew: false }) });
    expect(report).toMatchObject({ dead: true, next: 'notify', notify: true });
    expect(report.because).toContain(because('renew-certificates would repair it.'));
  });

  test.each<[string, number[], boolean]>([
    ['one of three', [-1, 12, 12], false],
    ['the only one', [-1], true],
    ['one of two: etcd needs both', [-1, 12], true],
  ])('%s: %j', (_name, days, dead) => expect(assess(of(...days)).report.dead).toBe(dead));

  test("API servers that serve another file do not need kubeadm's", () => {
    const expired = { certificates: { apiserver: { notAfter: inDays(-1) } } };
    const dead = (options: InventoryOptions) => one({ ...expired, ...options }).report.dead;
    expect(dead({})).toBe(true);
    expect(dead({ own: { 'apiserver-serving': 300 } })).toBe(false);
  });

  test('who does not answer counts as alive', () => {
    const nodes = [...of(-1), failed(2, 'NodeUnreachable', 'gone'), failed(3, 'NodeUnreachable', 'gone')];
    expect(assess(nodes).report.dead).toBe(false);
  });
});

test.each([0, 1, 3, 7, 50])('%i control planes with a finding in every certificate stay under 100 KB', (amount) => {
  const nodes = Array.from({ length: amount }, (_, index) =>
    result(index + 1, inventory(`cp-${index + 1}`, { days: 1, certificates: { ca: { notAfter: inDays(1) } } })),
  );
  const { report, findings } = assess(nodes);
  expect(findings).toHaveLength(amount * 14);
  expect(report.findings.length + report.moreFindings).toBe(amount * 14);
  expect(Buffer.byteLength(JSON.stringify(report))).toBeLessThan(100_000);
  expect(report.subject.length).toBeLessThanOrEqual(100);
});

describe('properties', () => {
  const days = fc.double({ min: -400, max: 400, noNaN: true });
  const names = inventory('cp-1').certificates.map(({ name }) => name);

  test('never says none while a leaf, on disk or served, is under the threshold or a CA under its own', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        days,
        fc.boolean(),
        fc.integer({ min: 0, max: 100 }),
        (name, left, asServed, thresholdDays) => {
          const end = inDays(left);
          const answer = inventory('cp-1');
          const target = asServed
            ? answer.served.find(({ certificate }) => certificate === name)
            : answer.certificates.find((certificate) => certificate.name === name);
          fc.pre(target !== undefined);
          target.notAfter = end;
          const isCa = answer.certificates.find((certificate) => certificate.name === name)?.isCa ?? false;
          const secondsLeft = (Date.parse(end) - NOW.getTime()) / 1000;
          const under = secondsLeft < (isCa ? 365 : thresholdDays) * 86_400 || secondsLeft <= 0;
          const { report } = assess([result(1, answer)], { options: { thresholdDays } });
          expect(report.next !== 'none').toBe(under);
        },
      ),
    );
  });

  test('never renews when frozen, told not to, or when nothing is renewable', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.boolean(), days, (frozen, allowed, wanted, left) => {
        const { report } = one(
          { days: left },
          { config: config({ renew: allowed }, frozen ? { frozen: 'x' } : {}), options: { renew: wanted } },
        );
        const mayRenew = !frozen && allowed && wanted && report.findings.some(({ renewable }) => renewable);
        expect(report.next === 'renew').toBe(mayRenew);
        expect(report.notify || report.next === 'renew').toBe(report.findings.length > 0);
      }),
    );
  });

  test('the order of the nodes makes no difference', () => {
    const nodes = [1, 2, 3].map((number) => result(number, inventory(`cp-${number}`, { days: number * 10 })));
    fc.assert(
      fc.property(fc.shuffledSubarray(nodes, { minLength: 3 }), (shuffled) =>
        expect(assess(shuffled).report).toEqual(assess(nodes).report),
      ),
    );
  });
});
