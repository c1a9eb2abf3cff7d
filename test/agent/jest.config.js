/** Tests with the real amazon-ssm-agent: `npm run test:agent` makes the namespaces that they need, or says why they cannot be run. */
const base = require('../../jest.config');

module.exports = {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/agent/**/*.agent.ts'],
  testTimeout: 180_000,
  maxWorkers: 1,
};
