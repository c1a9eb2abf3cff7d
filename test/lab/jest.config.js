/** Tests on real clusters: root on Linux, minutes. `npm test` leaves them out; run them with `npm run test:lab` (run.ts). */
const base = require('../../jest.config');

module.exports = {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/lab/**/*.lab.ts'],
  // That of the scenario ends a run (scenarios.ts).
  testTimeout: 3_600_000,
  // What tests print comes at once, not at the end of the file.
  verbose: true,
  reporters: ['<rootDir>/test/lab/helpers/live-reporter.js', 'summary'],
  // A process that a failed test has left holds the output of Jest open: it would wait for that for ever, and nobody be told what failed.
  forceExit: true,
};
