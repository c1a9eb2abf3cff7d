import { AwsError } from './aws-call';

export interface Page<T> {
  items: T[];
  /** Absent on the last page. */
  NextToken?: string;
}

/**
 * One page of a list. The token holds only the place in the list, so it stays good while nothing is added in front of it.
 * @throws AwsError InvalidNextToken when the token was not given out by a list.
 */
export function paginate<T>(all: T[], pageSize: number, nextToken?: string): Page<T> {
  const place = nextToken === undefined ? '0' : Buffer.from(nextToken, 'base64url').toString();
  const start = Number(place);
  if (!/^\d+$/.test(place) || start > all.length) {
    throw new AwsError('InvalidNextToken', `The NextToken "${nextToken}" is not one that this list gave out.`);
  }
  const end = start + pageSize;
  return {
    items: all.slice(start, end),
    ...(end < all.length && { NextToken: Buffer.from(String(end)).toString('base64url') }),
  };
}
