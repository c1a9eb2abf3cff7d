import { createHash } from 'node:crypto';
import { ACCOUNT, AwsError, REGION } from '../../aws/aws-call';
import { parseDocument, type CommandDocument } from './document';
import { z } from 'zod';

export interface DocumentVersion {
  name: string;
  /** 1, 2, 3 ... as text. */
  version: string;
  content: string;
  format: 'JSON' | 'YAML';
  /** SHA-256 of the content, hexadecimal. */
  hash: string;
  createdAt: Date;
  document: CommandDocument;
}

export interface StoredDocument {
  name: string;
  versions: DocumentVersion[];
  defaultVersion: string;
  tags: Record<string, string>;
  targetType?: string;
}

const tags = z.array(z.strictObject({ Key: z.string(), Value: z.string() })).default([]);

export const newDocument = z.strictObject({
  Name: z
    .string()
    .regex(
      /^(?!aws|amazon|amzn|AWS|Amazon)[a-zA-Z0-9_\-.]{3,128}$/,
      'expected 3 to 128 letters, digits, "_", "-" or ".", not beginning with aws',
    ),
  Content: z.string(),
  DocumentFormat: z.enum(['JSON', 'YAML']).default('JSON'),
  DocumentType: z.literal('Command').default('Command'),
  TargetType: z.string().optional(),
  Tags: tags,
});

export const documentArn = (name: string) => `arn:aws:ssm:${REGION}:${ACCOUNT}:document/${name}`;

/** The Command documents of the account and their versions. */
export class DocumentStore {
  private readonly documents = new Map<string, StoredDocument>();

  constructor(private readonly now: () => Date) {}

  /** @throws AwsError DocumentAlreadyExists, InvalidDocumentContent. */
  create(properties: z.output<typeof newDocument>): StoredDocument {
    const { Name, Content, DocumentFormat, Tags, TargetType } = properties;
    if (this.documents.has(Name)) throw new AwsError('DocumentAlreadyExists', `There is already a document ${Name}.`);
    const stored: StoredDocument = {
      name: Name,
      versions: [this.version(Name, '1', Content, DocumentFormat)],
      defaultVersion: '1',
      tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
      ...(TargetType !== undefined && { targetType: TargetType }),
    };
    this.documents.set(Name, stored);
    return stored;
  }

  /** A new version; the default stays where it is, as with the real one. */
  addVersion(name: string, content: string, format: 'JSON' | 'YAML'): DocumentVersion {
    const stored = this.get(name);
    const version = this.version(stored.name, String(stored.versions.length + 1), content, format);
    if (stored.versions.some(({ hash }) => hash === version.hash)) {
      throw new AwsError(
        'DuplicateDocumentContent',
        `The document ${stored.name} has a version with just this content already.`,
      );
    }
    stored.versions.push(version);
    return version;
  }

  delete(name: string): void {
    this.documents.delete(this.get(name).name);
  }

  list(): StoredDocument[] {
    return [...this.documents.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** By name or ARN. @throws AwsError InvalidDocument. */
  get(nameOrArn: string): StoredDocument {
    const name = nameOrArn.replace(/^arn:aws:ssm:[^:]*:[^:]*:document\//, '');
    const stored = this.documents.get(name);
    if (!stored) throw new AwsError('InvalidDocument', `There is no document ${name}.`);
    return stored;
  }

  /** @throws AwsError InvalidDocument, InvalidDocumentVersion. */
  getVersion(name: string, version = '$DEFAULT'): DocumentVersion {
    const { versions, defaultVersion } = this.get(name);
    const wanted = version === '$DEFAULT' ? defaultVersion : version === '$LATEST' ? versions.at(-1)!.version : version;
    const found = versions.find((candidate) => candidate.version === wanted);
    if (!found)
      throw new AwsError(
        'InvalidDocumentVersion',
        `The document ${name} has no version ${version}; it has 1 to ${versions.length}.`,
      );
    return found;
  }

  private version(name: string, version: string, content: string, format: 'JSON' | 'YAML'): DocumentVersion {
    const document = parseDocument(content, format);
    const hash = createHash('sha256').update(content).digest('hex');
    return { name, version, content, format, hash, createdAt: this.now(), document };
  }
}
