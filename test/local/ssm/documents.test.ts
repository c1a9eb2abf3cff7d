import { parseDocument } from '../../../local/ssm/documents/document';
import { substitute } from '../../../local/ssm/documents/substitute';
import { World } from './ssm-world';

const step = { action: 'aws:runShellScript', name: 'run', inputs: { runCommand: ['true'] } };
const base = { schemaVersion: '2.2', mainSteps: [step] };

describe('a document is read strictly', () => {
  test.each<[string, object, RegExp]>([
    ['an unknown field', { ...base, outputs: [] }, /does not know: outputs/],
    ['another schema', { ...base, schemaVersion: '1.2' }, /schemaVersion: expected "2.2"/],
    [
      'another plugin',
      { ...base, mainSteps: [{ ...step, action: 'aws:runPowerShellScript' }] },
      /mainSteps\[0\].action: expected aws:runShellScript/,
    ],
    [
      'an unknown field of a step',
      { ...base, mainSteps: [{ ...step, onFailure: 'exit' }] },
      /mainSteps\[0\] has a field .*: onFailure/,
    ],
    [
      'an unknown input',
      { ...base, mainSteps: [{ ...step, inputs: { runCommand: [''], shell: 'zsh' } }] },
      /inputs has a field .*: shell/,
    ],
    [
      'an unknown onFailure',
      { ...base, mainSteps: [{ ...step, inputs: { runCommand: [''], onFailure: 'retry' } }] },
      /onFailure/,
    ],
    ['no steps', { ...base, mainSteps: [] }, /mainSteps/],
    ['two steps of one name', { ...base, mainSteps: [step, step] }, /two steps have the name run/],
    [
      'an unknown precondition',
      { ...base, mainSteps: [{ ...step, precondition: { StringLike: ['a', 'b'] } }] },
      /StringLike/,
    ],
    ['an unknown type of parameter', { ...base, parameters: { a: { type: 'StringMap' } } }, /parameters.a.type/],
    [
      'an unknown field of a parameter',
      { ...base, parameters: { a: { type: 'String', minimum: 1 } } },
      /does not know: minimum/,
    ],
    [
      'an unknown interpolation',
      { ...base, parameters: { a: { type: 'String', interpolationType: 'env' } } },
      /interpolationType/,
    ],
    [
      'a name that the agent ignores',
      { ...base, parameters: { 'a-b': { type: 'String' } } },
      /letters and digits only/,
    ],
    [
      'look-ahead, which Go does not know',
      { ...base, parameters: { a: { type: 'String', allowedPattern: '^(?!x)' } } },
      /RE2/,
    ],
    [
      'a default against its own rules',
      { ...base, parameters: { a: { type: 'String', default: 'X', allowedPattern: '^[a-z]$' } } },
      /default of the parameter a/,
    ],
    [
      'a parameter that is not declared',
      { ...base, mainSteps: [{ ...step, inputs: { runCommand: ['echo {{ who }}'] } }] },
      /who, which is not declared/,
    ],
    [
      'Parameter Store references',
      { ...base, parameters: { a: { type: 'String', default: '{{ssm:x}}' } } },
      /does not resolve references/,
    ],
  ])('%s is an error that names it', (_what, content, message) => {
    expect(() => parseDocument(JSON.stringify(content))).toThrow(message);
    expect(() => parseDocument(JSON.stringify(content))).toThrow(
      expect.objectContaining({ code: 'InvalidDocumentContent' }),
    );
  });

  test('YAML is read as well', () => {
    const yaml =
      "schemaVersion: '2.2'\nmainSteps:\n  - action: aws:runShellScript\n    name: run\n    inputs:\n      runCommand: ['true']\n";
    expect(parseDocument(yaml, 'YAML').mainSteps[0]!.name).toBe('run');
  });

  test('64 KB are the limit', () => {
    const content = JSON.stringify({ ...base, description: 'x'.repeat(64 * 1024) });
    expect(() => parseDocument(content)).toThrow(expect.objectContaining({ code: 'MaxDocumentSizeExceeded' }));
  });
});

