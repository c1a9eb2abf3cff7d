import { World } from './ssm-world';

let world: World;
beforeEach(() => (world = new World()));
afterEach(() => world.stop());

const put = (Name: string, Value: string, more: Record<string, unknown> = {}) =>
  world.call('PutParameter', { Name, Value, Type: 'String', ...more });
const code = (action: string, input: Record<string, unknown>) =>
  world.call(action, input).then(
    () => 'none',
    (error) => error.code,
  );

test('versions: overwriting needs to be asked for', async () => {
  expect(await put('/app/a', 'one')).toEqual({ Version: 1, Tier: 'Standard' });
  expect(await code('PutParameter', { Name: '/app/a', Value: 'two', Type: 'String' })).toBe('ParameterAlreadyExists');
  expect(await world.call('PutParameter', { Name: '/app/a', Value: 'two', Overwrite: true })).toEqual({
    Version: 2,
    Tier: 'Standard',
  });
  const value = async (Name: string) => (await world.call('GetParameter', { Name })).Parameter;
  expect(await value('/app/a')).toMatchObject({
    Value: 'two',
    Version: 2,
    Type: 'String',
    DataType: 'text',
    LastModifiedDate: expect.any(Date),
  });
  expect((await value('/app/a:1')).Value).toBe('one');
  expect((await value('arn:aws:ssm:eu-central-1:000000000000:parameter/app/a')).Value).toBe('two');
  expect(await code('GetParameter', { Name: '/app/a:3' })).toBe('ParameterVersionNotFound');
  expect(await code('GetParameter', { Name: '/app/b' })).toBe('ParameterNotFound');
  const { Parameters } = await world.call('GetParameterHistory', { Name: '/app/a' });
  expect(Parameters.map(({ Value }: { Value: string }) => Value)).toEqual(['one', 'two']);
});

test('a SecureString is readable only WithDecryption', async () => {
  await put('/app/secret', 'token-123', { Type: 'SecureString' });
  const read = async (input: object) =>
    (await world.call('GetParameter', { Name: '/app/secret', ...input })).Parameter.Value;
  expect(await read({ WithDecryption: true })).toBe('token-123');
  const encrypted = await read({});
  expect(encrypted).toMatch(/^AQICA[A-Za-z0-9+/=]{30,}$/);
  expect(Buffer.from(encrypted, 'base64').toString()).not.toContain('token-123');
  expect((await world.call('GetParameters', { Names: ['/app/secret'] })).Parameters[0].Value).toBe(encrypted);
  expect(JSON.stringify(await world.call('DescribeParameters'))).not.toContain('token-123');
});

test('tiers and their limits', async () => {
  expect(await code('PutParameter', { Name: 'a', Value: 'x'.repeat(4097), Type: 'String' })).toBe(
    'ValidationException',
  );
  expect(await put('a', 'x'.repeat(4096))).toMatchObject({ Tier: 'Standard' });
  expect(await put('b', 'x'.repeat(4097), { Tier: 'Intelligent-Tiering' })).toMatchObject({ Tier: 'Advanced' });
  expect(await put('c', 'x'.repeat(8192), { Tier: 'Advanced' })).toMatchObject({ Tier: 'Advanced' });
  expect(await put('c', 'x', { Overwrite: true })).toMatchObject({ Tier: 'Advanced' });
  expect(await code('PutParameter', { Name: 'd', Value: 'x'.repeat(8193), Type: 'String', Tier: 'Advanced' })).toBe(
    'ValidationException',
  );
});

test('what is not valid is refused', async () => {
  expect(await code('PutParameter', { Name: 'a b', Value: 'x', Type: 'String' })).toBe('ValidationException');
  expect(await code('PutParameter', { Name: '/aws/x', Value: 'x', Type: 'String' })).toBe('ValidationException');
  expect(await code('PutParameter', { Name: 'a', Value: 'x' })).toBe('ValidationException');
  expect(await code('PutParameter', { Name: 'a', Value: 'x', Type: 'String', AllowedPattern: '^\\d+$' })).toBe(
    'ParameterPatternMismatchException',
  );
  expect(await code('PutParameter', { Name: 'x/'.repeat(16), Value: 'x', Type: 'String' })).toBe(
    'HierarchyLevelLimitExceededException',
  );
  expect(await code('PutParameter', { Name: 'a', Value: 'x', Type: 'String', KeyId: 'alias/mine' })).toBe(
    'ValidationException',
  );
  await put('a', 'x');
  expect(await code('PutParameter', { Name: 'a', Value: 'x', Type: 'SecureString', Overwrite: true })).toBe(
    'ValidationException',
  );
});

