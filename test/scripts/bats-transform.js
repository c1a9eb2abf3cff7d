const { join } = require('node:path');

/** Makes a test file of Jest out of each .bats file, so that they run side by side with everything else. */
module.exports = {
  process: (_source, path) => ({
    code: `require(${JSON.stringify(join(__dirname, 'run-bats'))}).runBats(${JSON.stringify(path)});`,
  }),
};
