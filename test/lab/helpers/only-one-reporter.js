const { rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/** While only one test file is running there is a file, which quiet.ts finds by the environment that Jest hands on. */
module.exports = class OnlyOneReporter {
  running = new Set();

  file = (process.env.LAB_ONLY_ONE = join(tmpdir(), `lab-only-one-${process.pid}`));

  onRunStart() {
    this.running.clear();
  }

  onTestFileStart({ path }) {
    this.running.add(path);
    this.tell();
  }

  onTestFileResult({ path }) {
    this.running.delete(path);
    this.tell();
  }

  onRunComplete() {
    rmSync(this.file, { force: true });
  }

  tell() {
    if (this.running.size === 1) writeFileSync(this.file, '');
    else rmSync(this.file, { force: true });
  }
};
