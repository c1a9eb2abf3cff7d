import fc from '../../../helpers/property';
import { planRenewalInput, type PlanRenewalInput, type RenewalPlan } from '../../../../lambdas/contracts/renewal';
import { planRenewal } from '../../../../lambdas/functions/plan-renewal/plan-renewal';
import {
  config,
  controlPlane,
  facts,
  failed,
  inDays,
  inventory,
  NOW,
  options as chosen,
  result,
  type FactsOptions,
  type InventoryOptions,
} from '../../helpers/samples';

const HEALTHY = [true, true, true];
const range = (amount: number) => Array.from({ length: amount }, (_, index) => index + 1);

type Change = Partial<Omit<PlanRenewalInput, 'options'>> & { options?: object };
function plan({ options, ...change }: Change = {}): RenewalPlan {
  const nodes = change.nodes ?? (change.facts ?? []).map((_, index) => controlPlane(index + 1));
  return planRenewal(
    planRenewalInput.parse({
      cluster: 'demo',
      config: config(),
      options: chosen('renew-certificates', options),
      facts: [],
      ...change,
      nodes,
    }),
    NOW,
  );
}
/** Control planes with these health bits of etcd, each changed as told. */
function cluster(etcd: boolean[], options: Record<number, FactsOptions> = {}) {
  return range(etcd.length).map((number) => {
    const inventoryOf = inventory(`cp-${number}`, { days: 12 });
    return result(number, facts(number, etcd, { inventory: inventoryOf, ...options[number] }));
  });
}
/** All that kubeadm renews has expired; the kubelet sees to its own certificate. */
const expired = (number: number) =>
  inventory(`cp-${number}`, { days: -1, certificates: { 'kubelet-client': { notAfter: inDays(200) } } });
const order = ({ steps }: RenewalPlan) => steps.map(({ name }) => name);
const refusals = ({ gates }: RenewalPlan) =>
  gates.flatMap((gate) => (gate.passed ? [] : [`${gate.reason} ${gate.whatToDo}`]));

describe('order', () => {
  test.each<[string, boolean[], Record<number, FactsOptions>, string[]]>([
    ['by name', HEALTHY, {}, ['cp-1', 'cp-2', 'cp-3']],
    ['the leader last', HEALTHY, { 1: { leader: true } }, ['cp-2', 'cp-3', 'cp-1']],
    ['what was cut off first', HEALTHY, { 3: { unfinished: true } }, ['cp-3', 'cp-1', 'cp-2']],
    ['the leader last, even cut off', HEALTHY, { 1: { leader: true, unfinished: true } }, ['cp-2', 'cp-3', 'cp-1']],
    [
      'a node without etcd because of its certificates before all',
      [true, false, true],
      { 1: { unfinished: true }, 2: { inventory: expired(2) } },
      ['cp-2', 'cp-1', 'cp-3'],
    ],
    [
      'a leader whose API server its certificates have stopped: it takes nothing away',
      HEALTHY,
      { 3: { leader: true, apiServer: false, inventory: expired(3) } },
      ['cp-3', 'cp-1', 'cp-2'],
    ],
    [
      'external etcd',
      HEALTHY,
      { 1: { external: true }, 2: { external: true }, 3: { external: true } },
      ['cp-1', 'cp-2', 'cp-3'],
    ],
    ['one alone', [true], { 1: { leader: true } }, ['cp-1']],
  ])('%s', (_name, etcd, options, expected) => {
    const made = plan({ facts: cluster(etcd, options) });
    expect(refusals(made)).toEqual([]);
    expect(made.decision).toBe('act');
    expect(order(made)).toEqual(expected);
  });
});

