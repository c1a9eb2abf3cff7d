import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import fc from '../helpers/property';

const READER = readFileSync(join(__dirname, '../../scripts/lib/core/yaml.sh'), 'utf8');
/** No kubectl: what the reader itself does not take is given up. */
const PROGRAM = `${READER}\nlimited() { return 1; }\nyaml_paths "$TEXT" && printf '%s' "$REPLY"`;

const TRICKY = [
  ...[
    '--x=y',
    "it's",
    'say "x"',
    'x: y',
    '# no',
    'a # b',
    '- z',
    '[a]',
    '{b}',
    'a,b',
    '*',
    '&a',
    '!t',
    '0.0.0.0',
    '::',
    'true',
    '1',
  ],
  ...[
    'https://a:1/b#c',
    'ends:',
    'back\\slash',
    '%',
    '@x',
    '`y',
    '?',
    '? q',
    '|',
    '>',
    "'",
    '"',
    'a:b',
    ':a',
    '-',
    '--',
    '$(touch x)',
  ],
  ...[
    '--feature-gates=A=true,B=false',
    'a text that is long enough to be folded where lines have a limit of characters',
  ],
];
const text = fc.constantFrom(...TRICKY);
const { document } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, text, fc.array(tie('value'), { minLength: 1, maxLength: 3 }), tie('map')),
  map: fc.dictionary(fc.constantFrom('a', 'b-c', 'd.e/f', 'g h', 'kind', '0x'), tie('value'), {
    minKeys: 1,
    maxKeys: 3,
  }),
  document: fc.record({ top: tie('value'), other: tie('map') }),
}));
const style = fc.constantFrom<(value: unknown) => string>(
  (value) => stringify(value),
  (value) => stringify(value, { lineWidth: 40, indentSeq: false }),
  (value) => stringify(value, { defaultStringType: 'QUOTE_SINGLE' }),
  (value) => stringify(value, { defaultStringType: 'QUOTE_DOUBLE', lineWidth: 30 }),
  (value) => stringify(value, { collectionStyle: 'flow', lineWidth: 40 }),
  (value) => JSON.stringify(value),
  (value) => JSON.stringify(value, null, 4),
);

function paths(value: unknown, path: string[] = []): string[] {
  if (value === null || typeof value !== 'object') return [`${path.join('.')}=${String(value)}`];
  return Object.entries(value).flatMap(([key, inner]) => paths(inner, [...path, key]));
}

test('whatever style a YAML library writes, the scripts read what it means', () => {
  fc.assert(
    fc.property(document, style, (value, write) => {
      const written = write(value);
      const { status, stdout } = spawnSync('bash', ['-c', PROGRAM], {
        env: { ...process.env, TEXT: written },
        encoding: 'utf8',
      });
      expect({ written, status, read: stdout.split('\n') }).toEqual({ written, status: 0, read: paths(value) });
    }),
    { numRuns: 150 },
  );
});
