/** Tells of each test as soon as it has ended, so that the output is whole up to the moment in which a run is killed. */
module.exports = class LiveReporter {
  onTestCaseResult(_file, { status, fullName, duration, failureMessages }) {
    if (status === 'pending' || status === 'todo') return;
    console.log(`${status}: ${fullName} (${((duration ?? 0) / 1000).toFixed(1)} s)`);
    for (const message of failureMessages) console.log(message);
  }

  /** What is no test's: the file cannot be read, or something after the last test fails. */
  onTestFileResult(_file, { testExecError }) {
    if (testExecError) console.log(testExecError.stack ?? testExecError.message);
  }
};
