import { planRenewalInput, type PlanRenewalInput } from '../../../../lambdas/contracts/renewal';
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

type Change = Partial<Omit<PlanRenewalInput, 'options'>> & { options?: object };
const DEAD = [false, false, false];
const plan = ({ options, ...change }: Change) =>
  planRenewal(
    planRenewalInput.parse({
      cluster: 'demo',
      config: config(),
      options: chosen('renew-certificates', options),
      workerCount: 4,
      facts: [],
      nodes: (change.facts ?? []).map((_, index) => controlPlane(index + 1)),
      ...change,
    }),
    NOW,
  );
const node = (number: number, etcd: boolean[], certificates: InventoryOptions, options: FactsOptions = {}) =>
  result(number, facts(number, etcd, { inventory: inventory(`cp-${number}`, certificates), ...options }));
const dead = (number: number, options: FactsOptions = {}) =>
  node(number, DEAD, { days: -1 }, { apiServer: false, ...options });
const healthy = (number: number, certificates: InventoryOptions = { days: 12 }) =>
  node(number, [true, true, true], certificates);
const lockedOut = { days: 200, certificates: { 'kubelet-client': { notAfter: inDays(-1) } } };

test('a dead cluster: all control planes at once, then the kubelets', () => {
  const made = plan({ facts: [dead(1), dead(2, { kubelet: false }), dead(3)] });
  expect(made).toMatchObject({
    kind: 'repair',
    decision: 'act',
    steps: [1, 2, 3].map((number) => ({ name: `cp-${number}`, why: 'admin.conf expired on 2026-11-22 03:00 UTC' })),
    summary:
      'demo is dead, because certificates of cp-1, cp-2 and cp-3 have expired. Repair, on cp-1, cp-2 and cp-3 at once: the files, then etcd, the API servers and the rest; then the kubelets of 3 control planes and 4 workers by a bootstrap token of 15 minutes, where their certificates have expired.',
  });
});

test('health does not count: /readyz says ok on connections that were made before', () => {
  const seemsWell = (number: number) => node(number, [true, true, true], { days: -1 });
  expect(plan({ facts: [seemsWell(1), seemsWell(2), seemsWell(3)] })).toMatchObject({
    kind: 'repair',
    decision: 'act',
  });
});

test('one whose certificates are still valid is repaired with the others: it cannot work without them', () => {
  const made = plan({ facts: [dead(1), dead(2), node(3, DEAD, { days: 12 })] });
  expect(made.steps.map(({ name }) => name)).toEqual(['cp-1', 'cp-2', 'cp-3']);
});

test.each<[string, InventoryOptions]>([
  ['files renewed, nothing restarted', { days: 365, served: servedExpired('apiserver', 'etcd-server', 'etcd-peer') }],
  ['etcd restarted too', { days: 365, served: servedExpired('apiserver') }],
])('a repair that was cut off goes on as one: %s', (_name, certificates) => {
  const cutOff = (number: number) => node(number, DEAD, certificates, { unfinished: true });
  expect(plan({ facts: [cutOff(1), cutOff(2), cutOff(3)] })).toMatchObject({
    kind: 'repair',
    decision: 'act',
    steps: [{ name: 'cp-1' }, { name: 'cp-2' }, { name: 'cp-3' }],
  });
});

test('a repair that was cut off before its kubelets: they alone are left', () => {
  const renewed = (number: number) => node(number, [true, true, true], { ...lockedOut, days: 365 });
  expect(plan({ facts: [renewed(1), renewed(2), renewed(3)] })).toMatchObject({
    kind: 'repair',
    decision: 'act',
    steps: [],
    summary:
      'Kubelets of demo get new certificates: the kubelets of 3 control planes and 4 workers by a bootstrap token of 15 minutes, where their certificates have expired.',
  });
});

