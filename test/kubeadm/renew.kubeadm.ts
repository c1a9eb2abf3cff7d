import { describeWithKubeadm } from './helpers/describe-with-kubeadm';
import { CONFIG, Contract, FRESH, NAMES, NO_CONFIG, STATE_NAMES } from './helpers/states';

describeWithKubeadm('the stand-in for kubeadm renews what the real one renews, and as it does', () => {
  let contract: Contract;
  beforeAll(() => {
    contract = new Contract();
  });
  afterAll(() => contract.end());

  test.each(STATE_NAMES)('renew all: %s', (state) => {
    contract.expectSame(state, (told) => ['certs', 'renew', 'all', ...CONFIG(told)]);
  });

  test.each([FRESH, 'external CA'])('renew all without a configuration: %s', (state) => {
    contract.expectSame(state, (told) => ['certs', 'renew', 'all', ...NO_CONFIG(told)]);
  });

  test.each(NAMES)('renew %s', (name) => {
    contract.expectSame(FRESH, (told) => ['certs', 'renew', name, ...CONFIG(told)]);
    contract.expectSame('external etcd CA', (told) => ['certs', 'renew', name, ...CONFIG(told)]);
  });

  test.each([
    [['certs', 'renew']],
    [['certs', 'renew', 'nothing']],
    [['certs', 'renew', 'kubelet-client']],
    [['certs', 'renew', 'all', '--bogus']],
    [['certs', 'renew', 'all', 'more']],
    [['certs', 'renew', 'apiserver', 'more']],
    [['certs', 'renew', 'all', '--config']],
    [['certs', 'renew', 'all', '--config', '/no/where.yaml']],
  ])('%j', (args) => contract.expectSame(FRESH, () => args));
});
