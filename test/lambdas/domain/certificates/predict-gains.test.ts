import type { CertificateOnDisk } from '../../../../lambdas/contracts/node-steps';
import { predictGains } from '../../../../lambdas/domain/certificates/predict-gains';
import { inDays, inventory, NOW } from '../../helpers/samples';

const KUBELETS = ['kubelet-client', 'kubelet-serving'].map((name) => ({ name, reason: 'kubeadm does not renew it' }));
const day = (days: number) => inDays(days).slice(0, 10);

interface Options {
  admin?: Partial<CertificateOnDisk>;
  ca?: Partial<CertificateOnDisk>;
  force?: boolean;
  certificateValidity?: string;
}

const predict = (days: number, { admin = {}, ca = {}, force = false, certificateValidity }: Options = {}) =>
  predictGains(
    { certificateValidity, ...inventory('cp-1', { days, certificates: { 'admin.conf': admin, ca } }) },
    force,
    NOW,
  );

test('of 99 years and 12 days only the latter is renewed; each other one is left alone with the reason', () => {
  const { renewed, until, leftAlone } = predict(36_135, { admin: { notAfter: inDays(12) } });
  expect({ renewed, until }).toEqual({ renewed: ['admin.conf'], until: day(365) });
  expect(leftAlone).toEqual(expect.arrayContaining(KUBELETS));
  expect(leftAlone).toHaveLength(12);
  expect(leftAlone).toContainEqual({
    name: 'apiserver',
    reason: `it ends on ${day(36_135)}, a new one would on ${day(365)}`,
  });
});

test.each<[string, number, Options, number, string | undefined]>([
  ['all gain', 12, {}, 11, day(365)],
  ['expired ones gain', -1, {}, 11, day(365)],
  ['none gains', 3650, {}, 0, undefined],
  ['forced, all are renewed', 3650, { force: true }, 11, day(365)],
  ['a longer validity', 400, { certificateValidity: '"87600h"' }, 11, day(3000)],
  ['a shorter one', 31, { certificateValidity: '720h0m0s' }, 0, undefined],
  ['not longer than the CA, which signs some', 12, { ca: { notAfter: inDays(30) } }, 11, day(30)],
  ['an external one is renewed elsewhere', 12, { admin: { external: true } }, 10, day(365)],
  ['a missing one is not told', 12, { admin: { missing: true } }, 10, day(365)],
])('%s', (_what, days, options, renewed, until) => {
  const predicted = predict(days, options);
  expect([predicted.renewed.length, predicted.until]).toEqual([renewed, until]);
});

test.each<[string, Partial<CertificateOnDisk>]>([
  ['no CA of the node', { ca: undefined, external: true, issuer: 'CN=Company CA' }],
  ['another CA of the node', { ca: 'etcd-ca', external: true, issuer: 'CN=etcd-ca' }],
  ['a CA that was replaced', { ca: undefined, anotherCa: true, issuer: 'CN=kubernetes' }],
])('signed by %s: left alone, also when it has expired or all are forced', (_what, signed) => {
  const admin = { ...signed, notAfter: inDays(-1) };
  for (const force of [false, true]) {
    const { renewed, leftAlone } = predict(12, { admin, force });
    expect(renewed).toHaveLength(10);
    expect(leftAlone).toContainEqual({
      name: 'admin.conf',
      reason: `signed by ${signed.issuer}, not by its CA on this node`,
    });
  }
});
