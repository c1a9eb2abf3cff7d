import fc from '../../helpers/property';
import { matchesWildcard } from '../../../local/iam/wildcards';

test.each<[string, string, boolean]>([
  ['*', '', true],
  ['', '', true],
  ['', 'a', false],
  ['?', '', false],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['a*c', 'abbc', true],
  ['a*c*', 'abcd', true],
  ['*bc', 'abcbc', true],
  ['*bc', 'abcb', false],
  ['**', 'x', true],
  ['a.c', 'abc', false],
  ['arn:*:x/*', 'arn:aws:ssm:x/a\nb', true],
])('%j matches %j: %s', (pattern, text, matches) => expect(matchesWildcard(pattern, text)).toBe(matches));

test('many stars: it ends, however often the text nearly matches', () => {
  expect(matchesWildcard(`${'*a'.repeat(50)}b`, 'a'.repeat(5000))).toBe(false);
  expect(matchesWildcard(`${'*a'.repeat(50)}*`, 'a'.repeat(5000))).toBe(true);
});

test('as the regular expression of the same meaning', () => {
  const text = (letters: string) => fc.array(fc.constantFrom(...letters), { maxLength: 8 }).map((all) => all.join(''));
  fc.assert(
    fc.property(text('ab*?'), text('ab'), (pattern, given) => {
      const same = new RegExp(`^${pattern.replace(/\*+/g, '.*').replace(/\?/g, '.')}$`);
      expect(matchesWildcard(pattern, given)).toBe(same.test(given));
    }),
  );
});