describe('textual substitution, as the agent does it', () => {
  test.each([
    ['echo {{ who }} {{who}}', { who: 'a b' }, 'echo a b a b'],
    ['echo {{names}}', { names: ['n1', 'n2'] }, 'echo ["n1","n2"]'],
    ['echo {{on}} {{count}}', { on: true, count: 3 }, 'echo true 3'],
    ['{{ names }}', { names: ['a', 'b'] }, ['a', 'b']],
    ['echo {{a}}', { a: '{{b}}', b: 'again' }, 'echo {{b}}'],
    ['echo {{ other }}', { a: 'x' }, 'echo {{ other }}'],
    ['echo {{a}}', { a: 'price $$5 $& $1' }, 'echo price $5 $& $1'],
    ['echo {{a}}', { a: ['<&>'] }, 'echo ["\\u003c\\u0026\\u003e"]'],
  ])('%s with %j', (text, values, expected) => {
    expect(substitute(text, values as never)).toEqual(expected);
  });
});

describe('documents through the API', () => {
  const Content = JSON.stringify(base);
  const changed = JSON.stringify({ ...base, description: 'second' });
  let world: World;
  beforeEach(() => (world = new World()));
  afterEach(() => world.stop());

  test('versions: an update is a new one and not yet the default', async () => {
    await world.call('CreateDocument', { Name: 'my-document', Content });
    const { DocumentDescription } = await world.call('UpdateDocument', {
      Name: 'my-document',
      Content: changed,
      DocumentVersion: '$LATEST',
    });
    expect(DocumentDescription).toMatchObject({
      DocumentVersion: '2',
      LatestVersion: '2',
      DefaultVersion: '1',
      Description: 'second',
    });
    expect((await world.call('GetDocument', { Name: 'my-document' })).Content).toBe(Content);
    expect((await world.call('GetDocument', { Name: 'my-document', DocumentVersion: '$LATEST' })).Content).toBe(
      changed,
    );

    await world.call('UpdateDocumentDefaultVersion', { Name: 'my-document', DocumentVersion: '2' });
    expect((await world.call('GetDocument', { Name: 'my-document' })).DocumentVersion).toBe('2');
  });

  test('the hash is the SHA-256 of the content', async () => {
    await world.call('CreateDocument', { Name: 'my-document', Content });
    const { createHash } = await import('node:crypto');
    const { Document } = await world.call('DescribeDocument', { Name: 'my-document' });
    expect(Document).toMatchObject({ Hash: createHash('sha256').update(Content).digest('hex'), HashType: 'Sha256' });
  });

  test('errors have the names of the API', async () => {
    await world.call('CreateDocument', { Name: 'my-document', Content });
    const error = (action: string, input: Record<string, unknown>) =>
      world.call(action, input).then(
        () => 'none',
        ({ code }) => code,
      );
    expect(await error('CreateDocument', { Name: 'my-document', Content })).toBe('DocumentAlreadyExists');
    expect(await error('CreateDocument', { Name: 'aws-mine', Content })).toBe('ValidationException');
    expect(await error('CreateDocument', { Name: 'other', Content: '{' })).toBe('InvalidDocumentContent');
    expect(await error('UpdateDocument', { Name: 'my-document', Content })).toBe('DuplicateDocumentContent');
    expect(await error('GetDocument', { Name: 'none' })).toBe('InvalidDocument');
    expect(await error('GetDocument', { Name: 'my-document', DocumentVersion: '7' })).toBe('InvalidDocumentVersion');
    await world.call('DeleteDocument', { Name: 'my-document' });
    expect(await error('DescribeDocument', { Name: 'my-document' })).toBe('InvalidDocument');
  });

  test('lists by prefix, in pages', async () => {
    for (const Name of ['app-b', 'app-a', 'other']) await world.call('CreateDocument', { Name, Content });
    const Filters = [{ Key: 'Name', Values: ['app-'] }];
    const first = await world.call('ListDocuments', { Filters, MaxResults: 1 });
    expect(first.DocumentIdentifiers.map(({ Name }: { Name: string }) => Name)).toEqual(['app-a']);
    const second = await world.call('ListDocuments', { Filters, MaxResults: 1, NextToken: first.NextToken });
    expect(second).toEqual({ DocumentIdentifiers: [expect.objectContaining({ Name: 'app-b' })] });
  });
});
