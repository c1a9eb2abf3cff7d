/** Things to end, last in first out, when the command ends, fails or is interrupted: nothing may be left running. */
export class CleanUp {
  private readonly tasks: (() => Promise<void>)[] = [];
  private running: Promise<void> | undefined;

  add(task: () => Promise<void>): void {
    this.tasks.push(task);
  }

  /** Runs every task once, however often it is called; a task that fails does not keep the others from running. */
  run(): Promise<void> {
    this.running ??= (async () => {
      for (const task of this.tasks.reverse()) await task().catch((error: Error) => console.error(error.message));
    })();
    return this.running;
  }

  /** Ctrl-C and SIGTERM clean up, then end the process with the code that shells expect (128 + signal number). */
  onSignals(): void {
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ] as const) {
      // `on`, not `once`: Ctrl-C reaches a process twice when its parent passes signals on, and the second would end it half-way.
      process.on(signal, () => void this.run().finally(() => process.exit(code)));
    }
  }
}