describe('an external etcd', () => {
  const outside = { 1: { external: true }, 2: { external: true } };
  const etcdNode = { ...controlPlane(9), name: 'etcd-1', role: 'etcd' as const };
  const nodes = [controlPlane(1), controlPlane(2), etcdNode];
  const of = (options: InventoryOptions, change: Change = {}) =>
    plan({
      ...{ nodes, facts: cluster([true, true], outside) },
      etcdFacts: [{ ...result(9, inventory('etcd-1', options)), name: 'etcd-1' }],
      ...change,
    });
  const finished = { finishedAt: new Date(NOW.getTime() - 60_000).toISOString() };
  const justRenewed = {
    facts: cluster([true, true], { 1: { ...outside[1], ...finished }, 2: { ...outside[2], ...finished } }),
  };

  test('is renewed before the control planes are, and they come with it', () => {
    const made = of({ days: 200 });
    expect(made).toMatchObject({ decision: 'act', etcd: [{ name: 'etcd-1', why: 'the control planes are renewed' }] });
    expect(made.summary).toContain(' Before them etcd is renewed on etcd-1.');
    expect(made.notAsked).toBeUndefined();
    expect(made.digest).not.toBe(plan({ nodes, facts: cluster([true, true], outside) }).digest);
  });

  test('of a dead cluster is renewed first: without it no API server comes back', () => {
    const dead = [1, 2].map((number) =>
      result(number, facts(number, [true, true], { external: true, inventory: expired(number) })),
    );
    expect(of({ days: -1 }, { facts: dead })).toMatchObject({ kind: 'repair', etcd: [{ name: 'etcd-1' }] });
  });

  test.each<[string, InventoryOptions, string, string[]]>([
    ['is due', { days: 5 }, 'act', ['etcd-1']],
    ['is not', { days: 200 }, 'nothing', []],
  ])('alone where the control planes were renewed within the hour, and it %s', (_case, options, decision, etcd) => {
    const made = of(options, justRenewed);
    expect(made).toMatchObject({ decision, steps: [] });
    expect(made.etcd.map(({ name }) => name)).toEqual(etcd);
  });

  test.each<[string, InventoryOptions, Change]>([
    ['where the key of its CA is elsewhere', { days: 5, certificates: external() }, {}],
    ['where etcd is on the control planes', { days: 5 }, { facts: cluster([true, true]) }],
    ['where a gate refuses', { days: 5 }, { config: { ...config(), frozen: 'holidays' } }],
  ])('stays as it is %s', (_case, options, change) => expect(of(options, change).etcd).toEqual([]));

  function external(): InventoryOptions['certificates'] {
    const names = inventory('etcd-1')
      .certificates.filter(({ isCa }) => !isCa)
      .map(({ name }) => name);
    return Object.fromEntries(names.map((name) => [name, { external: true }]));
  }
});

describe('why', () => {
  const finishedAt = (minutesAgo: number) => new Date(NOW.getTime() - minutesAgo * 60_000).toISOString();
  const why = (options: FactsOptions, force = false) =>
    plan({ facts: cluster([true], { 1: options }), options: { force } }).steps[0]?.why;

  test.each<[string, FactsOptions, boolean, string | undefined]>([
    ['its smallest certificate', {}, false, 'admin.conf runs out on 2026-12-05 03:00 UTC'],
    ['an expired one', { inventory: expired(1) }, false, 'admin.conf expired on 2026-11-22 03:00 UTC'],
    ['cut off', { unfinished: true, finishedAt: finishedAt(5) }, false, 'an earlier renewal was cut off'],
    ['renewed 59 minutes ago', { finishedAt: finishedAt(59) }, false, undefined],
    ['renewed 60 minutes ago', { finishedAt: finishedAt(60) }, false, 'admin.conf runs out on 2026-12-05 03:00 UTC'],
    [
      'renewed just now, but forced',
      { finishedAt: finishedAt(5) },
      true,
      'admin.conf runs out on 2026-12-05 03:00 UTC',
    ],
    [
      'renewed just now, but another certificate is served',
      { finishedAt: finishedAt(5), inventory: inventory('cp-1', { served: { apiserver: { serial: 'FF' } } }) },
      false,
      'it does not serve the certificates on disk (apiserver)',
    ],
    [
      'renewed just now, and only the kubelet serves another',
      { finishedAt: finishedAt(5), inventory: inventory('cp-1', { served: { 'kubelet-serving': { serial: 'FF' } } }) },
      false,
      undefined,
    ],
    [
      'renewed in the future of a broken clock',
      { finishedAt: finishedAt(-5) },
      false,
      'admin.conf runs out on 2026-12-05 03:00 UTC',
    ],
    [
      'renewed 5 minutes ago by a clock that is an hour late',
      { finishedAt: finishedAt(65), inventory: inventory('cp-1', { checkedAt: finishedAt(60) }) },
      false,
      undefined,
    ],
    [
      'not because of what no renewal renews',
      {
        inventory: inventory('cp-1', {
          days: 12,
          own: { 'apiserver-serving': -1, 'external-etcd-client': 1 },
          certificates: {
            'kubelet-serving': { notAfter: inDays(2) },
            apiserver: { external: true, notAfter: inDays(3) },
          },
        }),
      },
      false,
      'admin.conf runs out on 2026-12-05 03:00 UTC',
    ],
  ])('%s', (_name, options, force, expected) => expect(why(options, force)).toBe(expected));

  test('all were renewed: nothing to do', () => {
    const made = plan({
      facts: cluster(HEALTHY, Object.fromEntries(range(3).map((number) => [number, { finishedAt: finishedAt(5) }]))),
    });
    expect(made).toMatchObject({
      decision: 'nothing',
      steps: [],
      summary:
        'Every control plane of demo was renewed within the last hour and serves its new certificates: there is nothing to do (the option force renews again).',
    });
  });
});

