import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a sender signs: `v0:<time stamp>:<body>`, with HMAC-SHA256. Slack's scheme, and that of the signed webhook. */
export interface SignedDelivery {
  /** Seconds since 1970, as the header has it. */
  timestamp: string | undefined;
  /** `v0=<hex>`. */
  signature: string | undefined;
  /** The bytes as they were sent. */
  body: Buffer;
}

/** How far a delivery's time stamp may be from now, into the past and into the future. */
export const WINDOW_SECONDS = 300;

/** Why a delivery is not the sender's, or not of now; undefined when it is. The sentence holds nothing of the signature. */
export function findFault({ timestamp, signature, body }: SignedDelivery, secret: string, now: Date) {
  if (timestamp === undefined || !/^[0-9]{10}$/.test(timestamp)) return 'it has no time stamp of ten digits';
  if (signature === undefined || !/^v0=[0-9a-f]{64}$/.test(signature)) return 'it has no signature of version 0';
  const age = Math.floor(now.getTime() / 1000) - Number(timestamp);
  if (Math.abs(age) > WINDOW_SECONDS)
    return `its time stamp is ${Math.abs(age)} seconds in the ${age > 0 ? 'past' : 'future'}`;
  // Both have the same length: the form of the one that was sent is checked above.
  const expected = Buffer.from(sign(secret, timestamp, body));
  return timingSafeEqual(expected, Buffer.from(signature)) ? undefined : 'its signature does not match';
}

export const sign = (secret: string, timestamp: string, body: Buffer): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`;
