import { readlinkSync, symlinkSync, unlinkSync } from 'node:fs';

const LOCK_MS = 120_000;

/**
 * Acts, unless it is done, while no other test file does: what takes seconds of both cores, where several files begin at once.
 * @param lock path of a link that is the lock, in a folder that exists
 */
export function oneAtATime(lock: string, isDone: () => boolean, act: () => void): void {
  // Two that act at once, should an owner take longer, do no harm.
  const end = Date.now() + LOCK_MS;
  while (!isDone() && !isTaken(lock) && Date.now() < end) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
  if (isDone()) return unlock(lock);
  try {
    act();
  } finally {
    unlock(lock);
  }
}

/** The lock is a link that names its owner's process; one whose owner has been killed is removed, to be taken at the next try. */
function isTaken(lock: string): boolean {
  try {
    symlinkSync(String(process.pid), lock);
    return true;
  } catch {
    const owner = ownerOf(lock);
    if (owner !== undefined && !isAlive(owner)) unlock(lock);
    return false;
  }
}

/** Not by rmSync, which leaves a link to nothing in some releases of Node.js 24. */
function unlock(lock: string): void {
  try {
    unlinkSync(lock);
  } catch {
    // It has been given back.
  }
}

/** undefined when the lock has just been given back. */
function ownerOf(lock: string): number | undefined {
  try {
    return Number(readlinkSync(lock));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
