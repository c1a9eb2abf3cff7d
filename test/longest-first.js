const Sequencer = require('@jest/test-sequencer').default;

/**
 * Files that take minutes begin first: a new clone knows no durations, and Jest would go by the size of the files. dead.lab.ts waits for
 * certificates to expire, while the others run beside it.
 */
const FIRST = [
  ...['dead.lab.ts', 'faults.lab.ts', 'one-control-plane.lab.ts', 'operations.lab.ts'],
  ...[
    'repair-failing-steps.test.ts',
    'failing-steps.test.ts',
    'load-balancer.test.ts',
    'repair.test.ts',
    'interrupted.test.ts',
  ],
  ...['renew-certificates.bats', 'rejoin-kubelet.bats', 'rejoin-killed.bats'],
];

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => (FIRST.findIndex((name) => path.endsWith(name)) + FIRST.length + 1) % (FIRST.length + 1);
    return [...tests].sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1));
  }
};
