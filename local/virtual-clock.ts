import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { Clock } from './clock';

/** Turns of the event loop without work after which all that is under way waits for the clock: an event on its way to its target needs a few. */
const QUIET_TURNS = 25;
/** How often the condition is looked at while something is at work, or nothing waits for the clock. */
const LOOK_AGAIN_MS = 10;

/**
 * A clock that moves by itself, from one sleeper to the next, while nothing is at work: for nodes on which nothing takes real time.
 * Time limits follow it too.
 */
export class VirtualClock extends Clock {
  private working = 0;
  /** Since when something has been at work, and for how long in all something was: real time that this clock has left out. */
  private workingSince = 0;
  private workedMs = 0;
  private tellRest: (() => void)[] = [];

  override limit(ms: number, passed: () => void): () => void {
    const over = new AbortController();
    this.sleep(ms, over.signal).then(passed, () => undefined);
    return () => over.abort();
  }

  /** Time stands still until the work has ended. */
  override async during<T>(work: Promise<T>): Promise<T> {
    this.begin(1);
    try {
      return await work;
    } finally {
      this.end(1);
    }
  }

  /**
   * Lets time pass although work is under way, because it waits for `act`, which takes time.
   * @param works how many; a call that a function makes is two, with the call to the function
   */
  async despite<T>(works: number, act: () => Promise<T>): Promise<T> {
    this.end(works);
    try {
      return await act();
    } finally {
      this.begin(works);
    }
  }

  protected override unmoved(): number {
    return (this.working > 0 ? this.workingSince : Date.now()) - this.workedMs;
  }

  /** Lets time pass until the condition holds; it is looked at before each move. */
  async passUntil(isOver: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isOver())) {
      if (!(await this.isQuiet())) await Promise.race([this.rest(), delay(LOOK_AGAIN_MS)]);
      else if (await isOver()) return;
      else if (this.nextWake) this.moveTo(new Date(Math.max(this.nextWake.getTime(), this.now().getTime())));
      else await delay(LOOK_AGAIN_MS);
    }
  }

  private async isQuiet(): Promise<boolean> {
    for (let turn = 0; turn < QUIET_TURNS; turn++) {
      if (this.working > 0) return false;
      await nextTurn();
    }
    return this.working === 0;
  }

  private rest(): Promise<void> {
    return this.working === 0 ? Promise.resolve() : new Promise((resolve) => this.tellRest.push(resolve));
  }

  private begin(works: number): void {
    if (this.working === 0) this.workingSince = Date.now();
    this.working += works;
  }

  private end(works: number): void {
    this.working -= works;
    if (this.working > 0) return;
    this.workedMs += Date.now() - this.workingSince;
    for (const tell of this.tellRest.splice(0)) tell();
  }
}
