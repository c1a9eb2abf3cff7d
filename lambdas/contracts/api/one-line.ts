import * as z from 'zod';

/** No control, direction or formatting characters, or line separators; written so that every library can read it. */
export const ONE_LINE =
  /^[^\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]*$/u;

/** A sentence or a few words of a person. */
export const reason = z
  .string()
  .trim()
  .min(1, 'must say why')
  .max(180, 'must be at most 180 characters')
  .regex(ONE_LINE, 'must be one line without control characters');
