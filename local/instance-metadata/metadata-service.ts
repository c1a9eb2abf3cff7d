import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ACCOUNT, REGION } from '../aws/aws-call';
import type { Node } from '../nodes/node';
import type { InstanceRole } from './instance-role';

export interface MetadataRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
}

export interface MetadataAnswer {
  status: number;
  body: string;
}

const TOKEN_PATH = '/latest/api/token';
const TTL_HEADER = 'x-aws-ec2-metadata-token-ttl-seconds';
const TOKEN_HEADER = 'x-aws-ec2-metadata-token';
const LONGEST_TTL_SECONDS = 21_600;

/** EC2's instance metadata service, version 2 only: nothing without a session token of this instance. What it does not know is 404. */
export class MetadataService {
  private readonly tokens = new Map<string, { instanceId: string; expiresAt: number }>();

  constructor(private readonly role: InstanceRole) {}

  /** What this node is answered. */
  answer(node: Node, { method, path, headers }: MetadataRequest): MetadataAnswer {
    if (path === TOKEN_PATH) return method === 'PUT' ? this.token(node, headers) : failure(405, 'Method Not Allowed');
    if (!this.isValid(node, headers[TOKEN_HEADER])) return failure(401, 'Unauthorized');
    if (method !== 'GET') return failure(405, 'Method Not Allowed');
    const body = this.document(node, path);
    return body === undefined ? failure(404, 'Not Found') : { status: 200, body };
  }

  private token({ instanceId }: Node, headers: IncomingHttpHeaders): MetadataAnswer {
    // Whoever was made to pass a request on (an open proxy on the instance) says so: it gets none.
    if (headers['x-forwarded-for'] !== undefined) return failure(403, 'Forbidden');
    const ttl = String(headers[TTL_HEADER] ?? '');
    if (!/^\d{1,5}$/.test(ttl) || Number(ttl) < 1 || Number(ttl) > LONGEST_TTL_SECONDS)
      return failure(400, 'Bad Request');
    const now = performance.now();
    for (const [old, { expiresAt }] of this.tokens) if (expiresAt <= now) this.tokens.delete(old);
    const token = randomBytes(40).toString('base64');
    this.tokens.set(token, { instanceId, expiresAt: now + Number(ttl) * 1000 });
    return { status: 200, body: token };
  }

  private isValid({ instanceId }: Node, token: string | string[] | undefined): boolean {
    const known = this.tokens.get(String(token ?? ''));
    return known !== undefined && known.instanceId === instanceId && known.expiresAt > performance.now();
  }

  private document(node: Node, path: string): string | undefined {
    switch (path) {
      case '/latest/meta-data/instance-id':
        return node.instanceId;
      case '/latest/meta-data/placement/availability-zone':
        return `${REGION}a`;
      case '/latest/meta-data/placement/region':
        return REGION;
      case '/latest/meta-data/iam/security-credentials':
      case '/latest/meta-data/iam/security-credentials/':
        return this.role.name;
      case `/latest/meta-data/iam/security-credentials/${this.role.name}`:
        return json(this.credentials(node));
      case '/latest/dynamic/instance-identity/document':
        return json(identity(node));
      default:
        return undefined;
    }
  }

  private credentials(node: Node): object {
    const { accessKeyId, secretAccessKey, sessionToken, issuedAt, expiresAt } = this.role.credentials(node);
    return {
      Code: 'Success',
      LastUpdated: seconds(issuedAt),
      Type: 'AWS-HMAC',
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      Token: sessionToken,
      Expiration: seconds(expiresAt),
    };
  }
}

function identity({ instanceId, privateIp }: Node): object {
  return {
    accountId: ACCOUNT,
    architecture: 'x86_64',
    availabilityZone: `${REGION}a`,
    imageId: 'ami-00000000000000000',
    instanceId,
    instanceType: 't3.medium',
    privateIp,
    region: REGION,
    version: '2017-09-30',
  };
}

/** As the real service writes it: with line breaks, and a space on both sides of a colon. */
const json = (value: object): string => JSON.stringify(value, undefined, 2).replace(/": /g, '" : ');

const seconds = (time: Date): string => time.toISOString().replace(/\.\d+Z$/, 'Z');

const failure = (status: number, what: string): MetadataAnswer => ({ status, body: `${status} - ${what}\n` });