test('a repair that was cut off while workers were at it: control planes have rejoined, and remember', () => {
  const rejoined = (number: number) =>
    node(number, [true, true, true], { days: 365 }, { finishedAt: NOW.toISOString(), rejoining: number === 2 });
  expect(plan({ facts: [rejoined(1), rejoined(2), rejoined(3)] })).toMatchObject({
    kind: 'repair',
    decision: 'act',
    steps: [],
  });
});

test('a repair that was cut off before its controller-managers, which sign: they are not forgotten', () => {
  const toRestart = ['kube-controller-manager', 'kube-scheduler'];
  const served = (number: number) =>
    node(number, [true, true, true], { ...lockedOut, days: 365 }, { unfinished: true, toRestart });
  expect(plan({ facts: [served(1), served(2), served(3)] }).steps).toHaveLength(3);
});

describe('of a cluster that is alive only what is down is restarted, whatever was cut off', () => {
  const all = [true, true, true];
  const cutOff = (number: number, etcd: boolean[], options: FactsOptions = {}) =>
    node(number, etcd, { days: 300 }, { unfinished: true, ...options });
  const withoutFirst = [false, true, true];
  const downAndLockedOut = node(1, withoutFirst, lockedOut, { apiServer: false, kubelet: false });
  const apiServerExpired = (number: number) =>
    node(number, all, { ...lockedOut, days: -1 }, { apiServer: false, etcd: true });

  test.each<[string, PlanRenewalInput['facts'], string[], string]>([
    [
      'another is down: etcd cannot spare the one that was cut off',
      [downAndLockedOut, cutOff(2, withoutFirst), healthy(3)],
      ['cp-1'],
      'The other control planes are renewed when it is started again.',
    ],
    [
      'cut off and well: one by one, later',
      [node(1, all, lockedOut), cutOff(2, all), cutOff(3, all)],
      [],
      'cp-2 and cp-3 are renewed when it is started again.',
    ],
    [
      'cut off when all files were new: the API servers still run with the old ones',
      [node(1, all, lockedOut), cutOff(2, all, { toRestart: ['kube-apiserver', 'kube-scheduler'] }), healthy(3)],
      [],
      'cp-2 is renewed when it is started again.',
    ],
    [
      'expired but working: it is one of two members that work',
      [node(1, all, { ...lockedOut, days: -1 }), healthy(2), healthy(3)],
      [],
      'cp-1 is renewed when it is started again.',
    ],
    [
      'its API server alone is down: etcd can spare it',
      [apiServerExpired(1), healthy(2), healthy(3)],
      ['cp-1'],
      'Repair, on cp-1 at once',
    ],
  ])('%s', (_name, facts, steps, summary) => {
    const made = plan({ facts });
    expect(made).toMatchObject({ kind: 'repair', decision: 'act' });
    expect(made.steps.map(({ name }) => name)).toEqual(steps);
    expect(made.summary).toContain(summary);
  });

  test('API servers of two of five are down, a third has no etcd: etcd can spare none', () => {
    const seen = [true, true, true, true, false];
    const five = (number: number, certificates: InventoryOptions, options: FactsOptions = {}) =>
      node(number, seen, certificates, options);
    const expired = { ...lockedOut, days: -1 };
    const facts = [
      five(1, expired, { apiServer: false }),
      five(2, expired, { apiServer: false }),
      five(3, { days: 12 }),
      five(4, { days: 12 }),
      five(5, lockedOut, { apiServer: false, kubelet: false }),
    ];
    // Four of five work and three are needed: one can be spared.
    expect(plan({ facts }).steps.map(({ name }) => name)).toEqual(['cp-1', 'cp-5']);
  });
});

test('etcd that one member did not hear in time is no dead cluster: who calls itself healthy has a majority', () => {
  // cp-1 was cut off and is down, cp-2 and cp-3 work, and cp-2 has not heard cp-3.
  const made = plan({
    facts: [filesOnly(1), node(2, [false, true, false], { days: 300 }), node(3, [false, true, true], { days: 300 })],
  });
  expect(made).toMatchObject({ kind: 'renewal', decision: 'refuse', steps: [] });
  expect(made.summary).toContain('etcd has no majority (1 of 3 voting members healthy, 2 needed)');
});

