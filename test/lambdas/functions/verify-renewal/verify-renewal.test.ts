import type { CertificateOnDisk } from '../../../../lambdas/contracts/node-steps';
import { type RenewalPlan, verifyRenewalInput } from '../../../../lambdas/contracts/renewal';
import { verifyRenewal } from '../../../../lambdas/functions/verify-renewal/verify-renewal';
import {
  config,
  facts,
  failed,
  instanceId,
  inventory,
  inDays,
  NOW,
  result,
  type FactsOptions,
  type InventoryOptions,
} from '../../helpers/samples';

const kept = {
  'kubelet-client': { notAfter: inDays(90), serial: 'AA' },
  'kubelet-serving': { notAfter: inDays(90), serial: 'BB' },
};
const planFor = (...numbers: number[]): RenewalPlan => ({
  operation: 'renew-certificates',
  cluster: 'demo',
  kind: 'renewal',
  decision: 'act',
  summary: '',
  steps: numbers.map((number) => ({
    ...{ instanceId: instanceId(number), name: `cp-${number}` },
    ...{ action: 'renew certificates', why: '', predictedSeconds: 15 },
  })),
  etcd: [],
  gates: [],
  predictedSeconds: 15,
  digest: '',
});
const old = (number: number, options: FactsOptions = {}) =>
  result(
    number,
    facts(number, [true, true], { inventory: inventory(`cp-${number}`, { days: 12, certificates: kept }), ...options }),
  );
const renewed = (number: number, change: InventoryOptions = {}, options: FactsOptions = {}) =>
  result(
    number,
    facts(number, [true, true], {
      inventory: inventory(`cp-${number}`, {
        days: 365,
        generation: 2,
        ...change,
        certificates: { ...kept, ...change.certificates },
      }),
      ...options,
    }),
  );
const verify = (before: object[], after: object[], plan = planFor(1), answers: object[] = []) =>
  verifyRenewal(verifyRenewalInput.parse({ cluster: 'demo', config: config(), plan, before, after, answers }), NOW);

test('control planes that were not begun are left out of the proof, and named', () => {
  const input = { cluster: 'demo', config: config(), plan: planFor(2, 1), before: [old(1), old(2)] };
  const after = [old(1), renewed(2)];
  expect(() => verifyRenewal(verifyRenewalInput.parse({ ...input, after }), NOW)).toThrow(/still has serial/);
  const { renewal } = verifyRenewal(verifyRenewalInput.parse({ ...input, after, notBegun: ['cp-1'] }), NOW);
  expect(renewal).toMatchObject({
    renewedNodes: ['cp-2'],
    notBegun: ['cp-1'],
    subject: 'demo: certificates renewed on 1 control plane, then stopped',
    summary:
      'Certificates of 1 control plane of demo (cp-2) were renewed and are served. The renewal of demo stopped before cp-1, as somebody asked or its maintenance window wants it: started again, it goes on there.',
  });
  expect(renewal.rows.map(({ node }) => node)).not.toContain('cp-1');
});

test('a proven renewal: report, rows, metrics, notification', () => {
  const { renewal, metrics } = verify([old(1), old(2)], [renewed(1), renewed(2)], planFor(2, 1));
  expect(renewal).toMatchObject({
    renewedNodes: ['cp-2', 'cp-1'],
    summary: 'Certificates of 2 control planes of demo (cp-2 and cp-1) were renewed and are served.',
    subject: 'demo: certificates renewed on 2 control planes',
  });
  expect(renewal.rows).toHaveLength(26);
  expect(renewal.rows.find(({ node, certificate }) => node === 'cp-1' && certificate === 'apiserver')).toEqual({
    node: 'cp-1',
    certificate: 'apiserver',
    before: { serial: '0A140000', notAfter: inDays(12), daysLeft: 12 },
    after: { serial: '0A240000', notAfter: inDays(365), daysLeft: 365 },
    servedSerial: '0A240000',
  });
  expect(renewal.text).toContain('- cp-1: 11 certificates renewed, valid until 2027-11-23 03:00 UTC or longer');
  expect(metrics).toContainEqual({
    name: 'DaysToExpiry',
    dimensions: { Cluster: 'demo', Certificate: 'apiserver' },
    value: 365,
  });
  expect(metrics).toContainEqual({ name: 'SmallestDaysToExpiry', dimensions: { Cluster: 'demo' }, value: 90 });
});

