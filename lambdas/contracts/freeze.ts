import * as z from 'zod';

/** Key of a cluster's freeze in the lock table, beside the lock itself. No cluster's name has a slash. */
export const freezeKey = (cluster: string): string => `${cluster}/freeze`;
/** Every freeze, as a pattern for IAM's condition key `dynamodb:LeadingKeys`. */
export const EVERY_FREEZE = freezeKey('*');

/** A freeze that a person set through the API: nothing that changes nodes starts on this cluster while it stands. */
export const freezeRecord = z.object({
  cluster: z.string(),
  reason: z.string(),
  /** ARN of the IAM identity that set it. */
  who: z.string(),
  /** ISO 8601. */
  since: z.string(),
});
export type FreezeRecord = z.infer<typeof freezeRecord>;