describe('a kubelet that resists its repair does not take the others with it', () => {
  const all = [true, true, true];
  const stubborn = node(2, all, { days: 5, certificates: lockedOut.certificates });
  const soon = (number: number) => healthy(number, { days: 5 });

  test('they run out within a quarter of the threshold: they are renewed first, without it', () => {
    expect(plan({ facts: [soon(1), stubborn, soon(3)] })).toMatchObject({
      kind: 'renewal',
      decision: 'act',
      steps: [{ name: 'cp-1' }, { name: 'cp-3' }],
      summary:
        '2 control planes of demo will be renewed one at a time, in this order: cp-1 and cp-3. Start renew-certificates again afterwards, because the kubelets of cp-2 cannot log in.',
    });
  });

  test('a repair that was cut off waits for them as well', () => {
    const rejoining = node(2, all, { days: 5 }, { rejoining: true });
    const made = plan({ facts: [soon(1), rejoining, soon(3)] });
    expect(made).toMatchObject({ kind: 'renewal', steps: [{ name: 'cp-1' }, { name: 'cp-2' }, { name: 'cp-3' }] });
    expect(made.summary).toContain('Start renew-certificates again afterwards, because a repair was cut off.');
  });

  test.each<[string, Change]>([
    ['there is time', { facts: [healthy(1), stubborn, healthy(3)] }],
    [
      'what runs out is none of what a renewal renews',
      { facts: [healthy(1, { days: 12, own: { 'apiserver-serving': 5 } }), stubborn, healthy(3)] },
    ],
    ['the others were renewed before', { facts: [healthy(1, { days: 300 }), stubborn, healthy(3, { days: 300 })] }],
    ['kubelets are asked for', { facts: [soon(1), stubborn, soon(3)], options: { kubelets: true } }],
    ['a gate says no', { facts: [soon(1), stubborn, node(3, all, { days: 5 }, { freeKiB: 2048 })] }],
  ])('otherwise it is repaired: %s', (_name, change) => {
    expect(plan(change)).toMatchObject({ kind: 'repair', decision: 'act', steps: [] });
  });
});

/** Files renewed, kubelets' certificates rotated in time, and ports that nobody listens on: nothing has an expired date. */
const filesOnly = (number: number, options: FactsOptions = {}) =>
  node(number, DEAD, { days: 365 }, { apiServer: false, unfinished: true, ...options });

test('a repair that was cut off after its files: no date tells of it, etcd does', () => {
  const made = plan({ facts: [filesOnly(1), filesOnly(2), filesOnly(3)] });
  expect(made).toMatchObject({ kind: 'repair', decision: 'act', steps: [1, 2, 3].map((n) => ({ name: `cp-${n}` })) });
  expect(made.summary).toContain('demo is dead, because a repair was cut off before etcd had its new certificates.');
});

test('etcd down for another reason is no repair, one cut off renewal or not', () => {
  const other = (number: number) => node(number, DEAD, { days: 365 }, { apiServer: false });
  expect(plan({ facts: [filesOnly(1), other(2), other(3)] })).toMatchObject({ kind: 'renewal', decision: 'refuse' });
});

describe('kubelets that cannot start, and with them nothing on their nodes, though its certificates are valid', () => {
  const off = (number: number) =>
    node(number, DEAD, lockedOut, { apiServer: false, kubelet: false, finishedAt: inDays(-2) });

  test.each([
    ['the only control plane', [off(1)], ['cp-1'], 'cp-1'],
    ['all of them', [off(1), off(2), off(3)], ['cp-1', 'cp-2', 'cp-3'], 'cp-1'],
    ['the first one', [off(1), healthy(2), healthy(3)], ['cp-1'], 'cp-1'],
  ])('%s', (_name, facts, steps, spokesman) => {
    const made = plan({ facts });
    expect(made).toMatchObject({ kind: 'repair', decision: 'act', spokesman: { name: spokesman } });
    expect(made.steps.map(({ name }) => name)).toEqual(steps);
    expect(plan({ facts, options: { kubelets: true } }).steps.map(({ name }) => name)).toEqual(steps);
  });
});