test('the mail tells what was left alone, and why', () => {
  const plan = planFor(1);
  const leftAlone = [
    { name: 'apiserver', reason: 'signed by CN=Company CA, not by its CA on this node' },
    { name: 'kubelet-client', reason: 'kubeadm does not renew it' },
  ];
  plan.steps[0]!.certificates = { renewed: [], leftAlone };
  const company = { certificates: { apiserver: { ca: undefined, external: true, serial: '0A140000' } } };
  const { text } = verify([old(1)], [renewed(1, { ...company, served: {} })], plan).renewal;
  expect(text).toContain(
    'Certificates that were left alone:\n- apiserver on cp-1 (signed by CN=Company CA, not by its CA on this node)\n\n',
  );
  expect(text).not.toContain('kubelet-client');
});

test('what the plan left alone, because its CA ends before it does, may stay as it was', () => {
  const frontProxy = { 'front-proxy-client': { serial: '0A140006', notAfter: inDays(100) } };
  const before = result(
    1,
    facts(1, [true], { inventory: inventory('cp-1', { days: 12, certificates: { ...kept, ...frontProxy } }) }),
  );
  const plan = planFor(1);
  const after = [renewed(1, { certificates: frontProxy })];
  expect(() => verify([before], after, plan)).toThrow('front-proxy-client on cp-1 still has serial');
  plan.steps[0]!.certificates = { renewed: [], leftAlone: [{ name: 'front-proxy-client', reason: '' }] };
  expect(verify([before], after, plan).renewal.renewedNodes).toEqual(['cp-1']);
});

describe('what the nodes said', () => {
  const said = (number: number, answer: unknown) => ({ instanceId: instanceId(number), name: `cp-${number}`, answer });
  const told = (...answers: object[]) => verify([old(1)], [renewed(1)], planFor(1), answers).renewal;
  const link = { path: '/home/ubuntu/.kube/config', refreshed: false, reason: 'left alone: it is a symbolic link' };
  const root = { path: '/root/.kube/config', refreshed: true };

  test('is in the report, and the mail says where the backup is and which kubeconfigs are old', () => {
    const answer = { backup: '/var/lib/b', restarted: ['etcd', 'kube-apiserver'], kubeconfigs: [root, link] };
    const { nodes, text } = told(said(1, answer));
    expect(nodes).toEqual([{ node: 'cp-1', ...answer }]);
    expect(text).toContain(
      '- cp-1: 11 certificates renewed, valid until 2027-11-23 03:00 UTC or longer; what was there before is in /var/lib/b on the node',
    );
    expect(text).toContain(
      'that were not refreshed:\n- /home/ubuntu/.kube/config on cp-1: left alone: it is a symbolic link\n\n',
    );
    expect(text).not.toContain('/root/.kube/config');
  });

  test('the parts of a repair become one', () => {
    const { nodes } = told(
      said(1, { backup: '/var/lib/b', restarted: [], kubeconfigs: [] }),
      said(2, { backup: '/var/lib/c', restarted: [], kubeconfigs: [] }),
      said(1, { backup: '/var/lib/b', restarted: ['etcd'], kubeconfigs: [] }),
      said(1, { restarted: ['etcd', 'kube-apiserver'], kubeconfigs: [root] }),
    );
    expect(nodes).toEqual([
      { node: 'cp-1', backup: '/var/lib/b', restarted: ['etcd', 'kube-apiserver'], kubeconfigs: [root] },
      { node: 'cp-2', backup: '/var/lib/c', restarted: [], kubeconfigs: [] },
    ]);
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['no text for a path', { restarted: [], kubeconfigs: [{ path: 7, refreshed: true }] }],
    ['control characters', { backup: '/var/\u001b[31m', restarted: [], kubeconfigs: [] }],
    ['too many', { restarted: Array.from({ length: 11 }, () => 'etcd'), kubeconfigs: [] }],
  ])('in another form counts as none, and the renewal is proven all the same: %s', (_name, answer) => {
    const { nodes, text } = told(said(1, answer));
    expect(nodes).toEqual([]);
    expect(text).not.toContain('what was there before');
  });

  test('a reason is one line of at most 200 characters', () => {
    const reason = `left\nalone ${'x'.repeat(500)}`;
    const { nodes } = told(said(1, { restarted: [], kubeconfigs: [{ path: '/a', refreshed: false, reason }] }));
    expect(nodes[0]!.kubeconfigs[0]!.reason).toMatch(/^left alone x{188}…$/);
  });
});

