const Sequencer = require('@jest/test-sequencer').default;

/**
 * Files that take longest begin first, the longest of all at the very beginning: a new clone knows no durations, and Jest would go by the
 * size of the files.
 */
const FIRST = [
  ...['repair-killed.full.bats', 'renew-certificates.full.bats', 'rejoin-killed.full.bats', 'repair.full.test.ts'],
  ...['repair-failing-steps.full.test.ts', 'interrupted.full.test.ts', 'renew-killed.full.bats', 'checks.full.test.ts'],
  ...['renew-certificates-states.full.bats', 'preconditions.full.bats', 'check-certificates.full.bats'],
  ...['upgrade.bats', 'renew-certificates.bats', 'rejoin-kubelet.bats', 'whole-road.test.ts', 'static-pods.test.ts'],
  ...[
    'check-certificates.bats',
    'scripted-like-simulated.full.test.ts',
    'inspect-control-plane.bats',
    'cdk-nag.test.ts',
  ],
  ...['repair.bats', 'bootstrap-token.bats', 'failing-steps.full.test.ts'],
  ...['upgrade-ends.full.test.ts', 'demo.test.ts', 'scripts.test.ts', 'permissions.full.test.ts'],
];

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) =>
      (FIRST.findIndex((name) => path.endsWith(`/${name}`)) + FIRST.length + 1) % (FIRST.length + 1);
    return [...tests].sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1));
  }
};
module.exports.FIRST = FIRST;
