import { createHash, randomUUID } from 'node:crypto';
import jsonata from 'jsonata';
import type { Clock } from '../../clock';

/** A function that expressions can call: its JavaScript and its JSONata signature. */
export interface ExpressionFunction {
  // JSONata checks the arguments against the signature.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  implementation: (...args: any[]) => unknown;
  signature: string;
}

const HASHES: Record<string, string> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** What Step Functions adds to JSONata (AWS, "JSONata functions provided by Step Functions"), and the time, which follows the clock. */
export function stepFunctions(clock: Clock): Record<string, ExpressionFunction> {
  const format = jsonata('$fromMillis($millis, $picture, $zone)');
  const plainFormat = jsonata('$fromMillis($millis)');
  const now = (picture?: string, zone?: string) => {
    const millis = clock.now().getTime();
    return picture === undefined
      ? plainFormat.evaluate(undefined, { millis })
      : format.evaluate(undefined, { millis, picture, zone });
  };
  return {
    partition: { implementation: partition, signature: '<an:a>' },
    range: { implementation: range, signature: '<nnn:x>' },
    hash: { implementation: hash, signature: '<ss:s>' },
    random: { implementation: random, signature: '<n?:n>' },
    uuid: { implementation: () => randomUUID(), signature: '<:s>' },
    parse: { implementation: (text: string) => JSON.parse(text), signature: '<s:x>' },
    millis: { implementation: () => clock.now().getTime(), signature: '<:n>' },
    now: { implementation: now, signature: '<s?s?:s>' },
  };
}

function partition(array: unknown[], size: number): unknown[][] {
  if (!(size >= 1)) throw new RangeError(`$partition needs chunks of at least 1 element, not ${size}.`);
  const length = Math.floor(size);
  return Array.from({ length: Math.ceil(array.length / length) }, (_, index) =>
    array.slice(index * length, (index + 1) * length),
  );
}

/** From first to last, both included where the step meets it. One number is no list, and none is nothing: a sequence of JSONata. */
function range(first: number, last: number, step: number): number[] | number | undefined {
  if (step === 0) throw new RangeError('$range needs a step other than 0.');
  const length = Math.max(0, Math.floor((last - first) / step) + 1);
  if (length < 2) return length === 0 ? undefined : first;
  return Array.from({ length }, (_, index) => first + index * step);
}

function hash(text: string, algorithm: string): string {
  const name = HASHES[algorithm];
  if (!name) throw new RangeError(`$hash knows ${Object.keys(HASHES).join(', ')}, not ${algorithm}.`);
  return createHash(name).update(text, 'utf8').digest('hex');
}

/** In [0, 1). The same seed gives the same number (mulberry32; AWS does not say which generator it has). */
function random(seed?: number): number {
  if (seed === undefined) return Math.random();
  let state = (Math.trunc(seed) + 0x6d2b79f5) | 0;
  state = Math.imul(state ^ (state >>> 15), state | 1);
  state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
  return ((state ^ (state >>> 14)) >>> 0) / 2 ** 32;
}