describe('what gains', () => {
  const years = (number: number, certificates: InventoryOptions['certificates'] = {}) => ({
    inventory: inventory(`cp-${number}`, { days: 3650, certificates }),
  });
  const company = { ca: undefined, external: true, issuer: 'CN=Company CA' };
  const all = { 1: years(1), 2: years(2), 3: years(3) };

  test('nothing: a plan that says so, and what is left alone and why', () => {
    expect(plan({ facts: cluster(HEALTHY, { ...all, 2: years(2, { apiserver: company }) }) })).toMatchObject({
      ...{ decision: 'nothing', steps: [] },
      summary:
        'No certificate of demo gains by a renewal: there is nothing to do. Left alone: apiserver, apiserver-etcd-client, apiserver-kubelet-client, etcd-healthcheck-client, etcd-peer, etcd-server, front-proxy-client, admin.conf and 3 more on cp-1 and cp-3 (it ends on 2036-11-20, a new one would on 2027-11-23); apiserver on cp-2 (signed by CN=Company CA, not by its CA on this node); apiserver-etcd-client, apiserver-kubelet-client, etcd-healthcheck-client, etcd-peer, etcd-server, front-proxy-client, admin.conf, super-admin.conf and 2 more on cp-2 (it ends on 2036-11-20, a new one would on 2027-11-23).',
    });
  });

  test('control planes where nothing does are left out, but not where a renewal was cut off or is forced', () => {
    expect(order(plan({ facts: cluster(HEALTHY, { 1: years(1) }) }))).toEqual(['cp-2', 'cp-3']);
    expect(order(plan({ facts: cluster(HEALTHY, { ...all, 2: { ...years(2), unfinished: true } }) }))).toEqual([
      'cp-2',
    ]);
    expect(order(plan({ facts: cluster(HEALTHY, all), options: { force: true } }))).toHaveLength(3);
  });

  test('a company CA signs one: it is left alone by name, and the others are renewed', () => {
    const made = plan({
      facts: cluster(HEALTHY, {
        1: { inventory: inventory('cp-1', { days: 12, certificates: { apiserver: company } }) },
      }),
    });
    expect(made.decision).toBe('act');
    expect(made.steps[0]?.certificates?.renewed).toHaveLength(10);
    expect(made.summary).toBe(
      '3 control planes of demo will be renewed one at a time, in this order: cp-1, cp-2 and cp-3. Left alone: apiserver on cp-1 (signed by CN=Company CA, not by its CA on this node).',
    );
  });

  test('all were signed by a CA that was replaced: refused, although none would gain', () => {
    const replaced = Object.fromEntries(
      inventory('cp-1').certificates.map(({ name, isCa }) => [
        name,
        isCa ? {} : { ca: undefined, anotherCa: true, issuer: 'CN=kubernetes' },
      ]),
    );
    const { decision, summary } = plan({ facts: cluster(HEALTHY, { 1: years(1, replaced) }) });
    expect(decision).toBe('refuse');
    expect(summary).toContain('not signed by the CA of their node');
  });
});

