import { createCipheriv, randomBytes } from 'node:crypto';
import { ACCOUNT, AwsError, REGION } from '../../aws/aws-call';

export type ParameterType = 'String' | 'StringList' | 'SecureString';
export type Tier = 'Standard' | 'Advanced';

export interface ParameterVersion {
  version: number;
  type: ParameterType;
  value: string;
  /** What a reader without WithDecryption gets. */
  encrypted: string;
  tier: Tier;
  description?: string;
  allowedPattern?: string;
  modifiedAt: Date;
}

export interface StoredParameter {
  name: string;
  versions: ParameterVersion[];
  tags: Record<string, string>;
}

export const parameterArn = (name: string) => `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/${name.replace(/^\//, '')}`;

/** Parameters by name, with all their versions. */
export class ParameterStore {
  private readonly parameters = new Map<string, StoredParameter>();
  private readonly key = randomBytes(32);

  constructor(private readonly now: () => Date) {}

  find(name: string): StoredParameter | undefined {
    return this.parameters.get(name);
  }

  /** @throws AwsError ParameterNotFound. */
  get(name: string): StoredParameter {
    const stored = this.parameters.get(name);
    if (!stored) throw new AwsError('ParameterNotFound', `There is no parameter ${name}.`);
    return stored;
  }

  /**
   * `name`, `name:3` or an ARN.
   * @throws AwsError ParameterNotFound, ParameterVersionNotFound.
   */
  version(reference: string): { stored: StoredParameter; version: ParameterVersion } {
    const { name, number } = splitReference(reference);
    const stored = this.get(name);
    const version =
      number === undefined ? stored.versions.at(-1) : stored.versions.find((one) => one.version === number);
    if (!version) throw new AwsError('ParameterVersionNotFound', `The parameter ${name} has no version ${number}.`);
    return { stored, version };
  }

  /** Whether there is that parameter, and that version of it. */
  has(reference: string): boolean {
    const { name, number } = splitReference(reference);
    return !!this.find(name)?.versions.some(({ version }) => number === undefined || version === number);
  }

  put(
    name: string,
    content: Omit<ParameterVersion, 'version' | 'encrypted' | 'modifiedAt'>,
    tags: Record<string, string>,
  ): ParameterVersion {
    const stored = this.parameters.get(name) ?? { name, versions: [], tags };
    this.parameters.set(name, stored);
    const encrypted = content.type === 'SecureString' ? this.encrypt(content.value) : content.value;
    const version = {
      ...content,
      version: (stored.versions.at(-1)?.version ?? 0) + 1,
      encrypted,
      modifiedAt: this.now(),
    };
    stored.versions.push(version);
    return version;
  }

  delete(name: string): boolean {
    return this.parameters.delete(name);
  }

  list(): StoredParameter[] {
    return [...this.parameters.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Base64, as a ciphertext of KMS; nobody can decrypt it again. */
  private encrypt(value: string): string {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv);
    return Buffer.concat([
      Buffer.from('01020200', 'hex'),
      iv,
      cipher.update(value),
      cipher.final(),
      cipher.getAuthTag(),
    ]).toString('base64');
  }
}

export function splitReference(reference: string): { name: string; number?: number } {
  const [, arnName] = /^arn:aws:ssm:[^:]*:[^:]*:parameter(\/.*)$/.exec(reference) ?? [];
  // The ARN of "name" and that of "/name" look alike; a name with a further slash always begins with one.
  const plain = arnName === undefined ? reference : arnName.lastIndexOf('/') > 0 ? arnName : arnName.slice(1);
  const [, name, number] = /^(.*?)(?::(\d+))?$/.exec(plain)!;
  return { name: name!, ...(number !== undefined && { number: Number(number) }) };
}
