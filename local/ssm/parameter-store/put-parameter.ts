import { RE2JS } from 're2js';
import { z } from 'zod';
import { AwsError } from '../../aws/aws-call';
import type { ParameterStore } from './parameter-store';

const MOST_BYTES = { Standard: 4096, Advanced: 8192 };
const MOST_LEVELS = 15;

const tagList = z.array(z.strictObject({ Key: z.string(), Value: z.string() }));

export const putParameter = z.strictObject({
  Name: z
    .string()
    .max(2048)
    .regex(/^[a-zA-Z0-9_.\-/]+$/, 'expected letters, digits, "_", ".", "-" and "/"')
    .regex(/^(?!\/?(aws|ssm))/i, 'a name must not begin with aws or ssm'),
  Value: z.string().min(1),
  Type: z.enum(['String', 'StringList', 'SecureString']).optional(),
  Overwrite: z.boolean().default(false),
  Tier: z.enum(['Standard', 'Advanced', 'Intelligent-Tiering']).default('Standard'),
  Description: z.string().max(1024).optional(),
  AllowedPattern: z.string().max(1024).optional(),
  DataType: z.literal('text', 'expected text').optional(),
  KeyId: z.literal('alias/aws/ssm', 'the local AWS has no KMS keys but alias/aws/ssm').optional(),
  Tags: tagList.default([]),
});

/** @throws AwsError ParameterAlreadyExists, ValidationException, HierarchyLevelLimitExceededException, ParameterPatternMismatchException. */
export function put(store: ParameterStore, input: z.output<typeof putParameter>) {
  const before = store.find(input.Name)?.versions.at(-1);
  if (before && !input.Overwrite) {
    throw new AwsError(
      'ParameterAlreadyExists',
      `There is already a parameter ${input.Name}; to change it, set Overwrite.`,
    );
  }
  if (input.Overwrite && input.Tags.length)
    throw invalid('Tags can only be given when a parameter is created, not with Overwrite.');
  const type = input.Type ?? before?.type;
  if (!type) throw invalid('A new parameter needs a Type: String, StringList or SecureString.');
  if (before && before.type !== type)
    throw invalid(`The parameter ${input.Name} is a ${before.type} and cannot become a ${type}.`);
  if (input.Name.split('/').filter(Boolean).length > MOST_LEVELS) {
    throw new AwsError(
      'HierarchyLevelLimitExceededException',
      `A name has at most ${MOST_LEVELS} levels: ${input.Name}.`,
    );
  }
  if (input.AllowedPattern !== undefined && !RE2JS.compile(input.AllowedPattern).matcher(input.Value).find()) {
    throw new AwsError(
      'ParameterPatternMismatchException',
      `The value does not match the allowed pattern ${input.AllowedPattern}.`,
    );
  }
  const version = store.put(
    input.Name,
    {
      type,
      value: input.Value,
      tier: tierFor(input.Value, input.Tier, before?.tier),
      ...(input.Description !== undefined && { description: input.Description }),
      ...(input.AllowedPattern !== undefined && { allowedPattern: input.AllowedPattern }),
    },
    Object.fromEntries(input.Tags.map(({ Key, Value }) => [Key, Value])),
  );
  return { Version: version.version, Tier: version.tier };
}

const invalid = (message: string) => new AwsError('ValidationException', message);

/** Intelligent-Tiering takes the cheapest that the value fits into; an advanced parameter never becomes a standard one again. */
function tierFor(
  value: string,
  wanted: 'Standard' | 'Advanced' | 'Intelligent-Tiering',
  before?: 'Standard' | 'Advanced',
) {
  const bytes = Buffer.byteLength(value);
  const fits = bytes <= MOST_BYTES.Standard ? 'Standard' : 'Advanced';
  const tier = before === 'Advanced' ? before : wanted === 'Intelligent-Tiering' ? fits : wanted;
  if (bytes > MOST_BYTES[tier]) {
    throw invalid(`A parameter of the ${tier} tier holds at most ${MOST_BYTES[tier]} bytes; the value has ${bytes}.`);
  }
  return tier;
}
