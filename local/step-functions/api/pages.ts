import { z } from 'zod';
import { AwsError } from '../../aws/aws-call';
import { paginate } from '../../aws/paginate';

/** Members of requests for lists. */
export const paging = {
  maxResults: z.number().int().min(0).max(1000).optional(),
  nextToken: z.string().max(1024).optional(),
};

/** One page, with the token's name as this API has it. @throws AwsError InvalidToken */
export function page<T>(
  all: T[],
  { maxResults, nextToken }: { maxResults?: number; nextToken?: string },
): { items: T[]; next: { nextToken?: string } } {
  try {
    const { items, NextToken } = paginate(all, maxResults || 100, nextToken);
    return { items, next: NextToken === undefined ? {} : { nextToken: NextToken } };
  } catch (thrown) {
    throw thrown instanceof AwsError ? new AwsError('InvalidToken', `Invalid Token: '${nextToken}'`) : thrown;
  }
}