describe('gates', () => {
  const all = (options: FactsOptions) => ({ 1: options, 2: options, 3: options });
  const READ_ONLY = {
    precondition: 'files can be written',
    reason: '/etc/kubernetes/pki/apiserver.crt cannot be written (Read-only file system)',
    whatToDo: 'make the file system writable',
  };
  const OLD = {
    precondition: 'kubeadm renews certificates',
    reason: 'kubeadm v1.19.0 cannot',
    whatToDo: 'get another',
  };

  test('what stands in the way on a node is a gate of its own; on a node that is not renewed it is none', () => {
    const finishedAt = new Date(NOW.getTime() - 60_000).toISOString();
    const made = plan({
      facts: cluster(HEALTHY, {
        1: { obstacles: [READ_ONLY, OLD] },
        2: { obstacles: [OLD, READ_ONLY] },
        3: { obstacles: [{ ...OLD, reason: 'kubeadm v1.18.0 cannot' }], finishedAt },
      }),
    });
    expect(made.gates.filter(({ passed }) => !passed).map(({ name }) => name)).toEqual([
      'files can be written on cp-1 and cp-2',
      'kubeadm renews certificates on cp-1 and cp-2',
    ]);
    expect(made.decision).toBe('refuse');
    const third = { obstacles: [OLD], finishedAt };
    expect(plan({ facts: cluster(HEALTHY, { 3: third }) }).decision).toBe('act');
  });

  test.each<[string, Change, string]>([
    [
      'frozen',
      { config: config({}, { frozen: 'release week' }), facts: cluster(HEALTHY) },
      'demo is frozen (release week), so nothing may change. Take that back first, in its settings or its tag kubeadm-autopilot:frozen.',
    ],
    [
      'the script of a stopped operation goes on',
      { facts: cluster(HEALTHY, { 2: { unfinished: true, running: true } }) },
      'A script of an earlier operation is still at work on cp-2, and two control planes must not restart at once. Start again when it has ended, within half an hour.',
    ],
    [
      'one was not asked',
      {
        nodes: [
          controlPlane(1),
          controlPlane(2),
          controlPlane(3),
          controlPlane(4, 'the instance is stopped, expected running: start it'),
        ],
        facts: cluster(HEALTHY),
      },
      '1 of 4 control planes did not answer (cp-4): cp-4 could not be asked: the instance is stopped, expected running: start it. Repair or remove it first.',
    ],
    [
      'one failed',
      {
        facts: [
          ...cluster(HEALTHY).slice(0, 2),
          failed(3, 'NodeStepTimedOut', 'inspect-control-plane was killed on cp-3.'),
        ],
      },
      '1 of 3 control planes did not answer (cp-3): inspect-control-plane was killed on cp-3. Repair or remove it first.',
    ],
    [
      'external CA',
      { facts: cluster(HEALTHY, all({ caKeys: ['etcd-ca'] })) },
      'No control plane has the key of ca and front-proxy-ca: an external CA signs these certificates and kubeadm cannot renew them. Have its owner sign new ones, see "Certificates run out" in the runbook.',
    ],
    [
      'a CA was replaced under the same name',
      {
        facts: cluster(HEALTHY, {
          2: {
            inventory: inventory('cp-2', {
              days: 12,
              certificates: {
                apiserver: { ca: undefined, anotherCa: true, issuer: 'CN=kubernetes' },
                'admin.conf': { ca: undefined, anotherCa: true, issuer: 'CN=kubernetes' },
                'kubelet-client': { ca: undefined, anotherCa: true, issuer: 'CN=kubernetes' },
              },
            }),
          },
        }),
      },
      'Certificates that a renewal would replace were not signed by the CA of their node: apiserver and admin.conf on cp-2 by CN=kubernetes. Put the CA that signed them back where it was replaced, or finish its rotation by hand, see "Signed by another CA" in the runbook.',
    ],
    [
      'nothing gains where another certificate is served than the one on disk',
      {
        facts: cluster(HEALTHY, {
          1: { inventory: inventory('cp-1', { days: 3650, served: { apiserver: { serial: 'FF' } } }) },
        }),
      },
      'No certificate gains by a renewal on cp-1 (apiserver), so nothing would restart what does not serve the certificates on disk. Restart those static pods by hand (crictl rmp -f), or renew with the option force.',
    ],
    [
      'a key on some',
      { facts: cluster(HEALTHY, { 2: { caKeys: ['ca', 'front-proxy-ca'] } }) },
      'cp-2 lacks the key of etcd-ca, which other control planes have. Copy it from one of them, to the same path (certificatesDir), or renew there by hand.',
    ],
    [
      'a kubelet is down',
      { facts: cluster(HEALTHY, { 2: { kubelet: false } }) },
      'The kubelet of cp-2 does not run (connection refused), so its static pods would not come back. Start it first, see "Certificates run out" in the runbook.',
    ],
    [
      'no space',
      { facts: cluster(HEALTHY, { 3: { freeKiB: 2048 } }) },
      'cp-3 has 2 MiB of disk space free and the backup of /etc/kubernetes needs 10 MiB. Free some first.',
    ],
    [
      'what the node itself asks before its first change, alike on two',
      { facts: cluster(HEALTHY, { 1: { obstacles: [READ_ONLY] }, 3: { obstacles: [READ_ONLY] } }) },
      'On cp-1 and cp-3: /etc/kubernetes/pki/apiserver.crt cannot be written (Read-only file system). Make the file system writable; see "A renewal is refused" in the runbook.',
    ],
    [
      'an API server is down for another reason',
      { facts: cluster(HEALTHY, { 2: { apiServer: false } }) },
      'cp-1 cannot be restarted, because the API server of cp-2 is not ready (connection refused) and all others have to be. Repair it first.',
    ],
    [
      'an API server is down because of a certificate that no renewal renews',
      {
        facts: cluster(HEALTHY, {
          ...all({ external: true }),
          2: {
            external: true,
            apiServer: false,
            inventory: inventory('cp-2', { days: 12, own: { 'external-etcd-client': -1 } }),
          },
        }),
      },
      'cp-1 cannot be restarted, because the API server of cp-2 is not ready (connection refused) and all others have to be. Repair it first.',
    ],
    [
      'an etcd member is down for another reason',
      { facts: cluster([true, false, true]) },
      'cp-1 cannot be restarted, because without it 1 of 3 voting etcd members would be healthy and 2 are needed. Repair etcd on cp-2 first.',
    ],
    [
      'two members',
      { facts: cluster([true, true]) },
      'cp-1 cannot be restarted, because etcd has only 2 voting members and needs 2 of them at any time. Add a control plane first (3 are enough).',
    ],
    [
      'no majority, for another reason',
      { facts: cluster([true, false, false]) },
      'etcd has no majority (1 of 3 voting members healthy, 2 needed), so no control plane may be restarted. Repair etcd by hand first, see "GateRefused" in the runbook.',
    ],
    [
      'no majority, and expired certificates explain only a part of it',
      { facts: cluster([false, false, true], { 1: { inventory: expired(1) } }) },
      'etcd has no majority (1 of 3 voting members healthy, 2 needed), so no control plane may be restarted. Repair etcd by hand first, see "GateRefused" in the runbook.',
    ],
    [
      'a CA has expired',
      {
        facts: cluster(HEALTHY, {
          2: { inventory: inventory('cp-2', { days: 12, certificates: { ca: { notAfter: inDays(-3) } } }) },
        }),
      },
      'CAs themselves have expired (ca on cp-2 on 2026-11-20 03:00 UTC), so no certificate that they sign can be valid. Rotate them by hand, see "CA certificates run out" in the runbook.',
    ],
  ])('%s', (_name, change, reason) => {
    const made = plan(change);
    expect(made).toMatchObject({ decision: 'refuse', steps: [] });
    expect(refusals(made)).toContain(reason);
    expect(made.summary.startsWith('demo is not renewed: ')).toBe(true);
    expect(made.summary.length).toBeLessThanOrEqual(900);
  });

  test.each<[string, boolean[], Record<number, FactsOptions>]>([
    ['external etcd has no quorum gate of ours', HEALTHY, all({ external: true, caKeys: ['ca', 'front-proxy-ca'] })],
    [
      'five members with one that its certificates have stopped',
      [true, true, false, true, true],
      { 3: { inventory: expired(3) } },
    ],
  ])('open: %s', (_name, etcd, options) => {
    const made = plan({ facts: cluster(etcd, options) });
    expect(refusals(made)).toEqual([]);
    expect(made.decision).toBe('act');
  });

  test('the only control plane: the plan says that the API is away', () => {
    expect(plan({ facts: cluster([true]) }).gates).toContainEqual({
      name: 'etcd keeps its majority while cp-1 restarts',
      passed: true,
      reason: 'cp-1 has the only etcd member: etcd and the API are away for some seconds while it restarts.',
    });
  });

  test('a learner does not count', () => {
    const answers = cluster(HEALTHY).map((node) => {
      const etcd = (node.result as { etcd: { members: object[] } }).etcd;
      etcd.members = etcd.members.map((member, index) => (index === 2 ? { ...member, learner: true } : member));
      return node;
    });
    expect(refusals(plan({ facts: answers }))).toContain(
      'cp-1 cannot be restarted, because etcd has only 2 voting members and needs 2 of them at any time. Add a control plane first (3 are enough).',
    );
  });

  test('two clusters under one tag', () => {
    const nodes = cluster([true, true, true], {
      3: { inventory: inventory('cp-3', { caPublicKeys: ['77'.repeat(32)] }) },
    });
    expect(() => plan({ facts: nodes })).toThrow(
      expect.objectContaining({
        name: 'MixedClusters',
        message: expect.stringContaining('cp-3 (CA key 777777777777...)'),
      }),
    );
  });

  test('no control plane', () => {
    expect(() => plan({ nodes: [] })).toThrow(
      expect.objectContaining({
        name: 'NoControlPlane',
        message:
          'Cluster demo has no node with the tag kubeadm-autopilot:role=control-plane, at least one is needed: tag its control planes.',
      }),
    );
  });
});