const wrap = (what: string) =>
  `The certificates of demo are not proven to be renewed: ${what}. Expected new certificates on disk and the same in every handshake; start renew-certificates again, and see "RenewalNotProven" in the runbook if it says so again.`;

test.each<[string, object, string]>([
  [
    'kubeadm renewed nothing for one and exited 0',
    renewed(1, { certificates: { 'scheduler.conf': { serial: '0A14000A' } } }),
    'scheduler.conf on cp-1 still has serial 0A14000A',
  ],
  [
    'a new certificate that ends earlier',
    renewed(1, { certificates: { 'admin.conf': { notAfter: inDays(11) } } }),
    `admin.conf on cp-1 ends on ${inDays(11)}, before the old one (${inDays(12)})`,
  ],
  [
    'a new certificate that has expired',
    renewed(1, { certificates: { 'admin.conf': { notAfter: inDays(-1) } } }),
    `admin.conf on cp-1 expired on ${inDays(-1)}`,
  ],
  [
    'gone since then',
    renewed(1, { certificates: { 'admin.conf': { missing: true, serial: undefined, notAfter: undefined } } }),
    'admin.conf on cp-1 is gone',
  ],
  [
    'unreadable',
    renewed(1, { certificates: { 'admin.conf': { unreadable: 'empty file' } } }),
    'admin.conf on cp-1 cannot be read',
  ],
  [
    'the old one is still served',
    renewed(1, { served: { apiserver: { serial: '0A140000' } } }),
    'port 6443 of cp-1 still serves another apiserver',
  ],
  [
    'nothing is served',
    renewed(1, { served: { 'etcd-peer': { error: 'connection refused' } } }),
    'port 2380 of cp-1 shows no certificate (connection refused)',
  ],
  ['cut off', renewed(1, {}, { unfinished: true }), 'the renewal of cp-1 did not finish'],
  [
    'not healthy',
    renewed(1, {}, { apiServer: false, etcd: false }),
    'cp-1 is not healthy: apiServer (connection refused), etcd (no reason given)',
  ],
  ['silent', failed(1, 'NodeUnreachable', 'cp-1 was lost.'), 'cp-1 did not answer afterwards (cp-1 was lost.)'],
  ['no inventory', result(1, facts(1, [true])), 'cp-1 did not list its certificates'],
])('not proven: %s', (_name, after, what) => {
  expect(() => verify([old(1)], [after])).toThrow(
    expect.objectContaining({ name: 'RenewalNotProven', message: wrap(what) }),
  );
});

test('who forces it accepts certificates that end earlier, and nothing else', () => {
  const earlier = { 'admin.conf': { notAfter: inDays(11) } };
  const input = (serial?: string) => ({
    ...{ cluster: 'demo', config: config(), force: true, plan: planFor(1), before: [old(1)], answers: [] },
    after: [renewed(1, { certificates: serial ? { 'admin.conf': { serial, notAfter: inDays(11) } } : earlier })],
  });
  expect(verifyRenewal(verifyRenewalInput.parse(input()), NOW).renewal.renewedNodes).toEqual(['cp-1']);
  const same = old(1).result as unknown as ReturnType<typeof facts>;
  const serial = same.inventory!.certificates.find(({ name }) => name === 'admin.conf')!.serial!;
  expect(() => verifyRenewal(verifyRenewalInput.parse(input(serial)), NOW)).toThrow('still has serial');
});

