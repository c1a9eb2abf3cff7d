/** Jest runs TypeScript through swc: types are checked by `npm run check`, not again by every test run. */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.(t|j|mj)s$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  // ES-module-only packages have to be transformed, because Jest loads CommonJS.
  transformIgnorePatterns: [
    '/node_modules/(?!(listr2|croner|cli-truncate|colorette|eventemitter3|log-update|rfdc|wrap-ansi|slice-ansi|string-width|strip-ansi|ansi-.*|is-fullwidth-code-point|get-east-asian-width|cli-cursor|restore-cursor|onetime|mimic-function|environment)/)',
  ],
  testTimeout: 60_000,
  maxWorkers: 2,
};
