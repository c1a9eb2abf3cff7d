import * as z from 'zod';
import { runOnNodesInput } from './run-on-nodes';

/** EventBridge's "Step Functions Execution Status Change" of RunOnNodes, from Step Functions to the Lambda `tell-progress`. */
export const stepExecutionChanged = z.object({
  detail: z.object({
    status: z.string(),
    /** Milliseconds since 1970. */
    startDate: z.number(),
    stopDate: z.number().nullish(),
    /** JSON texts; null when they were too large for the event. */
    input: z.string().nullish(),
    output: z.string().nullish(),
    cause: z.string().nullish(),
  }),
});

/** The input of RunOnNodes, to which Step Functions adds the execution that started it. */
export const stepRequest = z.object(runOnNodesInput.shape);
