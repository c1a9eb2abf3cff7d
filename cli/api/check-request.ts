import type * as z from 'zod';
import { ROUTES, type RouteName } from '../../lambdas/contracts/api/routes';
import { requestedOptions, type OperationName } from '../../lambdas/contracts/operation';
import { describeProblems } from '../../lambdas/domain/text/describe-problem';
import { CliError, EXIT } from '../exit';

/**
 * What the API would refuse, by the same contracts, before anything is sent: in a sentence about the command, and not about a request.
 * @throws CliError refused
 */
export function checkRequest(
  name: RouteName,
  { parameters, query, body }: { parameters: object; query: object; body: unknown },
): void {
  const route = ROUTES[name];
  // An operation as the API has told of it, with more than its id, is also what may be asked about.
  const inPath = Object.keys(route.parameters.shape);
  check(route.parameters, Object.fromEntries(Object.entries(parameters).filter(([field]) => inPath.includes(field))));
  check(route.query, query);
  if ('body' in route)
    check(
      route.body === 'options' ? requestedOptions((parameters as { operation: OperationName }).operation) : route.body,
      body ?? {},
    );
}

function check(schema: z.ZodType, value: unknown): void {
  const { error } = schema.safeParse(value);
  if (!error) return;
  throw new CliError(
    EXIT.refused,
    `Not valid: ${describeProblems(error, value)}.`,
    'The same command with --help says what it takes.',
    'InvalidInput',
  );
}
