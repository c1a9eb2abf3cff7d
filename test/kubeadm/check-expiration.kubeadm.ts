import { describeWithKubeadm } from './helpers/describe-with-kubeadm';
import { CONFIG, Contract, FRESH, NO_CONFIG, STATE_NAMES } from './helpers/states';

describeWithKubeadm('the stand-in for kubeadm tells what the real one tells', () => {
  let contract: Contract;
  beforeAll(() => {
    contract = new Contract();
  });
  afterAll(() => contract.end());

  test.each(STATE_NAMES)('check-expiration: %s', (state) => {
    contract.expectSame(state, (told) => ['certs', 'check-expiration', ...CONFIG(told)]);
    contract.expectSame(state, (told) => ['certs', 'check-expiration', '-o', 'json', ...CONFIG(told)]);
  });

  test.each(STATE_NAMES)('check-expiration without a configuration: %s', (state) => {
    contract.expectSame(state, (told) => ['certs', 'check-expiration', ...NO_CONFIG(told)]);
    contract.expectSame(state, (told) => ['certs', 'check-expiration', '--output=json', ...NO_CONFIG(told)]);
  });

  test.each([
    [['version', '-o', 'short']],
    [['version', '--output=short']],
    [['certs', 'check-expiration', '--bogus']],
    [['certs', 'check-expiration', 'more']],
    [['certs', 'check-expiration', '-o', 'nothing']],
    [['certs', 'check-expiration', '-o']],
  ])('%j', (args) => contract.expectSame(FRESH, () => args));
});