test('kubelets that have ended while their static pods run on: nothing that works is restarted', () => {
  const ended = (number: number) => node(number, [true, true, true], lockedOut, { kubelet: false });
  expect(plan({ facts: [ended(1), ended(2), ended(3)] })).toMatchObject({ kind: 'repair', decision: 'act', steps: [] });
});

test('who speaks for all is one whose API server answers', () => {
  const locked = node(2, [true, true, true], lockedOut);
  expect(plan({ facts: [healthy(1), locked, healthy(3)] })).toMatchObject({ steps: [], spokesman: { name: 'cp-1' } });
  const without = node(1, [true, true, true], { days: 12 }, { apiServer: false });
  expect(plan({ facts: [without, healthy(2), healthy(3)], options: { kubelets: true } })).toMatchObject({
    steps: [],
    spokesman: { name: 'cp-2' },
  });
});

test('"kubelets": true restarts no control plane of a cluster that is alive, also where a renewal was cut off', () => {
  const cutOff = node(1, [true, true, true], { days: 12 }, { unfinished: true });
  expect(plan({ facts: [cutOff, healthy(2), healthy(3)], options: { kubelets: true } }).steps).toEqual([]);
});

test('one control plane that was off for too long: it alone, and nobody else restarts with it', () => {
  const made = plan({ facts: [healthy(1), node(2, [true, false, true], { days: -1 }), healthy(3)] });
  expect(made).toMatchObject({ kind: 'repair', decision: 'act', steps: [{ name: 'cp-2' }] });
  expect(made.summary).toContain('The other control planes are renewed when it is started again.');
});

test('"kubelets": true on a healthy cluster: no control plane is touched', () => {
  expect(plan({ facts: [healthy(1), healthy(2), healthy(3)], options: { kubelets: true } })).toMatchObject({
    kind: 'repair',
    decision: 'act',
    steps: [],
  });
});

test('a dead external etcd is none of ours: API servers are what counts', () => {
  const external = { external: true, caKeys: ['ca', 'front-proxy-ca'] };
  const made = plan({ facts: [dead(1, external), dead(2, external), dead(3, external)] });
  expect(made).toMatchObject({ kind: 'repair', decision: 'act' });
});

test('a repair tells what it leaves alone, and goes on with the rest', () => {
  const etcdPeer = { ca: undefined, external: true, issuer: 'CN=Company CA' };
  const made = plan({ facts: [node(1, [false], { days: -1, certificates: { 'etcd-peer': etcdPeer } })] });
  expect(made).toMatchObject({ kind: 'repair', decision: 'act' });
  expect(made.steps[0]?.certificates?.renewed).toHaveLength(10);
  expect(made.summary).toMatch(
    /Left alone: etcd-peer on cp-1 \(signed by CN=Company CA, not by its CA on this node\)\.$/,
  );
});

