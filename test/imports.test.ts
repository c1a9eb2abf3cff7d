import { cyclesIn, importsOf } from './helpers/imports';

const CONTRACTS = 'lambdas/contracts/';
/** From which folders of the project the files of a folder may import. The first folder that a file is in counts. */
const LAYERS: [folder: string, from: string[]][] = [
  [CONTRACTS, [CONTRACTS]],
  ['lambdas/', ['lambdas/']],
  ['lib/', ['lib/', CONTRACTS]],
  ['bin/', ['lib/', CONTRACTS]],
  // What people type, on this machine; it counts with the prices of the reports.
  ['local/commands/', ['local/', 'cli/', CONTRACTS, 'lambdas/domain/cost/']],
  ['local/', ['local/', CONTRACTS]],
  // A report is drawn where it is asked for, and versions are put into words there.
  [
    'cli/',
    [
      'cli/',
      CONTRACTS,
      'lambdas/domain/report/',
      'lambdas/domain/text/',
      'lambdas/domain/versions/',
      'tools/launch.mjs',
    ],
  ],
  ['bench/', ['bench/', 'local/', CONTRACTS]],
];

const imports = importsOf(['bin', 'lib', 'lambdas', 'local', 'cli', 'bench']);
const pairs = Object.entries(imports).flatMap(([file, imported]) => imported.map((one) => [file, one] as const));

test('no file imports itself, directly or through others', () => {
  expect(cyclesIn(imports)).toEqual([]);
});

test.each(LAYERS)('%s imports only from %j', (folder, from) => {
  const isIn = (file: string) => LAYERS.find(([layer]) => file.startsWith(layer))?.[0] === folder;
  const isOfProject = (imported: string) => /\.(ts|js|mjs)$/.test(imported) && !imported.startsWith('node_modules/');
  expect(
    pairs
      .filter(([file, imported]) => isIn(file) && isOfProject(imported))
      .filter(([, imported]) => !from.some((allowed) => imported.startsWith(allowed)))
      .map((pair) => pair.join(' imports ')),
  ).toEqual([]);
});

test('contracts need no package but zod', () => {
  const packages = pairs.filter(([file, imported]) => file.startsWith(CONTRACTS) && !imported.endsWith('.ts'));
  expect([...new Set(packages.map(([, name]) => name))]).toEqual(['zod']);
});

test('only lib and bin know the CDK', () => {
  const cdk = pairs.filter(([, imported]) => /^(aws-cdk-lib|constructs|cdk-nag)($|\/)/.test(imported));
  expect(cdk.filter(([file]) => !/^(bin|lib)\//.test(file))).toEqual([]);
});

test('type-only imports and packages are seen', () => {
  expect(imports['local/step-functions/engine/run.ts']).toContain('local/clock.ts');
  expect(imports['local/step-functions/timestamp.ts']).toContain('zod');
});

test.each<[string, Record<string, string[]>, string[][]]>([
  ['a tree', { a: ['b', 'c'], b: ['d'], c: ['d'], d: ['zod'] }, []],
  ['itself', { a: ['a'] }, [['a']]],
  ['two', { a: ['b'], b: ['a'] }, [['a', 'b']]],
  ['a ring of three beside a chain', { z: ['a'], a: ['b'], b: ['c', 'd'], c: ['a'], d: [] }, [['a', 'b', 'c']]],
  [
    'two rings that touch each other one way',
    { a: ['b'], b: ['a', 'c'], c: ['d'], d: ['c'] },
    [
      ['c', 'd'],
      ['a', 'b'],
    ],
  ],
  ['a diamond with a way back', { a: ['b', 'c'], b: ['d'], c: ['d'], d: ['b'] }, [['b', 'd']]],
])('cycles of %s', (_name, graph, expected) => {
  expect(cyclesIn(graph)).toEqual(expected);
});
