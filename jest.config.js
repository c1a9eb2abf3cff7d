/** Jest runs TypeScript through swc: types are checked by `npm run check`, not again by every test run. */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts', '**/*.bats'],
  moduleFileExtensions: ['js', 'ts', 'mjs', 'json', 'node', 'bats'],
  transform: {
    '\\.bats$': '<rootDir>/test/scripts/bats-transform.js',
    '^.+\\.(t|j|mj)s$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  // ES-module-only packages have to be transformed, because Jest loads CommonJS.
  transformIgnorePatterns: [
    '/node_modules/(?!(@bomb\\.sh|listr2|croner|cli-truncate|colorette|eventemitter3|log-update|rfdc|wrap-ansi|slice-ansi|string-width|strip-ansi|ansi-.*|is-fullwidth-code-point|get-east-asian-width|cli-cursor|restore-cursor|onetime|mimic-function|environment)/)',
  ],
  // Nothing takes so long on a machine that is idle; one that is busy takes several times as long.
  testTimeout: 1_200_000,
  testSequencer: '<rootDir>/test/longest-first.js',
  // More than two cores: they wait for clusters much of the time.
  maxWorkers: 4,
};