describe('gates', () => {
  test.each<[string, Change, string]>([
    ['frozen', { facts: [dead(1)], config: config({}, { frozen: 'release week' }) }, 'demo is frozen (release week)'],
    [
      'external CA',
      { facts: [1, 2, 3].map((n) => dead(n, { caKeys: ['etcd-ca'] })) },
      'No control plane has the key of ca',
    ],
    [
      'a CA was replaced under the same name',
      {
        facts: [
          node(1, [false], {
            days: -1,
            certificates: { apiserver: { ca: undefined, anotherCa: true, issuer: 'CN=kubernetes' } },
          }),
        ],
      },
      'not signed by the CA of their node: apiserver on cp-1 by CN=kubernetes',
    ],
    [
      'a key with a passphrase',
      {
        facts: [
          dead(1),
          dead(2, {
            obstacles: [{ precondition: 'ca keys can sign', reason: 'ca.key has a passphrase', whatToDo: 'x' }],
          }),
          dead(3),
        ],
      },
      'On cp-2: ca.key has a passphrase. X; see "A renewal is refused" in the runbook.',
    ],
    ['no space', { facts: [dead(1), dead(2, { freeKiB: 2048 }), dead(3)] }, 'cp-2 has 2 MiB of disk space free'],
    ['somebody is at work', { facts: [dead(1, { running: true })] }, 'still at work on cp-1'],
    [
      'a CA has expired',
      { facts: [node(1, [false], { days: -1, certificates: { 'etcd-ca': { notAfter: inDays(-1) } } })] },
      'CAs themselves have expired (etcd-ca on cp-1',
    ],
    [
      'no majority can be asked',
      {
        nodes: [1, 2, 3, 4].map((number) => controlPlane(number)),
        facts: [
          dead(1),
          dead(2),
          failed(3, 'NodeUnreachable', 'cp-3 is off.'),
          failed(4, 'NodeUnreachable', 'cp-4 is off.'),
        ],
        options: { kubelets: true },
      },
      '2 of 4 control planes did not answer (cp-3 and cp-4), and etcd needs 3 of them: cp-3 is off. cp-4 is off. Bring 1 of them back first.',
    ],
  ])('%s', (_name, change, reason) => {
    const made = plan(change);
    expect(made).toMatchObject({ kind: 'repair', decision: 'refuse', steps: [] });
    expect(made.summary).toContain('demo is not repaired: ');
    expect(made.summary).toContain(reason);
  });

  test('one of three that is gone for good does not keep the others dead', () => {
    const made = plan({ facts: [dead(1), dead(2), failed(3, 'NodeUnreachable', 'cp-3 is off.')] });
    expect(made).toMatchObject({ kind: 'repair', decision: 'act', steps: [{ name: 'cp-1' }, { name: 'cp-2' }] });
    expect(made.summary).toContain('cp-3 did not answer and is left out.');
  });

  test.each<[string, PlanRenewalInput['nodes'], string[] | undefined]>([
    ['nobody', [], undefined],
    ['one whose script failed is asked again afterwards', [controlPlane(3)], undefined],
    ['one out of reach', [controlPlane(4, 'the instance is stopped')], ['cp-4']],
    ['etcd nodes, which only a check asks', [{ ...controlPlane(5), role: 'etcd', name: 'etcd-1' }], ['etcd-1']],
  ])('the plan tells whom this operation does not ask: %s', (_name, others, notAsked) => {
    const silent = others.filter(({ name }) => name === 'cp-3').map(() => failed(3, 'NodeStepFailed', 'no.'));
    const nodes = [controlPlane(1), controlPlane(2), ...others];
    expect(plan({ nodes, facts: [dead(1), dead(2), ...silent] }).notAsked).toEqual(notAsked);
  });
});

function servedExpired(...certificates: string[]): InventoryOptions['served'] {
  return Object.fromEntries(certificates.map((name) => [name, { serial: 'FF', notAfter: inDays(-1) }]));
}

test('workers that are only counted cannot be asked: a repair refuses, a renewal does not need them', () => {
  const repair = plan({ facts: [dead(1), dead(2), dead(3)], workerCount: 5000, workersLeftOut: true });
  expect(repair).toMatchObject({ kind: 'repair', decision: 'refuse' });
  expect(repair.summary).toContain('demo has 5000 workers, more than fit into a state');
  const renewal = plan({ facts: [healthy(1), healthy(2), healthy(3)], workerCount: 5000, workersLeftOut: true });
  expect(renewal).toMatchObject({ kind: 'renewal', decision: 'act' });
});