describe('properties', () => {
  const clusterOf = (yes: fc.Arbitrary<boolean>, no: fc.Arbitrary<boolean>) =>
    fc
      .tuple(
        fc.array(fc.record({ etcd: yes, apiServer: yes, unfinished: no, expired: no }), { minLength: 1, maxLength: 7 }),
        fc.nat(),
      )
      .map(([nodes, pick]) => ({ nodes, leader: (pick % nodes.length) + 1 }));
  const anyCluster = clusterOf(fc.boolean(), fc.boolean());
  const mostly = (value: boolean) =>
    fc.oneof({ arbitrary: fc.constant(value), weight: 9 }, { arbitrary: fc.constant(!value), weight: 1 });
  /** Of the others hardly any may be renewed. */
  const clusterThatMostlyWorks = clusterOf(mostly(true), mostly(false));
  type Drawn = {
    nodes: { etcd: boolean; apiServer: boolean; unfinished: boolean; expired: boolean }[];
    leader: number;
  };
  const factsOf = ({ nodes, leader }: Drawn) => {
    const options = nodes.map(({ expired: isExpired, etcd, ...rest }, index) => [
      index + 1,
      { ...rest, leader: etcd && index + 1 === leader, ...(isExpired ? { inventory: expired(index + 1) } : {}) },
    ]);
    return cluster(
      nodes.map(({ etcd }) => etcd),
      Object.fromEntries(options) as Record<number, FactsOptions>,
    );
  };

  test('no plan ever leaves etcd without its majority, even for the seconds of one restart', () => {
    fc.assert(
      fc.property(anyCluster, (drawn) => {
        const made = plan({ facts: factsOf(drawn) });
        if (made.kind === 'repair') return;
        const healthy = new Map(drawn.nodes.map(({ etcd }, index) => [`cp-${index + 1}`, etcd]));
        for (const step of order(made)) {
          healthy.set(step, false);
          const ill = [...healthy.values()].filter((isHealthy) => !isHealthy).length;
          // One alone has no majority to keep.
          if (healthy.size > 1) expect(ill).toBeLessThanOrEqual(Math.ceil(healthy.size / 2) - 1);
          healthy.set(step, true);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('the leader of etcd is the last, as long as it works', () => {
    fc.assert(
      fc.property(clusterThatMostlyWorks, (drawn) => {
        const made = plan({ facts: factsOf(drawn) });
        const leader = drawn.nodes[drawn.leader - 1];
        fc.pre(
          made.kind === 'renewal' && made.decision === 'act' && leader !== undefined && leader.etcd && leader.apiServer,
        );
        expect(order(made).at(-1)).toBe(`cp-${drawn.leader}`);
      }),
      { numRuns: 100 },
    );
  });

  test('a repair is planned when, and only when, expired certificates have taken the majority', () => {
    fc.assert(
      fc.property(anyCluster, (drawn) => {
        const dead = drawn.nodes.filter((each) => each.expired).length;
        const lost = dead > 0 && drawn.nodes.length - dead < Math.floor(drawn.nodes.length / 2) + 1;
        const nodes = drawn.nodes.map((each) => ({ ...each, unfinished: false }));
        expect(plan({ facts: factsOf({ ...drawn, nodes }) }).kind).toBe(lost ? 'repair' : 'renewal');
      }),
    );
  });

  test('a plan acts on each control plane at most once, and only when every gate is open', () => {
    fc.assert(
      fc.property(anyCluster, (drawn) => {
        const made = plan({ facts: factsOf(drawn) });
        expect(new Set(order(made)).size).toBe(made.steps.length);
        expect(made.decision === 'act').toBe(refusals(made).length === 0 && made.steps.length > 0);
      }),
    );
  });

  test('the digest does not depend on the order of the input, nor on the hour', () => {
    fc.assert(
      fc.property(anyCluster, fc.nat(59), fc.infiniteStream(fc.nat()), (drawn, minutes, random) => {
        const given = factsOf(drawn);
        const shuffled = given
          .map((value) => ({ value, key: random.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ value }) => value);
        const nodes = given.map((_, index) => controlPlane(index + 1));
        const input = { cluster: 'demo', config: config(), options: chosen('renew-certificates') };
        const first = planRenewal(planRenewalInput.parse({ ...input, nodes, facts: given }), NOW);
        const second = planRenewal(
          planRenewalInput.parse({ ...input, nodes: nodes.reverse(), facts: shuffled }),
          new Date(NOW.getTime() + minutes * 60_000),
        );
        expect(second).toEqual(first);
      }),
    );
  });

  test('another order, another digest', () => {
    const first = plan({ facts: cluster(HEALTHY) });
    expect(first.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(plan({ facts: cluster(HEALTHY, { 1: { leader: true } }) }).digest).not.toBe(first.digest);
    expect(plan({ facts: cluster(HEALTHY), config: config({}, { frozen: 'x' }) }).digest).not.toBe(first.digest);
    expect(plan({ facts: cluster(HEALTHY, { 1: { inventory: inventory('cp-1', { days: 11 }) } }) }).digest).toBe(
      first.digest,
    );
  });
});

test.each([
  ['a renewal', 12],
  ['a repair', -1],
])('%s with a validity that cannot be read is refused, and says where to correct it', (_what, days) => {
  const unreadable = { ...inventory('cp-1', { days }), certificateValidity: 'soon' };
  const made = plan({ facts: [result(1, facts(1, [days > 0], { apiServer: days > 0, inventory: unreadable }))] });
  expect(made.decision).toBe('refuse');
  expect(refusals(made)).toContain(
    'certificateValidityPeriod of the ClusterConfiguration on cp-1 is "soon", which is no duration such as 8760h0m0s, so nobody can tell when new certificates would end. Correct it in the ConfigMap kube-system/kubeadm-config; while no API server answers, in /var/lib/kubeadm-autopilot/cluster-configuration.yaml of each control plane.',
  );
});

test('a number without end in an answer: it counts as none', () => {
  const text = JSON.stringify(facts(1, [true], { freeKiB: 7 })).replace('"freeKiB":7', '"freeKiB":1e999');
  const made = plan({ facts: [result(1, JSON.parse(text))] });
  expect(made.decision).toBe('refuse');
  expect(refusals(made).join(' ')).toMatch(/1 of 1 control plane did not answer \(cp-1\)/);
});
