import { NODE_STEPS, type NodeStepName } from '../../lib/node-access/node-steps';
import { definitions, librariesUsed } from '../helpers/library-use';
import { LIBRARIES, ownText, sourcedLibraries } from '../helpers/script-libraries';

const STEPS = Object.keys(NODE_STEPS) as NodeStepName[];

describe('libraries', () => {
  test.each(STEPS)('%s sources the libraries that it uses, and no others', (step) => {
    const used = librariesUsed(ownText(step), LIBRARIES);
    const listed = sourcedLibraries(step);
    const missing = used.filter(({ library }) => !listed.includes(library));
    const unused = listed.filter((library) => !used.some((use) => use.library === library));
    expect({ missing, unused }).toEqual({ missing: [], unused: [] });
  });

  test('each is used by a script', () => {
    const all = new Set(STEPS.flatMap(sourcedLibraries));
    expect([...LIBRARIES.keys()].filter((library) => !all.has(library))).toEqual([]);
  });

  test('a name is defined in one of them only', () => {
    const names = [...LIBRARIES.values()].flatMap(definitions);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});

describe('which libraries a script uses', () => {
  const libraries = new Map([
    ['lib/a', '# a\nA_LIMIT=3\na() { :; }\na_b() {\n  c_d "$1"\n}\n'],
    ['lib/c', 'C=$HOME\nc_d() {\n  echo "$D_TIME" # e_f\n}\n'],
    ['lib/d', 'D_TIME=1\nD_UNUSED=$(e_f)\n'],
    ['lib/e', 'e_f() { :; }\nword() { :; }\n'],
  ]);
  test.each([
    ['nothing', 'echo hello\n', []],
    ['a function', 'if a; then exit 1; fi\n', ['lib/a']],
    ['a variable', 'sleep $A_LIMIT\n', ['lib/a']],
    ['through other libraries, and what runs when they are sourced', 'a_b x\n', ['lib/a', 'lib/c', 'lib/d', 'lib/e']],
    ['through a function of its own', 'main() {\n  c_d\n}\nmain\n', ['lib/c', 'lib/d', 'lib/e']],
    ['not from a function that nothing calls', 'never_called() {\n  c_d\n}\n', []],
    ['a name as an argument', 'trap e_f EXIT\n', ['lib/e']],
    ['not a word of a message', 'echo "not a word of it"\n', []],
    ['not a comment', '# e_f\n', []],
    ['after a keyword, in a condition, in a subshell', 'until ! word; do x=$(a); done\n', ['lib/a', 'lib/e']],
  ])('%s', (_case, script, expected) => {
    expect(
      librariesUsed(script, libraries)
        .map(({ library }) => library)
        .sort(),
    ).toEqual(expected);
  });
});
