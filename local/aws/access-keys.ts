import { randomBytes } from 'node:crypto';
import type { Caller } from './aws-call';
import { AwsError } from './aws-call';

export interface AccessKey {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

const USER: Caller = { principal: 'user' };
/** Access key and secret of the account's owner, for those who verify signatures. */
const OWNERS_KEY = 'local';

/** Whose key a request may be signed with: of the app's roles and the nodes', or any at all, which stands for the account's owner. */
export type AcceptedKeys = 'any' | 'issued';

/**
 * Who is behind an access key. Services do not verify signatures, but those of presigned URLs (HTTP APIs verify all): the key's id tells the app's roles
 * apart, and its session token has to come with it. On the loopback every key that was not issued here is the account's owner.
 */
export class AccessKeys {
  private readonly issued = new Map<string, { caller: Caller } & AccessKey>();

  /** A key that acts as this caller, as STS gives one to each execution environment of a Lambda function and to each instance. */
  issue(caller: Caller): AccessKey {
    const accessKeyId = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
    const sessionToken = randomBytes(48).toString('base64');
    const key: AccessKey = { accessKeyId, secretAccessKey: randomBytes(30).toString('base64'), sessionToken };
    this.issued.set(accessKeyId, { caller, ...key });
    return key;
  }

  /** What requests with this key, or with a credential that begins with it, are signed with; undefined for a key that is nobody's. */
  secretOf(credential: string): string | undefined {
    const accessKeyId = credential.split('/')[0]!;
    return accessKeyId === OWNERS_KEY ? OWNERS_KEY : this.issued.get(accessKeyId)?.secretAccessKey;
  }

  /**
   * `credential` is KEY/DATE/REGION/SERVICE/aws4_request from the Authorization header; absent: an unsigned request.
   * @throws AwsError UnrecognizedClientException for a key that is not accepted, or one without its session token.
   */
  callerOf(credential: string | undefined, sessionToken: string | undefined, accepted: AcceptedKeys): Caller {
    const found = this.issued.get(credential?.split('/')[0] ?? '');
    if (!found && accepted === 'any') return USER;
    if (found && found.sessionToken === sessionToken) return found.caller;
    throw new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
}
