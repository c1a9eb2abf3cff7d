import { duration } from '../../domain/text/time-left';

const TOLERATED_SECONDS = 5 * 60;
/** Nodes answer at the same moment, but this function may hear of it as late as a command may take. */
const LATEST_ANSWER_SECONDS = 30 * 60;

/** A sentence for each node whose clock is more than 5 minutes off: ahead of ours, or behind ours and the other nodes'. */
export function findClockSkew(nodes: { name: string; checkedAt: string }[], now: Date): string[] {
  const clocks = nodes
    .map(({ name, checkedAt }) => ({ name, ahead: (Date.parse(checkedAt) - now.getTime()) / 1000 }))
    .filter(({ ahead }) => !Number.isNaN(ahead));
  const sane = clocks
    .map(({ ahead }) => ahead)
    .filter((ahead) => ahead <= TOLERATED_SECONDS && ahead >= -LATEST_ANSWER_SECONDS);
  // Several nodes tell when the command ran; one alone can only be compared with our clock.
  const ranAt = sane.length > 1 ? Math.min(0, Math.max(...sane)) : 0;
  return clocks.flatMap(({ name, ahead }) => {
    const off = ahead > 0 ? ahead : ahead - ranAt;
    if (Math.abs(off) <= TOLERATED_SECONDS) return [];
    const direction = off > 0 ? 'ahead' : 'behind';
    return [
      `The clock of ${name} is ${duration(off)} ${direction}: certificates seem valid there at other times than elsewhere; look at its time service.`,
    ];
  });
}
