import { isObject, kindOf } from '../json';
import type { Reader, Reads } from './reader';

/** Next or End: exactly one. */
export function parseNext(reader: Reader): { next?: string } {
  const next = reader.string('Next');
  const { End: end } = reader.object;
  if (end !== undefined && end !== true)
    reader.wrong(`The field 'End' has to be true, not ${JSON.stringify(end)}`, 'End');
  if ((next === undefined) === (end === undefined) && reader.object.Next === undefined) {
    reader.wrong("A state has to have either 'Next' or 'End'");
  }
  if (next !== undefined && end !== undefined) reader.wrong("A state cannot have both 'Next' and 'End'");
  return next === undefined ? {} : { next };
}

/** Output and Assign. */
export function parseData(reader: Reader, reads: Reads = 'input') {
  const output = reader.template('Output', reads);
  const assign = reader.template('Assign', reads);
  const variables = reader.object.Assign;
  if (variables !== undefined && !isObject(variables)) {
    reader.wrong(`The field 'Assign' has to be an object of variables, not ${kindOf(variables)}`, 'Assign');
  }
  for (const name of Object.keys(isObject(variables) ? variables : {})) {
    if (name === 'states' || !/^[\p{ID_Start}_][\p{ID_Continue}]{0,79}$/u.test(name)) {
      reader.wrong(
        `'${name}' cannot be a variable: 1 to 80 letters, digits or underscores, not beginning with a digit, and not "states"`,
        'Assign',
      );
    }
  }
  return { ...(output && { output }), ...(assign && { assign }) };
}
