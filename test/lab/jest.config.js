/** Tests on real clusters: root on Linux, minutes. `npm test` leaves them out; run them with `npm run test:lab`. */
const base = require('../../jest.config');

module.exports = {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/lab/**/*.lab.ts'],
  testTimeout: 1_800_000,
  // Clusters side by side do not disturb each other; two are what two cores take, and dead.lab.ts waits most of the time, in the end for all
  // others.
  maxWorkers: 3,
  reporters: ['default', '<rootDir>/test/lab/helpers/only-one-reporter.js'],
  // A process that a failed test has left holds the output of Jest open: it would wait for that for ever, and nobody be told what failed.
  forceExit: true,
};
