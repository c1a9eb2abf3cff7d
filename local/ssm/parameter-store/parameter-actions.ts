import { z } from 'zod';
import type { AwsAction, Permission } from '../../aws/aws-call';
import { checkedAction } from '../../aws/checked-action';
import { paginate } from '../../aws/paginate';
import {
  parameterArn,
  splitReference,
  type ParameterStore,
  type ParameterVersion,
  type StoredParameter,
} from './parameter-store';
import { put, putParameter } from './put-parameter';

const page = (most: number) => ({
  MaxResults: z.number().int().min(1).max(most).default(most),
  NextToken: z.string().optional(),
});
const decryption = { WithDecryption: z.boolean().default(false) };
const names = z.array(z.string()).min(1).max(10, 'at most 10 names are allowed');

const on =
  (action: string) =>
  ({ Name }: { Name: string }): Permission[] => [permission(action, Name)];
const permission = (action: string, name: string) => ({
  action: `ssm:${action}`,
  resource: parameterArn(splitReference(name).name),
});

export function parameterActions(store: ParameterStore): Record<string, AwsAction> {
  return {
    PutParameter: checkedAction('PutParameter', putParameter, {
      permissions: on('PutParameter'),
      run: (input) => put(store, input),
    }),
    GetParameter: checkedAction('GetParameter', z.strictObject({ Name: z.string(), ...decryption }), {
      permissions: on('GetParameter'),
      run: ({ Name, WithDecryption }) => ({ Parameter: read(store, Name, WithDecryption) }),
    }),
    GetParameters: checkedAction('GetParameters', z.strictObject({ Names: names, ...decryption }), {
      permissions: ({ Names }) => Names.map((name) => permission('GetParameters', name)),
      run: ({ Names, WithDecryption }) => {
        const known = Names.filter((name) => store.has(name));
        return {
          Parameters: known.map((name) => read(store, name, WithDecryption)),
          InvalidParameters: Names.filter((name) => !known.includes(name)),
        };
      },
    }),
    GetParametersByPath: checkedAction('GetParametersByPath', byPath, {
      permissions: ({ Path }) => [permission('GetParametersByPath', Path)],
      run: ({ Path, Recursive, WithDecryption, MaxResults, NextToken }) => {
        const folder = Path.endsWith('/') ? Path : `${Path}/`;
        const below = store
          .list()
          .filter(({ name }) => name.startsWith(folder) && (Recursive || !name.slice(folder.length).includes('/')));
        const { items, ...rest } = paginate(below, MaxResults, NextToken);
        return { Parameters: items.map(({ name }) => read(store, name, WithDecryption)), ...rest };
      },
    }),
    GetParameterHistory: checkedAction(
      'GetParameterHistory',
      z.strictObject({ Name: z.string(), ...decryption, ...page(50) }),
      {
        permissions: on('GetParameterHistory'),
        run: ({ Name, WithDecryption, MaxResults, NextToken }) => {
          const stored = store.get(Name);
          const { items, ...rest } = paginate(stored.versions, MaxResults, NextToken);
          const history = items.map((version) => ({
            ...metadata(stored, version),
            Value: WithDecryption ? version.value : version.encrypted,
          }));
          return { Parameters: history.map(({ ARN: _, ...one }) => one), ...rest };
        },
      },
    ),
    DeleteParameter: checkedAction('DeleteParameter', z.strictObject({ Name: z.string() }), {
      permissions: on('DeleteParameter'),
      run: ({ Name }) => {
        store.delete(store.get(Name).name);
        return {};
      },
    }),
    DeleteParameters: checkedAction('DeleteParameters', z.strictObject({ Names: names }), {
      permissions: ({ Names }) => Names.map((name) => permission('DeleteParameters', name)),
      run: ({ Names }) => {
        const deleted = Names.filter((name) => store.delete(name));
        return { DeletedParameters: deleted, InvalidParameters: Names.filter((name) => !deleted.includes(name)) };
      },
    }),
    DescribeParameters: checkedAction('DescribeParameters', describeParameters, {
      run: ({ ParameterFilters, MaxResults, NextToken }) => {
        const found = store.list().filter((stored) => ParameterFilters.every((filter) => isMet(filter, stored)));
        const { items, ...rest } = paginate(found, MaxResults, NextToken);
        return { Parameters: items.map((stored) => metadata(stored, stored.versions.at(-1)!)), ...rest };
      },
    }),
  };
}

const byPath = z.strictObject({
  Path: z.string().regex(/^\//, 'a path begins with /'),
  Recursive: z.boolean().default(false),
  ...decryption,
  ...page(10),
});

const filter = z.strictObject({
  Key: z.enum(['Name', 'Type', 'Tier']),
  Option: z.enum(['Equals', 'BeginsWith']).default('Equals'),
  Values: z.array(z.string()).min(1).max(50),
});
const describeParameters = z.strictObject({ ParameterFilters: z.array(filter).default([]), ...page(50) });

function isMet({ Key, Option, Values }: z.output<typeof filter>, { name, versions }: StoredParameter): boolean {
  const newest = versions.at(-1)!;
  const value = { Name: name, Type: newest.type, Tier: newest.tier }[Key];
  return Values.some((wanted) => (Option === 'Equals' ? value === wanted : value.startsWith(wanted)));
}

function read(store: ParameterStore, reference: string, decrypted: boolean) {
  const { stored, version } = store.version(reference);
  return {
    Name: stored.name,
    Type: version.type,
    Value: decrypted ? version.value : version.encrypted,
    Version: version.version,
    LastModifiedDate: version.modifiedAt,
    ARN: parameterArn(stored.name),
    DataType: 'text',
  };
}

const metadata = ({ name }: StoredParameter, version: ParameterVersion) => ({
  Name: name,
  ARN: parameterArn(name),
  Type: version.type,
  LastModifiedDate: version.modifiedAt,
  Version: version.version,
  Tier: version.tier,
  DataType: 'text',
  ...(version.type === 'SecureString' && { KeyId: 'alias/aws/ssm' }),
  ...(version.description !== undefined && { Description: version.description }),
  ...(version.allowedPattern !== undefined && { AllowedPattern: version.allowedPattern }),
});
