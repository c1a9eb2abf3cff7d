const Sequencer = require('@jest/test-sequencer').default;

/**
 * Files that take half a minute and more begin first, the longest of all at the very beginning: a new clone knows no durations, and Jest
 * would go by the size of the files.
 */
const FIRST = [
  ...[
    'load-balancer.test.ts',
    'repair.full.test.ts',
    'repair-failing-steps.full.test.ts',
    'failing-steps.test.ts',
    'interrupted.full.test.ts',
  ],
  ...[
    'renew-certificates.bats',
    'checks.full.test.ts',
    'check-certificates.bats',
    'permissions.test.ts',
    'rejoin-killed.full.bats',
  ],
  ...[
    'rejoin-kubelet.bats',
    'repair-killed.full.bats',
    'whole-road.test.ts',
    'inspect-control-plane.bats',
    'renew-killed.full.bats',
  ],
  ...[
    'locks.test.ts',
    'fallback.test.ts',
    'repair.bats',
    'static-pods.test.ts',
    'redelivery.test.ts',
    'completion.test.ts',
  ],
];

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => (FIRST.findIndex((name) => path.endsWith(name)) + FIRST.length + 1) % (FIRST.length + 1);
    return [...tests].sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1));
  }
};
