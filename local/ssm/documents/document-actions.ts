import { z } from 'zod';
import { ACCOUNT, type AwsAction, type Permission } from '../../aws/aws-call';
import { checkedAction } from '../../aws/checked-action';
import { paginate } from '../../aws/paginate';
import type { DocumentStore, DocumentVersion, StoredDocument } from './document-store';
import { documentArn, newDocument } from './document-store';

const version = z.string().regex(/^(\$LATEST|\$DEFAULT|[1-9]\d*)$/, 'expected $LATEST, $DEFAULT or a number');
const named = z.strictObject({ Name: z.string(), DocumentVersion: version.optional() });

/** CreateDocument, GetDocument and their kind: only what deployments and people who look around need. */
export function documentActions(documents: DocumentStore): Record<string, AwsAction> {
  const on =
    (action: string) =>
    (input: { Name: string }): Permission[] => [{ action: `ssm:${action}`, resource: documentArn(input.Name) }];
  return {
    CreateDocument: checkedAction('CreateDocument', newDocument, {
      permissions: on('CreateDocument'),
      run: (input) => {
        const stored = documents.create(input);
        return { DocumentDescription: describe(stored, stored.versions[0]!) };
      },
    }),
    UpdateDocument: checkedAction(
      'UpdateDocument',
      named.extend({
        Content: z.string(),
        DocumentFormat: z.enum(['JSON', 'YAML']).default('JSON'),
        TargetType: z.string().optional(),
      }),
      {
        permissions: on('UpdateDocument'),
        run: ({ Name, Content, DocumentVersion, DocumentFormat }) => {
          if (DocumentVersion) documents.getVersion(Name, DocumentVersion);
          return {
            DocumentDescription: describe(documents.get(Name), documents.addVersion(Name, Content, DocumentFormat)),
          };
        },
      },
    ),
    UpdateDocumentDefaultVersion: checkedAction('UpdateDocumentDefaultVersion', named.required(), {
      permissions: on('UpdateDocumentDefaultVersion'),
      run: ({ Name, DocumentVersion }) => {
        documents.get(Name).defaultVersion = documents.getVersion(Name, DocumentVersion).version;
        return { Description: { Name, DefaultVersion: documents.get(Name).defaultVersion } };
      },
    }),
    DescribeDocument: checkedAction('DescribeDocument', named, {
      permissions: on('DescribeDocument'),
      run: ({ Name, DocumentVersion }) => ({
        Document: describe(documents.get(Name), documents.getVersion(Name, DocumentVersion)),
      }),
    }),
    GetDocument: checkedAction('GetDocument', named.extend({ DocumentFormat: z.enum(['JSON', 'YAML']).optional() }), {
      permissions: on('GetDocument'),
      run: ({ Name, DocumentVersion }) => {
        const found = documents.getVersion(Name, DocumentVersion);
        return {
          Name: found.name,
          CreatedDate: found.createdAt,
          DocumentVersion: found.version,
          Status: 'Active',
          Content: found.content,
          DocumentType: 'Command',
          DocumentFormat: found.format,
        };
      },
    }),
    DeleteDocument: checkedAction('DeleteDocument', named.omit({ DocumentVersion: true }), {
      permissions: on('DeleteDocument'),
      run: ({ Name }) => {
        documents.delete(Name);
        return {};
      },
    }),
    ListDocuments: checkedAction('ListDocuments', listDocuments, {
      run: ({ Filters, MaxResults, NextToken }) => {
        const prefixes = Filters.flatMap(({ Values }) => Values);
        const found = documents
          .list()
          .filter(({ name }) => !prefixes.length || prefixes.some((prefix) => name.startsWith(prefix)));
        const page = paginate(found, MaxResults, NextToken);
        return {
          DocumentIdentifiers: page.items.map((stored) => identify(stored)),
          ...(page.NextToken && { NextToken: page.NextToken }),
        };
      },
    }),
  };
}

const listDocuments = z.strictObject({
  Filters: z
    .array(z.strictObject({ Key: z.literal('Name', 'expected Name'), Values: z.array(z.string()).min(1) }))
    .default([]),
  MaxResults: z.number().int().min(1).max(50).default(50),
  NextToken: z.string().optional(),
});

const tagList = (tags: Record<string, string>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

function identify({ name, defaultVersion, tags, targetType }: StoredDocument) {
  return {
    Name: name,
    Owner: ACCOUNT,
    DocumentVersion: defaultVersion,
    DocumentType: 'Command',
    SchemaVersion: '2.2',
    DocumentFormat: 'JSON',
    PlatformTypes: ['Linux', 'MacOS'],
    Tags: tagList(tags),
    ...(targetType !== undefined && { TargetType: targetType }),
  };
}

function describe(stored: StoredDocument, version: DocumentVersion) {
  return {
    ...identify(stored),
    Hash: version.hash,
    HashType: 'Sha256',
    CreatedDate: version.createdAt,
    Status: 'Active',
    DocumentVersion: version.version,
    DocumentFormat: version.format,
    Description: version.document.description ?? '',
    Parameters: Object.entries(version.document.parameters).map(([Name, parameter]) => ({
      Name,
      Type: parameter.type === 'StringList' ? 'StringList' : 'String',
      Description: parameter.description ?? '',
      ...(parameter.default !== undefined && {
        DefaultValue: typeof parameter.default === 'string' ? parameter.default : JSON.stringify(parameter.default),
      }),
    })),
    LatestVersion: stored.versions.at(-1)!.version,
    DefaultVersion: stored.defaultVersion,
  };
}