test('GetParameters tells which names there are not', async () => {
  await put('a', '1');
  expect(await world.call('GetParameters', { Names: ['a', 'b', 'a:9'] })).toMatchObject({
    Parameters: [{ Name: 'a' }],
    InvalidParameters: ['b', 'a:9'],
  });
});

test('by path, one level or all, in pages', async () => {
  for (const name of ['/app/b', '/app/a', '/app/deep/c', '/apple/d']) await put(name, name);
  const names = async (input: object) =>
    (await world.call('GetParametersByPath', { Path: '/app', ...input })).Parameters.map(
      ({ Name }: { Name: string }) => Name,
    );
  expect(await names({})).toEqual(['/app/a', '/app/b']);
  expect(await names({ Recursive: true })).toEqual(['/app/a', '/app/b', '/app/deep/c']);
  expect(await names({ Path: '/none' })).toEqual([]);
  const page = await world.call('GetParametersByPath', { Path: '/app', MaxResults: 1 });
  expect(await names({ MaxResults: 1, NextToken: page.NextToken })).toEqual(['/app/b']);
});

test('delete, describe and tags', async () => {
  await put('/app/a', 'x', { Description: 'why', Tags: [{ Key: 'k', Value: 'v' }] });
  await put('/app/b', 'x');
  await world.call('AddTagsToResource', {
    ResourceType: 'Parameter',
    ResourceId: '/app/a',
    Tags: [{ Key: 'l', Value: 'w' }],
  });
  await world.call('RemoveTagsFromResource', { ResourceType: 'Parameter', ResourceId: '/app/a', TagKeys: ['k'] });
  expect(
    (await world.call('ListTagsForResource', { ResourceType: 'Parameter', ResourceId: '/app/a' })).TagList,
  ).toEqual([{ Key: 'l', Value: 'w' }]);
  expect(
    await code('AddTagsToResource', { ResourceType: 'Parameter', ResourceId: 'x', Tags: [{ Key: 'l', Value: 'w' }] }),
  ).toBe('InvalidResourceId');
  const described = await world.call('DescribeParameters', {
    ParameterFilters: [{ Key: 'Name', Option: 'BeginsWith', Values: ['/app/a'] }],
  });
  expect(described.Parameters).toEqual([
    expect.objectContaining({ Name: '/app/a', Description: 'why', Tier: 'Standard' }),
  ]);
  expect(await world.call('DeleteParameters', { Names: ['/app/b', 'no'] })).toEqual({
    DeletedParameters: ['/app/b'],
    InvalidParameters: ['no'],
  });
  await world.call('DeleteParameter', { Name: '/app/a' });
  expect(await code('DeleteParameter', { Name: '/app/a' })).toBe('ParameterNotFound');
});

test('IAM is asked by ARN', () => {
  const permissions = (action: string, input: Record<string, unknown>) =>
    world.ssm.actions[action]!.permissions!(input);
  const arn = 'arn:aws:ssm:eu-central-1:000000000000:parameter/app/a';
  expect(permissions('GetParameter', { Name: '/app/a:3' })).toEqual([{ action: 'ssm:GetParameter', resource: arn }]);
  expect(permissions('GetParameters', { Names: ['/app/a', 'b'] })).toEqual([
    { action: 'ssm:GetParameters', resource: arn },
    { action: 'ssm:GetParameters', resource: 'arn:aws:ssm:eu-central-1:000000000000:parameter/b' },
  ]);
  expect(permissions('GetParametersByPath', { Path: '/app/a' })).toEqual([
    { action: 'ssm:GetParametersByPath', resource: arn },
  ]);
  expect(world.ssm.actions['DescribeInstanceInformation']!.permissions).toBeUndefined();
});
