import { randomBytes } from 'node:crypto';
import type { Caller } from './aws-call';

export interface AccessKey {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

const USER: Caller = { principal: 'user' };

/**
 * Who is behind an access key. Signatures are not verified: the endpoint listens on the loopback only, and every key that was not
 * issued here is the account's owner anyway. The key id alone tells the app's roles apart.
 */
export class AccessKeys {
  private readonly callers = new Map<string, Caller>();

  /** A key that acts as this caller, as STS gives one to each execution environment of a Lambda function. */
  issue(caller: Caller): AccessKey {
    const accessKeyId = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
    this.callers.set(accessKeyId, caller);
    return {
      accessKeyId,
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: randomBytes(48).toString('base64'),
    };
  }

  /** `credential` is KEY/DATE/REGION/SERVICE/aws4_request from the Authorization header; absent: an unsigned request. */
  callerOf(credential: string | undefined): Caller {
    return this.callers.get(credential?.split('/')[0] ?? '') ?? USER;
  }
}
