/** Tests on real clusters: root on Linux, minutes. `npm test` leaves them out; run them with `jest -c test/lab/jest.config.js`. */
const base = require('../../jest.config');

module.exports = {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/lab/**/*.lab.ts'],
  testTimeout: 600_000,
  maxWorkers: 1,
};