describe('what would have ended earlier was left as it was', () => {
  const node = (days: number, admin: Partial<CertificateOnDisk>) =>
    result(
      1,
      facts(1, [true, true], {
        inventory: inventory('cp-1', { days, certificates: { ...kept, 'admin.conf': admin } }),
      }),
    );
  const before = { serial: 'C1', notAfter: inDays(12) };
  const after = { serial: 'C2', notAfter: inDays(365) };

  test.each<[string, object, object]>([
    ['of 99 years beside one that was renewed', node(36_135, before), node(36_135, after)],
    ['a little longer than the renewed one', node(366, before), node(366, after)],
    [
      'all of them',
      node(36_135, { ...before, notAfter: inDays(400) }),
      node(36_135, { ...before, notAfter: inDays(400) }),
    ],
  ])('proven: %s', (_name, old, now) => {
    expect(verify([old], [now]).renewal.renewedNodes).toEqual(['cp-1']);
  });

  test.each<[string, object, object]>([
    ['shorter than the renewed one', node(364, before), node(364, after)],
    ['none is new, and one could be', node(36_135, before), node(36_135, before)],
    ['none is new, in less than a year', node(364, before), node(364, before)],
  ])('not proven: %s', (_name, old, now) => {
    expect(() => verify([old], [now])).toThrow('still has serial');
  });

  test('who forces it wants all of them renewed', () => {
    const input = { cluster: 'demo', config: config(), force: true, plan: planFor(1), answers: [] };
    const nodes = { before: [node(36_135, before)], after: [node(36_135, after)] };
    expect(() => verifyRenewal(verifyRenewalInput.parse({ ...input, ...nodes }), NOW)).toThrow('still has serial');
  });
});

test('many problems are counted', () => {
  expect(() => verify([old(1)], [old(1)])).toThrow(/; and 8 more\. Expected/);
});

test('a renewal that was cut off before had renewed some files already', () => {
  const halfway = result(
    1,
    facts(1, [true], {
      unfinished: true,
      inventory: inventory('cp-1', { days: 365, generation: 2, certificates: kept }),
    }),
  );
  expect(verify([halfway], [renewed(1)]).renewal.renewedNodes).toEqual(['cp-1']);
});

test('kubelet certificates and those of an external CA are not ours to renew', () => {
  const external = { certificates: { apiserver: { serial: '0A140000', notAfter: inDays(12), external: true } } };
  expect(() =>
    verify([old(1)], [renewed(1, { ...external, served: { 'kubelet-serving': { error: 'connection refused' } } })]),
  ).not.toThrow();
});

test.each<[string, InventoryOptions]>([
  ['the API server', { own: { 'apiserver-serving': 12 } }],
  ['the others', { own: { 'controller-manager-serving': -1, 'scheduler-serving': 12 } }],
])("serving certificates of somebody's own stay as they are: %s", (_name, own) => {
  const before = result(
    1,
    facts(1, [true], { inventory: inventory('cp-1', { days: 12, certificates: kept, ...own }) }),
  );
  expect(verify([before], [renewed(1, own)]).renewal.renewedNodes).toEqual(['cp-1']);
});

test('a certificate that a newer kubeadm lists and nobody here knows', () => {
  const listed = (node: ReturnType<typeof renewed>) => {
    const { certificates } = (node.result as unknown as ReturnType<typeof facts>).inventory!;
    certificates.push({ name: 'new.conf', path: '/etc/kubernetes/new.conf', notAfter: inDays(12) });
    return node;
  };
  expect(verify([listed(old(1))], [listed(renewed(1))]).renewal.renewedNodes).toEqual(['cp-1']);
});

test('a new certificate may end with the old one', () => {
  const same = { certificates: { 'admin.conf': { notAfter: inDays(12) } } };
  expect(verify([old(1)], [renewed(1, same)]).renewal.renewedNodes).toEqual(['cp-1']);
});

test('a node outside the plan is not judged', () => {
  expect(verify([old(1), old(2)], [renewed(1), old(2)]).renewal.renewedNodes).toEqual(['cp-1']);
});

describe('metrics are put only when every node was seen that a check looks at', () => {
  test.each<[string, object[], RenewalPlan, number | undefined]>([
    ['all were', [renewed(1), old(2)], planFor(1), 0],
    ['an etcd node, or a control plane out of reach', [renewed(1)], { ...planFor(1), notAsked: ['etcd-1'] }, undefined],
    ['one was lost meanwhile', [renewed(1), failed(2, 'NodeUnreachable', 'gone')], planFor(1), undefined],
  ])('%s', (_name, after, plan, notChecked) => {
    const { metrics } = verify([old(1), old(2)], after, plan);
    expect(metrics.find(({ name }) => name === 'NodesNotChecked')?.value).toBe(notChecked);
    expect(metrics.some(({ name }) => name === 'SmallestDaysToExpiry')).toBe(notChecked !== undefined);
  });
});
