import { RE2JS } from 're2js';
import { z } from 'zod';

const count = z
  .union([z.number(), z.string().regex(/^\d+$/, 'expected a whole number').transform(Number)])
  .pipe(z.number().int().nonnegative());

/** A pattern of RE2, the regular expressions that the agent (Go) knows: no look-around, no back references. */
const pattern = z.string().superRefine((text, context) => {
  try {
    RE2JS.compile(text);
  } catch (error) {
    context.addIssue({
      code: 'custom',
      message: `"${text}" is not a regular expression of RE2 (${(error as Error).message})`,
    });
  }
});

const common = {
  description: z.string().optional(),
  displayType: z.enum(['textfield', 'textarea']).optional(),
  allowedValues: z
    .array(z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .min(1)
    .optional(),
};
const text = {
  allowedPattern: pattern.optional(),
  minChars: count.optional(),
  maxChars: count.optional(),
  /** ENV_VAR: the value reaches the script as $SSM_<name>, by agents from 3.3.2746.0 on. */
  interpolationType: z.enum(['ENV_VAR']).optional(),
};

/** A parameter that a document declares. */
export const documentParameter = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('String'), default: z.string().optional(), ...common, ...text }),
  z.strictObject({
    type: z.literal('StringList'),
    default: z.array(z.string()).optional(),
    minItems: count.optional(),
    maxItems: count.optional(),
    ...common,
    ...text,
  }),
  z.strictObject({ type: z.literal('Integer'), default: z.number().int().optional(), ...common }),
  z.strictObject({ type: z.literal('Boolean'), default: z.boolean().optional(), ...common }),
]);

export type DocumentParameter = z.output<typeof documentParameter>;
export type ParameterValue = string | string[] | number | boolean;
