import { parseData } from './parse-common';
import type { Reader } from './reader';
import type { Catcher, Retrier } from './types';

const isWhole = (value: number) => Number.isInteger(value);

/** Retry and Catch, with the defaults of the Amazon States Language. */
export function parseFailureHandling(reader: Reader): { retriers: Retrier[]; catchers: Catcher[] } {
  const retriers = reader.list('Retry');
  const catchers = reader.list('Catch');
  return {
    retriers: retriers.map((retrier, index) => parseRetrier(retrier, index === retriers.length - 1)),
    catchers: catchers.map((catcher, index) => parseCatcher(catcher, index === catchers.length - 1)),
  };
}

function parseRetrier(reader: Reader, isLast: boolean): Retrier {
  reader.allow('A retrier', [
    'Comment',
    'ErrorEquals',
    'IntervalSeconds',
    'MaxAttempts',
    'BackoffRate',
    'MaxDelaySeconds',
    'JitterStrategy',
  ]);
  const intervalSeconds =
    reader.number('IntervalSeconds', 'a whole number of seconds above 0', (value) => isWhole(value) && value > 0) ?? 1;
  const maxDelaySeconds = reader.number(
    'MaxDelaySeconds',
    'a whole number of seconds above IntervalSeconds and below 31622400',
    (value) => isWhole(value) && value > intervalSeconds && value < 31_622_400,
  );
  return {
    errorEquals: parseErrorEquals(reader, isLast),
    intervalSeconds,
    maxAttempts:
      reader.number(
        'MaxAttempts',
        'a whole number from 0 to 99999999',
        (value) => isWhole(value) && value >= 0 && value <= 99_999_999,
      ) ?? 3,
    backoffRate: reader.number('BackoffRate', 'a number of at least 1', (value) => value >= 1) ?? 2,
    ...(maxDelaySeconds !== undefined && { maxDelaySeconds }),
    fullJitter: reader.oneOf('JitterStrategy', ['FULL', 'NONE']) === 'FULL',
  };
}

function parseCatcher(reader: Reader, isLast: boolean): Catcher {
  reader.allow('A catcher', ['Comment', 'ErrorEquals', 'Next', 'Output', 'Assign']);
  reader.require('Next');
  return {
    errorEquals: parseErrorEquals(reader, isLast),
    next: reader.string('Next') ?? '',
    ...parseData(reader, 'errorOutput'),
  };
}

function parseErrorEquals(reader: Reader, isLast: boolean): string[] {
  reader.require('ErrorEquals');
  const { ErrorEquals: names } = reader.object;
  if (names === undefined) return [];
  if (
    !Array.isArray(names) ||
    !names.length ||
    !names.every((name): name is string => typeof name === 'string' && name !== '')
  ) {
    reader.wrong(
      `The field 'ErrorEquals' has to be a list of error names, not ${JSON.stringify(names)}`,
      'ErrorEquals',
    );
    return [];
  }
  if (names.includes('States.ALL') && (names.length > 1 || !isLast)) {
    reader.wrong("'States.ALL' has to stand alone, and in the last retrier or catcher", 'ErrorEquals');
  }
  return names;
}
