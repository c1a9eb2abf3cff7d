import * as z from 'zod';

/** Of an operation, at AWS list prices. */
export const operationCost = z.object({
  planned: z.object({ stateTransitions: z.number(), dollars: z.number() }).optional(),
  stateTransitions: z.number().int(),
  /** Of functions that states invoke; those that events invoke cost less than a tenth of that. */
  lambdaInvocations: z.number().int(),
  lambdaSeconds: z.number(),
  dollars: z.number(),
  /** false: there were more executions than were counted, so it was more. */
  complete: z.boolean(),
});
export type OperationCost = z.infer<typeof operationCost>;
