/** An error as Step Functions passes it on. */
export interface Failure {
  error: string;
  cause: string;
  /** Where RunOnNodes named them. */
  node?: string;
  step?: string;
}

/** Nested machines and Lambdas wrap an error a few times; more is no error of ours. */
const DEEPEST = 10;

/**
 * The innermost error. A nested execution's failure comes as States.TaskFailed with its DescribeExecution as JSON, a Lambda's with
 * {errorType, errorMessage}, one of RunOnNodes with {node, step, message}; each may sit in another.
 */
export function unwrapFailure(error: string | undefined, cause: string | undefined, depth = 0): Failure {
  const outer: Failure = { error: error || 'States.TaskFailed', cause: cause ?? '' };
  const json = depth < DEEPEST ? parseObject(outer.cause) : undefined;
  if (!json) return outer;
  const text = (key: string) => (typeof json[key] === 'string' ? json[key] : undefined);

  if (text('errorType') !== undefined || text('errorMessage') !== undefined) {
    return unwrapFailure(text('errorType') ?? outer.error, text('errorMessage'), depth + 1);
  }
  if (text('Error') !== undefined || text('Cause') !== undefined) {
    return unwrapFailure(text('Error') ?? outer.error, text('Cause'), depth + 1);
  }
  if (text('Status') !== undefined && text('ExecutionArn') !== undefined) {
    const name = text('Name') ?? text('ExecutionArn');
    return text('Status') === 'TIMED_OUT'
      ? { error: 'States.Timeout', cause: `The nested execution ${name} ran out of time` }
      : { error: outer.error, cause: `The nested execution ${name} ended as ${text('Status')}` };
  }
  if (text('message') !== undefined) {
    const inner = unwrapFailure(text('error') ?? outer.error, text('message'), depth + 1);
    return {
      ...inner,
      ...(text('node') ? { node: text('node') } : {}),
      ...(text('step') ? { step: text('step') } : {}),
    };
  }
  // JSON of a form that nobody knows is a payload, which does not belong into a message.
  return { error: outer.error, cause: '' };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // Step Functions cuts causes at 32,768 characters: what is left of such JSON is no sentence.
    return {};
  }
}
