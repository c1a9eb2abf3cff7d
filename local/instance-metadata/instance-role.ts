import type { AccessKey, AccessKeys } from '../aws/access-keys';
import type { Iam } from '../iam/iam';
import type { Node } from '../nodes/node';

/** Real time: AWS SDKs on nodes compare it with their own clock. */
export interface RoleCredentials extends AccessKey {
  issuedAt: Date;
  expiresAt: Date;
}

const SIX_HOURS_MS = 6 * 3600_000;
/** AWS has new ones ready before the old ones end. */
const RENEWED_BEFORE_MS = 3600_000;

/** Name of the role of every node, and of the instance profile that holds it. */
export const NODE_ROLE = 'kubeadm-node';

/** The role of the instance profile that every node has, with what README.md says that nodes need. */
export class InstanceRole {
  readonly name = NODE_ROLE;
  private readonly arn: `arn:${string}`;
  private readonly current = new Map<string, RoleCredentials>();

  constructor(
    iam: Iam,
    private readonly accessKeys: AccessKeys,
  ) {
    this.arn = iam.createRole(this.name, '/', {
      Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    });
    iam.attach(this.arn, 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore', 'AmazonSSMManagedInstanceCore');
  }

  /** The session's name is the instance's id, as on EC2. */
  credentials({ instanceId }: Node): RoleCredentials {
    const now = Date.now();
    const known = this.current.get(instanceId);
    if (known && known.expiresAt.getTime() - now > RENEWED_BEFORE_MS) return known;
    const key = this.accessKeys.issue({ principal: this.arn, session: instanceId });
    const credentials = { ...key, issuedAt: new Date(now), expiresAt: new Date(now + SIX_HOURS_MS) };
    this.current.set(instanceId, credentials);
    return credentials;
  }
}
