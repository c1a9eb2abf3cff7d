/** Tests with the real kubeadm, built from source: anybody, anywhere Go is. Run them with `npm run test:kubeadm`. */
const base = require('../../jest.config');

module.exports = {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/kubeadm/**/*.kubeadm.ts'],
  globalSetup: '<rootDir>/test/kubeadm/helpers/build-kubeadm.ts',
};
